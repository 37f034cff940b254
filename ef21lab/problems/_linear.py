"""Problems that see the data only through margins z = A x: f(x) = (1/n) Σᵢ (1/mᵢ) Σⱼ ℓ(z_j, y_j) + r(x)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import scipy.sparse as sp

from ef21lab.datasets.base import Features, Table
from ef21lab.problems._products import Products, Share, products
from ef21lab.problems._spectrum import Extremes, extremes, largest_eigenvalue
from ef21lab.problems.base import Facts, Point, Problem
from ef21lab.problems.held_out import Classifier

Array = Any

NOISE = 1e-12  # of the largest eigenvalue: below this one is not told from zero


class MarginLoss(Protocol):
    """ℓ of the margins of `outputs` linear functions; `curvature` bounds its second derivative (largest eigenvalue)."""

    outputs: int
    curvature: float
    least_curvature: float

    def of(self, rows: slice) -> MarginLoss: ...  # of these rows alone

    def prepare(self, margins: Array) -> Any: ...  # what value and slope share; margins (lanes, outputs, rows), which are given up

    def value(self, prepared: Any) -> Array: ...  # (lanes, rows)

    def slope(self, prepared: Any) -> Array: ...  # (lanes, outputs, rows); the last that is asked: what was prepared is given up


class Regulariser(Protocol):
    """r(x), the same on every node."""

    @property
    def smoothness(self) -> float: ...

    @property
    def mu(self) -> float | None: ...  # strong convexity; None where r is not convex

    def value(self, x: Array) -> Array: ...  # (lanes,)

    def gradient(self, x: Array) -> Array: ...  # (lanes, d)


class LinearPoint(Point):
    """A pass over the data takes some nodes after others: their margins, losses and slopes stay near the core until they are added up."""

    def __init__(self, problem: LinearProblem, x: Array) -> None:
        self._problem, self._x = problem, x
        self._losses: Array | None = None  # (lanes,) the data's part of f, once a pass has measured it

    @cached_property
    def gradients(self) -> Array:
        return self._gradients(self._kept if "_kept" in vars(self) else self._slopes(), self._problem.products.node_rows[:, None])

    def sampled(self, rows: Array) -> Array:
        lanes, nodes, batch = rows.shape
        length = self._problem.products.rows
        places = np.arange(lanes)[:, None, None] * length + self._problem.products.first_rows[:, None] + rows
        counts = np.bincount(places.reshape(-1), minlength=lanes * length).reshape(lanes, 1, length)
        return self._gradients(((part, counts[..., part.rows] * slopes) for part, slopes in self._kept), batch)

    def let_go(self) -> None:
        for name in ("gradients", "_kept"):
            vars(self).pop(name, None)

    def loss(self) -> Array:
        if self._losses is None:
            for _ in self._slopes(measured=True):
                pass
        assert self._losses is not None  # measured by the pass
        return self._losses + self._problem.regulariser.value(self._x)

    @cached_property
    def _kept(self) -> list[tuple[Share, Array]]:
        """For methods that ask for more than one mean of the same slopes."""
        return list(self._slopes())

    def _slopes(self, measured: bool | None = None) -> Iterator[tuple[Share, Array]]:
        """Share by part ∂ℓ_j/∂z_j of its rows j, (lanes, outputs, rows); in passing, the losses are measured."""
        problem, lanes, outputs = self._problem, len(self._x), self._problem.loss_of_margins.outputs
        measured = problem.measures if measured is None else measured
        x = np.asfortranarray(self._x.reshape(lanes * outputs, -1)) if problem.products.by_rows else self._x.reshape(lanes * outputs, -1)
        sums = np.empty((lanes, problem.nodes))
        for part in problem.products.parts(lanes * outputs):
            loss = problem.loss_of_margins.of(part.rows)
            prepared = loss.prepare(part.products.forward(x, outputs).reshape(lanes, outputs, -1))
            if measured:
                sums[:, part.nodes] = part.sums(loss.value(prepared))
            yield part, loss.slope(prepared)
        if measured:
            self._losses = (sums / problem.products.node_rows).sum(axis=-1) / problem.nodes

    def _gradients(self, slopes: Iterable[tuple[Share, Array]], counts: Array) -> Array:
        """(1/countᵢ) Σⱼ ∇ℓⱼ over the rows of every node i, plus the regulariser's; counts (nodes, 1) or one number."""
        problem, lanes, outputs = self._problem, len(self._x), self._problem.loss_of_margins.outputs
        penalty, out = problem.regulariser.gradient(self._x)[:, None, :], None
        for part, each in slopes:
            found = part.products.backward(each.reshape(lanes * outputs, -1), outputs)  # (lanes, some nodes, d)
            found /= counts if np.ndim(counts) == 0 else counts[part.nodes]
            found += penalty
            if found.shape[1] == problem.nodes and found.flags.c_contiguous:
                out = found  # a fresh array: of long vectors there is no other like it
                continue
            out = np.empty((lanes, problem.nodes, problem.d)) if out is None else out
            out[:, part.nodes] = found
        return out


