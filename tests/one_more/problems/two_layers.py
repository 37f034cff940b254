"""Two linear layers: a product of unknowns, whose gradients have no Lipschitz constant, and an x that is two tensors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ef21lab.choices.spec import integer
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table
from ef21lab.problems.base import Facts, Objective, Point, Problem

Array = Any


@dataclass(frozen=True)
class TwoLayers(Objective):
    """fᵢ(W, v) = (1/mᵢ) Σⱼ (vᵀWaⱼ − bⱼ)²/2 with W (hidden, p) and v (hidden,). No L: the gradient is cubic in x."""

    name = "two_layers"
    label = Text("Two linear layers", "Два линейных слоя")
    about = Text("The squared error of a product of two unknowns.", "Квадрат ошибки произведения двух неизвестных.")
    tasks = frozenset({"regression"})

    hidden: int = integer(2, 1, 64, Text("Hidden", "Скрытых"), Text("The width of the layer.", "Ширина слоя."))

    def on(self, table: Table, node_of_row: np.ndarray, nodes: int) -> Problem:
        if table.classes:
            raise Refusal(Text("two layers are for regression; choose softmax", "два слоя — для регрессии; выберите softmax"))
        dense = table.features.toarray() if table.sparse else table.features
        return TwoLayersProblem(self.hidden, [(dense[node_of_row == i], table.labels[node_of_row == i]) for i in range(nodes)])

    def literal(self, x: np.ndarray, row: np.ndarray, label: float, classes: int) -> float:
        W, v = x[: self.hidden * len(row)].reshape(self.hidden, len(row)), x[self.hidden * len(row) :]
        return (v @ W @ row - label) ** 2 / 2


class TwoLayersProblem(Problem):
    def __init__(self, hidden: int, shares: list[tuple[np.ndarray, np.ndarray]]) -> None:
        self.shares, p = shares, shares[0][0].shape[1]
        self.layout = ((hidden, p), (hidden,))
        rows = np.array([len(labels) for _, labels in shares])
        self.facts = Facts(
            d=hidden * p + hidden,
            nodes=len(shares),
            rows=int(rows.sum()),
            layout=self.layout,
            smoothness=None,
            node_smoothness=None,
            mu=None,
            entries=int(rows.sum()) * p,
            node_rows=rows,
            convex=False,
            lowest=0.0,
        )

    def at(self, x: Array) -> TwoLayersPoint:
        return TwoLayersPoint(self, x)


class TwoLayersPoint(Point):
    def __init__(self, problem: TwoLayersProblem, x: Array) -> None:
        (hidden, p), _ = problem.layout
        self.problem = problem
        self.W, self.v = x[:, : hidden * p].reshape(-1, hidden, p), x[:, hidden * p :]  # (lanes, hidden, p), (lanes, hidden)

    @cached_property
    def gradients(self) -> Array:
        return np.stack([self._gradient(rows, labels) for rows, labels in self.problem.shares], axis=1)

    def sampled(self, rows: Array) -> Array:
        by_lane = []
        for lane in range(len(self.v)):
            alone = TwoLayersPoint(self.problem, np.concatenate([self.W[lane].ravel(), self.v[lane]])[None])
            shares = [
                (features[chosen], labels[chosen]) for (features, labels), chosen in zip(self.problem.shares, rows[lane], strict=True)
            ]
            by_lane.append([alone._gradient(*share)[0] for share in shares])
        return np.array(by_lane)

    def loss(self) -> Array:
        return np.mean([np.mean(np.square(self._errors(rows, labels)), axis=-1) / 2 for rows, labels in self.problem.shares], axis=0)

    def _errors(self, rows: Array, labels: Array) -> Array:
        weights = (self.v[:, :, None] * self.W).sum(axis=1)  # (lanes, p)
        return (weights[:, None, :] * rows).sum(axis=-1) - labels  # (lanes, rows)

    def _gradient(self, rows: Array, labels: Array) -> Array:
        errors = self._errors(rows, labels)[:, :, None]
        of_weights = (errors * rows).mean(axis=1)  # (lanes, p)
        of_W = self.v[:, :, None] * of_weights[:, None, :]
        of_v = (self.W * of_weights[:, None, :]).sum(axis=-1)
        return np.concatenate([of_W.reshape(len(self.v), -1), of_v], axis=-1)
