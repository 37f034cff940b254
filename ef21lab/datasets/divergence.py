"""The divergence example: three nodes on which compression without memory runs away from the minimum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import PerNode, Table

DIRECTIONS = np.array([[-3.0, 2.0, 2.0], [2.0, -3.0, 2.0], [2.0, 2.0, -3.0]])  # aᵢ


@dataclass(frozen=True)
class Divergence(PerNode):
    """Least squares with λ = 1/2 on these rows is fᵢ(x) = ⟨aᵢ, x⟩² + ¼‖x‖² (Beznosikov et al. 2023, Example 1).

    Node i holds the one row √2 aᵢ, target 0. From x⁰ = (1, 1, 1) the largest coordinate of every node's gradient is the one that pulls
    the wrong way: x⁺ = x − γ mean Top-1(∇fᵢ(x)) is (1 + 11γ/6) x, whatever γ is. The nodes are three, or several copies of
    the three, which leave f and every such round as they are.
    """

    name = "divergence"
    label = Text("Divergence example", "Пример расходимости")
    about = Text(
        "Three nodes, one row each; with least squares, λ = 1/2 and x⁰ = (1, 1, 1), Top-1 without error feedback "
        "diverges at every step size.",
        "Три узла по одной строке; с наименьшими квадратами, λ = 1/2 и x⁰ = (1, 1, 1) Top-1 без обратной связи по ошибке "
        "расходится при любом шаге.",
    )
    order = 80
    origin = Text(
        "Beznosikov, Horváth, Richtárik, Safaryan (2023), On Biased Compression for Distributed Learning, Example 1.",
        "Beznosikov, Horváth, Richtárik, Safaryan (2023), On Biased Compression for Distributed Learning, пример 1.",
    )
    usual_nodes = len(DIRECTIONS)

    def load_for(self, nodes: int) -> Table:
        copies, left = divmod(nodes, len(DIRECTIONS))
        if left or not copies:
            raise Refusal(NOT_THREES.format(nodes=nodes))
        features = np.sqrt(2.0) * np.tile(DIRECTIONS, (copies, 1))  # (nodes, 3)
        return Table(features, np.zeros(nodes), (), (3,)).read_only()


NOT_THREES = Text(
    "the divergence example has three nodes or copies of the three, got {nodes}; nodes must be a multiple of 3: 3, 6, 9, …",
    "в примере расходимости три узла или несколько копий этой тройки, а узлов {nodes}; число узлов должно делиться на 3: 3, 6, 9, …",
)
