"""How far x is from stationary."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.channels.norms import norm_sq
from ef21lab.choices.text import Text, same
from ef21lab.metrics.base import Array, Metric, Moment


@dataclass(frozen=True)
class GradNormSq(Metric):
    """‖∇f(x)‖²; of the gradient mapping where the method minimises f + a penalty."""

    name = "grad_norm_sq"
    label = same("‖∇f‖²")
    about = Text("The squared norm of the gradient.", "Квадрат нормы градиента.")
    order = 10

    def measure(self, moment: Moment) -> Array:
        mean = moment.channel.mean(moment.gradients)  # (lanes, d): ∇f(x)
        return norm_sq(moment.algorithm.stationarity(moment.state, mean, moment.gammas))
