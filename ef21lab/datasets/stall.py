"""The stall problem: every node wants the tensor that classical HOSVD maps to zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.datasets.base import PerNode, Table

SHAPE = (2, 2, 2)
D = 8


@dataclass(frozen=True)
class Stall(PerNode):
    """Least squares with λ = 0 on these rows is f(x) = ½‖x − W‖² on every node: the 8 rows √8 I, targets √8 vec(W).

    W = e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁. At x = 0 the gradient is −W: truncated to ranks (1, 1, 1), classical HOSVD sends
    the zero tensor, so EF21 never leaves; ST-HOSVD and the tensor train send a third of its energy, and EF21 converges.
    """

    name = "stall"
    label = Text("Stall of HOSVD", "Застревание HOSVD")
    about = Text(
        "f(x) = ½‖x − W‖² on every node (least squares, λ = 0), W a 2×2×2 tensor; from x⁰ = 0 with ranks 1 HOSVD never moves.",
        "f(x) = ½‖x − W‖² на каждом узле (наименьшие квадраты, λ = 0), W — тензор 2×2×2; из x⁰ = 0 с рангами 1 HOSVD не сдвинется.",
    )
    order = 82
    origin = Text(
        "Made for this lab: the smallest tensor whose leading vectors miss all of its energy.",
        "Придумано для этой лаборатории: наименьший тензор, ведущие векторы которого не видят его энергии.",
    )

    @property
    def numbers_of_node(self) -> int:
        return D**2

    def load_for(self, nodes: int) -> Table:
        features = np.tile(np.sqrt(D) * np.eye(D), (nodes, 1))  # (8 nodes, 8)
        return Table(features, features @ wanted().reshape(-1), (), SHAPE).read_only()


def wanted() -> np.ndarray:
    """W, (2, 2, 2)."""
    tensor = np.zeros(SHAPE)
    tensor[0, 0, 1] = tensor[0, 1, 0] = tensor[1, 0, 0] = 1.0
    return tensor
