"""Softmax regression on C classes: x is the C × p weight matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table
from ef21lab.problems._linear import LinearProblem, classifier, constants, lay_out
from ef21lab.problems._regularisers import Ridge, strength
from ef21lab.problems.base import Coordinate, Objective
from ef21lab.problems.held_out import Classifier

Array = Any


class _Exponentials(NamedTuple):
    shifted: Array  # (lanes, C, rows) margins less their maximum over classes
    exponentials: Array
    total: Array  # (lanes, 1, rows)


class SoftmaxLoss:
    """ℓ(z, c) = log Σ_b exp(z_b) − z_c; its Hessian diag(p) − ppᵀ has eigenvalues at most 1/2 (Böhning 1992)."""

    curvature = 0.5
    least_curvature = 0.0

    def __init__(self, classes: np.ndarray, outputs: int) -> None:
        self.classes, self.outputs = classes, outputs  # (rows,) c of every row, of 0..C − 1
        self._own = (slice(None), classes, np.arange(len(classes)))  # where z_c of every row stands in (lanes, C, rows)

    def of(self, rows: slice) -> SoftmaxLoss:
        return SoftmaxLoss(self.classes[rows], self.outputs)

    def prepare(self, margins: Array) -> _Exponentials:
        margins -= margins.max(axis=1, keepdims=True)
        exponentials = np.exp(margins)
        return _Exponentials(margins, exponentials, exponentials.sum(axis=1, keepdims=True))

    def value(self, prepared: _Exponentials) -> Array:
        shifted, _, total = prepared
        return np.log(total[:, 0]) - shifted[self._own]

    def slope(self, prepared: _Exponentials) -> Array:
        _, slopes, total = prepared
        slopes /= total
        slopes[self._own] -= 1.0
        return slopes


@dataclass(frozen=True)
class Softmax(Objective):
    """fᵢ(X) = (1/mᵢ) Σⱼ (log Σ_c exp(x_cᵀa_j) − x_{y_j}ᵀa_j) + (λ/2)‖X‖²; Lᵢ ≤ λ_max(AᵢᵀAᵢ)/(2mᵢ) + λ, μ = λ."""

    name = "softmax"
    label = Text("Softmax regression", "Softmax-регрессия")
    about = Text(
        "One weight vector per class; x folds naturally to classes × features.",
        "По вектору весов на класс; x естественно сворачивается в тензор классы × признаки.",
    )
    order = 30
    tasks = frozenset({"two classes", "many classes"})

    lam: float = strength(0.01)

    def on(self, table: Table, node_of_row: np.ndarray, nodes: int) -> LinearProblem:
        count = len(table.classes)
        if count < 2:
            raise Refusal(
                Text(
                    "softmax needs classes; this dataset has real targets — choose least_squares",
                    "softmax нужны классы, а здесь вещественные ответы — выберите least_squares",
                )
            )
        order = lay_out(table, node_of_row, nodes)
        loss, regulariser = SoftmaxLoss(order.rowwise(table.places), count), Ridge(self.lam)
        bounds = partial(constants, table, node_of_row, nodes, loss, regulariser)
        return LinearProblem(order.products, loss, regulariser, bounds, (count, *table.shape))

    def classifier(self, table: Table) -> Classifier:
        return classifier(table, len(table.classes))

    def coordinates(self, table: Table) -> tuple[Coordinate, ...]:
        return tuple(Coordinate(column, name) for name in table.classes for column in table.columns)

    def literal(self, x: np.ndarray, row: np.ndarray, label: Any, classes: int) -> float:
        margins = x.reshape(classes, -1) @ row
        own = int(label > 0) if classes == 2 else label
        return float(np.log(np.sum(np.exp(margins))) - margins[own] + self.lam / 2 * sum(v * v for v in x))
