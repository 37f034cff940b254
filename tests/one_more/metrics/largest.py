"""The largest coordinate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.metrics.base import Array, Metric, Moment


@dataclass(frozen=True)
class Largest(Metric):
    """max |xₖ|."""

    name = "largest"
    label = Text("largest coordinate", "наибольшая координата")
    about = Text("The largest coordinate of x by magnitude.", "Наибольшая по модулю координата x.")

    def measure(self, moment: Moment) -> Array:
        return np.abs(moment.state.x).max(axis=-1)
