"""ℓ(z, y) = log(1 + exp(−y z)) for labels −1 and +1, without overflow."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ef21lab.datasets.base import Table
from ef21lab.problems._linear import LinearProblem, Regulariser, constants, lay_out
from ef21lab.text import Refusal, Text

Array = Any


class _Prepared(NamedTuple):
    agreement: Array  # q = y z
    decay: Array  # e = exp(−|q|)


class LogisticLoss:
    outputs = 1
    curvature = 0.25
    least_curvature = 0.0

    def __init__(self, labels: np.ndarray) -> None:
        self.labels = labels  # (rows,)

    def prepare(self, margins: Array) -> _Prepared:
        agreement = self.labels * margins
        return _Prepared(agreement, np.exp(-np.abs(agreement)))

    def value(self, prepared: _Prepared) -> Array:
        agreement, decay = prepared
        return (np.log(1.0 + decay) - np.minimum(agreement, 0.0))[:, 0]

    def slope(self, prepared: _Prepared) -> Array:
        """−y/(1 + exp(q))."""
        agreement, decay = prepared
        return -self.labels * np.where(agreement >= 0.0, decay, 1.0) / (1.0 + decay)


def logistic_problem(table: Table, node_of_row: np.ndarray, nodes: int, regulariser: Regulariser) -> LinearProblem:
    """The problem on labels −1/+1. Raises Refusal for any other labels."""
    if len(table.classes) != 2:
        raise Refusal(
            Text(
                "logistic regression needs two classes; this dataset has {classes} — choose softmax, or least_squares for real targets",
                "логистической регрессии нужны два класса, а здесь их {classes} — выберите softmax, а для чисел least_squares",
            ).format(classes=len(table.classes))
        )
    order = lay_out(table, node_of_row, nodes)
    loss = LogisticLoss(order.rowwise(table.labels))
    bounds = constants(table, node_of_row, nodes, loss, regulariser)
    return LinearProblem(order.products, loss, regulariser, order.row_weights, bounds, table.shape)
