"""ℓ(q) = log(1 + exp(q)) of q = −y aᵀx for labels −1 and +1, without overflow."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table
from ef21lab.problems._linear import LinearProblem, Regulariser, constants, lay_out

Array = Any


class _Prepared(NamedTuple):
    margins: Array  # q
    decay: Array  # e = exp(−|q|)


class LogisticLoss:
    """ℓ(q) = log(1 + exp(q)). The rows come multiplied by −y once and for all, so that no label is seen again.

    In place where it can be: on large data a fresh array costs more in page faults than the arithmetic in it.
    """

    outputs = 1
    curvature = 0.25
    least_curvature = 0.0

    def of(self, rows: slice) -> LogisticLoss:
        return self

    def prepare(self, margins: Array) -> _Prepared:
        decay = np.abs(margins)
        np.negative(decay, out=decay)
        return _Prepared(margins, np.exp(decay, out=decay))

    def value(self, prepared: _Prepared) -> Array:
        margins, decay = prepared
        losses = np.log1p(decay)
        losses += np.maximum(margins, 0.0)
        return losses[:, 0]

    def slope(self, prepared: _Prepared) -> Array:
        """1/(1 + exp(−q)): its numerator is 1 where q > 0 and e elsewhere."""
        margins, decay = prepared
        slopes = np.maximum(decay, margins > 0.0, out=margins)
        decay += 1.0
        slopes /= decay
        return slopes


def logistic_problem(table: Table, node_of_row: np.ndarray, nodes: int, regulariser: Regulariser) -> LinearProblem:
    """The problem on labels −1/+1. Raises Refusal for any other labels."""
    if len(table.classes) != 2:
        raise Refusal(
            Text(
                "logistic regression needs two classes; this dataset has {classes} — choose softmax, or least_squares for real targets",
                "логистической регрессии нужны два класса, а здесь их {classes} — выберите softmax, а для чисел least_squares",
            ).format(classes=len(table.classes))
        )
    order = lay_out(table, node_of_row, nodes, scale=-table.labels)
    loss = LogisticLoss()
    bounds = partial(constants, table, node_of_row, nodes, loss, regulariser)
    return LinearProblem(order.products, loss, regulariser, bounds, table.shape)
