"""Logistic regression with the ridge regulariser: strongly convex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.datasets.base import Table
from ef21lab.problems._linear import LinearProblem, classifier
from ef21lab.problems._logistic import logistic_problem
from ef21lab.problems._regularisers import Ridge, strength
from ef21lab.problems.base import Coordinate, Objective
from ef21lab.problems.held_out import Classifier


@dataclass(frozen=True)
class LogisticRidge(Objective):
    """fᵢ(x) = (1/mᵢ) Σⱼ log(1 + exp(−y_ij a_ijᵀx)) + (λ/2)‖x‖²; Lᵢ = λ_max(AᵢᵀAᵢ)/(4mᵢ) + λ, μ = λ."""

    name = "logistic_ridge"
    label = Text("Logistic, ridge", "Логистическая регрессия с риджем")
    about = Text("Logistic regression plus (λ/2)‖x‖²: strongly convex.", "Логистическая регрессия плюс (λ/2)‖x‖²: сильно выпуклая.")
    order = 10
    tasks = frozenset({"two classes"})

    lam: float = strength(0.01)

    def on(self, table: Table, node_of_row: np.ndarray, nodes: int) -> LinearProblem:
        return logistic_problem(table, node_of_row, nodes, Ridge(self.lam))

    def classifier(self, table: Table) -> Classifier:
        return classifier(table)

    def coordinates(self, table: Table) -> tuple[Coordinate, ...]:
        return tuple(map(Coordinate, table.columns))

    def literal(self, x: np.ndarray, row: np.ndarray, label: Any, classes: int) -> float:
        return float(np.log(1 + np.exp(-label * (row @ x)))) + self.lam / 2 * sum(v * v for v in x)
