"""Logistic regression with the nonconvex regulariser: the problem of the EF21 experiments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.datasets.base import Table
from ef21lab.problems._linear import LinearProblem, classifier
from ef21lab.problems._logistic import logistic_problem
from ef21lab.problems._regularisers import Nonconvex, strength
from ef21lab.problems.base import Coordinate, Objective
from ef21lab.problems.held_out import Classifier


@dataclass(frozen=True)
class LogisticNonconvex(Objective):
    """fᵢ(x) = (1/mᵢ) Σⱼ log(1 + exp(−y_ij a_ijᵀx)) + λ Σ_k x_k²/(1 + x_k²); Lᵢ = λ_max(AᵢᵀAᵢ)/(4mᵢ) + 2λ. EF21 (2021), §5."""

    name = "logistic_nonconvex"
    label = Text("Logistic, nonconvex regulariser", "Логистическая регрессия с невыпуклым регуляризатором")
    about = Text(
        "Logistic regression plus λ Σ x²/(1 + x²), as in the EF21 paper.",
        "Логистическая регрессия плюс λ Σ x²/(1 + x²), как в статье об EF21.",
    )
    order = 0
    tasks = frozenset({"two classes"})

    lam: float = strength(0.1)

    def on(self, table: Table, node_of_row: np.ndarray, nodes: int) -> LinearProblem:
        return logistic_problem(table, node_of_row, nodes, Nonconvex(self.lam))

    def classifier(self, table: Table) -> Classifier:
        return classifier(table)

    def coordinates(self, table: Table) -> tuple[Coordinate, ...]:
        return tuple(map(Coordinate, table.columns))

    def literal(self, x: np.ndarray, row: np.ndarray, label: Any, classes: int) -> float:
        return float(np.log(1 + np.exp(-label * (row @ x)))) + self.lam * sum(v * v / (1 + v * v) for v in x)
