"""Softmax regression on C classes: x is the C × p weight matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table
from ef21lab.problems._linear import LinearProblem, constants, lay_out
from ef21lab.problems._regularisers import Ridge, strength
from ef21lab.problems.base import Objective

Array = Any


class _Exponentials(NamedTuple):
    shifted: Array  # (lanes, C, rows) margins less their maximum over classes
    exponentials: Array
    total: Array  # (lanes, 1, rows)


class SoftmaxLoss:
    """ℓ(z, c) = log Σ_b exp(z_b) − z_c; its Hessian diag(p) − ppᵀ has eigenvalues at most 1/2 (Böhning 1992)."""

    curvature = 0.5
    least_curvature = 0.0

    def __init__(self, one_hot: np.ndarray) -> None:
        self.one_hot = one_hot  # (C, rows)
        self.outputs = len(one_hot)

    def prepare(self, margins: Array) -> _Exponentials:
        shifted = margins - margins.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        return _Exponentials(shifted, exponentials, exponentials.sum(axis=1, keepdims=True))

    def value(self, prepared: _Exponentials) -> Array:
        shifted, _, total = prepared
        return np.log(total[:, 0]) - (self.one_hot * shifted).sum(axis=1)

    def slope(self, prepared: _Exponentials) -> Array:
        return prepared.exponentials / prepared.total - self.one_hot


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
        classes = (table.labels > 0).astype(int) if count == 2 else table.labels
        one_hot = np.empty((count, order.products.rows))  # filled in place: of many rows it is the largest array of all
        for c, row in enumerate(one_hot):
            row[:] = order.rowwise((classes == c).astype(float))
        loss, regulariser = SoftmaxLoss(one_hot), Ridge(self.lam)
        bounds = partial(constants, table, node_of_row, nodes, loss, regulariser)
        return LinearProblem(order.products, loss, regulariser, order.row_weights, bounds, (count, *table.shape))

    def literal(self, x: np.ndarray, row: np.ndarray, label: Any, classes: int) -> float:
        margins = x.reshape(classes, -1) @ row
        own = int(label > 0) if classes == 2 else label
        return float(np.log(np.sum(np.exp(margins))) - margins[own] + self.lam / 2 * sum(v * v for v in x))