class LinearProblem(Problem):
    def __init__(
        self,
        data: Products,
        loss: MarginLoss,
        regulariser: Regulariser,
        constants: Callable[[], Curvatures],
        shape: Sequence[int],
    ):
        self.products, self.loss_of_margins, self.regulariser = data, loss, regulariser
        self.measures = False  # whether the losses are measured in passing, when gradients are asked for
        self._shape = tuple(shape)
        self._constants: Callable[[], Curvatures] | None = constants  # it holds the table, so it is let go as soon as it was called

    @cached_property
    def facts(self) -> Facts:  # type: ignore[override]  # computed once, or set by `settle`
        assert self._constants is not None  # called once
        constants, self._constants = self._constants(), None
        data, loss = self.products, self.loss_of_margins
        return Facts(
            d=loss.outputs * data.p,
            nodes=data.nodes,
            rows=int(data.node_rows.sum()),
            layout=(self._shape,),
            smoothness=constants.smoothness,
            node_smoothness=constants.node_smoothness,
            mu=constants.mu,
            entries=loss.outputs * data.entries,
            node_rows=data.node_rows,
            convex=self.regulariser.mu is not None,
            lowest=0.0,  # every loss and every regulariser here is at least 0
            node_mu=constants.node_mu,
            pooled_smoothness=constants.pooled_smoothness,
        )

    def settle(self, facts: Facts | None = None) -> None:
        if facts is not None and self._are_of_this_data(facts):
            self.facts, self._constants = facts, None
        self.facts  # noqa: B018 - computed now where they are not known

    def _are_of_this_data(self, facts: Facts) -> bool:
        """A file may have another content than when they were computed: what counting shows of that is looked at."""
        data = self.products
        counted = (facts.layout, facts.nodes, facts.entries) == ((self._shape,), data.nodes, self.loss_of_margins.outputs * data.entries)
        return counted and np.array_equal(facts.node_rows, data.node_rows)

    def at(self, x: Array) -> LinearPoint:
        return LinearPoint(self, x)

    def measured(self) -> LinearProblem:
        other = copy(self)
        other.measures = True
        return other


class Curvatures(NamedTuple):
    smoothness: float
    node_smoothness: np.ndarray  # (nodes,)
    mu: float | None
    node_mu: np.ndarray  # (nodes,)
    pooled_smoothness: float


class RowOrder(NamedTuple):
    """The table laid out for the products."""

    order: np.ndarray  # (table rows,) the rows as the products took them
    products: Products

    def rowwise(self, values: np.ndarray, padding: float = 0.0) -> np.ndarray:
        return self.products.rowwise(values[self.order], padding)


def lay_out(table: Table, node_of_row: np.ndarray, nodes: int, scale: np.ndarray | None = None) -> RowOrder:
    """The rows for the products, each times its number in `scale` (table rows,) if there are any.

    Rows of one node and one length come together: a processor foresees where each ends, and a product with w8a takes half the time.
    """
    order = np.lexsort((_entries_per_row(table.features), node_of_row))
    return RowOrder(order, products(table.features, node_of_row, nodes, order, scale))


