"""The loss."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text, same
from ef21lab.metrics.base import Array, Metric, Moment


@dataclass(frozen=True)
class Loss(Metric):
    """f(x), and the penalty where the method minimises f + a penalty."""

    name = "loss"
    label = same("f")
    about = Text("The loss, with the penalty where the method has one.", "Значение f вместе со штрафом, если он есть у метода.")
    order = 0

    def measure(self, moment: Moment) -> Array:
        return moment.channel.pooled(moment.state.point.loss()) + moment.algorithm.penalty(moment.state.x)
