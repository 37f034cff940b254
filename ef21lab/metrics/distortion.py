"""How wrong the master is."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.channels.norms import distance_sq
from ef21lab.choices.text import Text
from ef21lab.metrics.base import Array, Metric, Moment


@dataclass(frozen=True)
class Distortion(Metric):
    """G = (1/n) Σ ‖gᵢ − ∇fᵢ(x)‖²."""

    name = "distortion"
    label = Text("distortion G", "искажение G")
    about = Text("How far what the master believes is from the gradients.", "Как далеко градиенты от того, что знает о них сервер.")
    order = 20

    def measure(self, moment: Moment) -> Array:
        return moment.channel.mean(distance_sq(moment.algorithm.estimates(moment.state), moment.gradients))
