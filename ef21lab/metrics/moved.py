"""How far x went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.channels.norms import norm_sq
from ef21lab.choices.text import Text, same
from ef21lab.metrics.base import Array, Metric, Moment


@dataclass(frozen=True)
class Moved(Metric):
    """‖x⁺ − x‖²; nan in round 0."""

    name = "moved"
    label = same("‖x⁺ − x‖²")
    about = Text("The squared length of the last step.", "Квадрат длины последнего шага.")
    order = 30

    def measure(self, moment: Moment) -> Array:
        x = moment.state.x
        return np.full(len(x), np.nan) if moment.before is None else norm_sq(x - moment.before)
