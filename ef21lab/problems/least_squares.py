"""Least squares with a ridge term."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table
from ef21lab.problems._linear import LinearProblem, classifier, constants, lay_out
from ef21lab.problems._regularisers import Ridge, strength
from ef21lab.problems.base import Coordinate, Objective
from ef21lab.problems.held_out import Classifier

Array = Any


class SquaredLoss:
    """ℓ(z, b) = (z − b)²/2."""

    outputs = 1
    curvature = 1.0
    least_curvature = 1.0

    def __init__(self, targets: np.ndarray) -> None:
        self.targets = targets  # (rows,)

    def of(self, rows: slice) -> SquaredLoss:
        return SquaredLoss(self.targets[rows])

    def prepare(self, margins: Array) -> Array:
        margins -= self.targets
        return margins

    def value(self, residual: Array) -> Array:
        return 0.5 * residual[:, 0] ** 2

    def slope(self, residual: Array) -> Array:
        return residual


@dataclass(frozen=True)
class LeastSquares(Objective):
    """fᵢ(x) = (1/2mᵢ)‖Aᵢx − bᵢ‖² + (λ/2)‖x‖²; Lᵢ = λ_max(AᵢᵀAᵢ)/mᵢ + λ, μ likewise from the smallest eigenvalue."""

    name = "least_squares"
    label = Text("Least squares", "Наименьшие квадраты")
    about = Text("Squared error of a linear model plus (λ/2)‖x‖².", "Квадрат ошибки линейной модели плюс (λ/2)‖x‖².")
    order = 20
    tasks = frozenset({"two classes", "regression"})

    lam: float = strength(0.01)

    def on(self, table: Table, node_of_row: np.ndarray, nodes: int) -> LinearProblem:
        if len(table.classes) > 2:
            raise Refusal(
                Text(
                    "least squares needs real targets or two classes; this dataset has {classes:class|classes} — choose softmax",
                    "наименьшим квадратам нужны числа-ответы или два класса, а здесь {classes:класс|класса|классов} — выберите softmax",
                ).format(classes=len(table.classes))
            )
        order = lay_out(table, node_of_row, nodes)
        loss, regulariser = SquaredLoss(order.rowwise(table.labels)), Ridge(self.lam)
        bounds = partial(constants, table, node_of_row, nodes, loss, regulariser)
        return LinearProblem(order.products, loss, regulariser, bounds, table.shape)

    def classifier(self, table: Table) -> Classifier | None:
        return classifier(table) if table.classes else None

    def coordinates(self, table: Table) -> tuple[Coordinate, ...]:
        return tuple(map(Coordinate, table.columns))

    def literal(self, x: np.ndarray, row: np.ndarray, label: Any, classes: int) -> float:
        return (row @ x - label) ** 2 / 2 + self.lam / 2 * sum(v * v for v in x)