def classifier(table: Table, outputs: int = 1) -> Classifier:
    """A row is of the class whose margin is largest; with one output of the second class where a·x > 0, else of the first."""
    rows = len(table.labels)
    order = lay_out(table, np.zeros(rows, dtype=np.intp), 1)
    data, place = order.products, np.argsort(order.rowwise(np.arange(rows)))  # (rows,) of every row of the table among the margins

    def told(x: Array) -> Array:
        vectors = np.asarray(x, dtype=float).reshape(len(x) * outputs, -1)
        margins = data.forward(np.asfortranarray(vectors) if data.by_rows else vectors, outputs).reshape(len(x), outputs, -1)
        return (margins[:, 0] > 0.0 if outputs == 1 else margins.argmax(axis=1))[:, place]

    return told


def constants(table: Table, node_of_row: np.ndarray, nodes: int, loss: MarginLoss, regulariser: Regulariser) -> Curvatures:
    """L and Lᵢ from λ_max of AᵀA, and μ of f and μᵢ of every fᵢ.

    Lᵢ = curvature · λ_max(AᵢᵀAᵢ)/mᵢ + L_r, and L = curvature · λ_max(Σ aaᵀ/(n mᵢ)) + L_r, with the weight that every row has in f.
    `pooled_smoothness` weighs every row by 1/N instead: where shares are unequal, f may be less smooth than that says.
    """
    row_weights, features = _row_weights(node_of_row, nodes), table.features
    shares = (features[rows] for rows in _rows_of_nodes(node_of_row, nodes))  # one at a time: all of them are a copy of the table
    of_nodes, node_mu = map(np.array, zip(*(_of_a_share(share, loss, regulariser) for share in shares), strict=True))
    both = extremes(features, row_weights / nodes) if _sees_the_data(loss, regulariser) else None
    whole = largest_eigenvalue(features, row_weights / nodes) if both is None else both.largest
    pooled = whole if np.ptp(row_weights) == 0.0 else largest_eigenvalue(features) / len(row_weights)
    return Curvatures(
        loss.curvature * whole + regulariser.smoothness,
        loss.curvature * of_nodes + regulariser.smoothness,
        _strong_convexity(both, loss, regulariser),
        node_mu,
        loss.curvature * pooled + regulariser.smoothness,
    )


def _rows_of_nodes(node_of_row: np.ndarray, nodes: int) -> list[np.ndarray]:
    """The rows of every node, in the order of the table."""
    return np.split(np.argsort(node_of_row, kind="stable"), np.cumsum(np.bincount(node_of_row, minlength=nodes))[:-1])


def _of_a_share(share: Features, loss: MarginLoss, regulariser: Regulariser) -> tuple[float, float]:
    """λ_max(AᵢᵀAᵢ)/mᵢ and μᵢ; 0 where none is known."""
    rows = share.shape[0]
    both = extremes(share, np.full(rows, 1.0 / rows)) if _sees_the_data(loss, regulariser) else None
    return largest_eigenvalue(share) / rows, _strong_convexity(both, loss, regulariser) or 0.0


def _strong_convexity(both: Extremes | None, loss: MarginLoss, regulariser: Regulariser) -> float | None:
    """λ_min of f's Hessian over all x, or the regulariser's part of it where the data's is not known.

    None where the regulariser is not convex or the bound is zero.
    """
    if regulariser.mu is None:
        return None
    told_from_zero = both is not None and both.least > NOISE * both.largest
    return (loss.least_curvature * both.least if both is not None and told_from_zero else 0.0) + regulariser.mu or None


def _sees_the_data(loss: MarginLoss, regulariser: Regulariser) -> bool:
    """Whether the data may add to the strong convexity of f."""
    return loss.least_curvature > 0.0 and regulariser.mu is not None


def _entries_per_row(features: Features) -> np.ndarray:
    return np.diff(sp.csr_matrix(features).indptr) if sp.issparse(features) else np.count_nonzero(features, axis=1)


def _row_weights(node_of_row: np.ndarray, nodes: int) -> np.ndarray:
    return (1.0 / np.bincount(node_of_row, minlength=nodes))[node_of_row]
