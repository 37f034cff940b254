"""The two products every linear model needs, for all lanes and nodes at once: A x, and Aᵢᵀ c for each node's own rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import scipy.sparse as sp

from ef21lab.datasets.base import Features

Array = Any

MOST_PADDING = 1.5  # dense rows are padded to equal shares while that costs at most this much


class Products(ABC):
    """A (rows, p), rows grouped by node. `rows` is the length of a column of margins, padding included."""

    rows: int
    nodes: int
    p: int
    entries: int  # numbers that one product reads

    @abstractmethod
    def forward(self, x: Array) -> Array:
        """A x for x (lanes, p): (lanes, rows)."""

    @abstractmethod
    def backward(self, c: Array) -> Array:
        """Σ over the rows j of node i of c_j a_j, for c (lanes, rows): (lanes, nodes, p)."""

    @abstractmethod
    def rowwise(self, values: Array, padding: float) -> Array:
        """Values given in the table's row order, (table rows,), in the order of margins, (rows,)."""


class SparseProducts(Products):
    """Forward is one CSR product; backward is one product with the block matrix whose block i is Aᵢᵀ."""

    def __init__(self, features: Features, node_of_row: np.ndarray, nodes: int) -> None:
        self.matrix = sp.csr_matrix(features, dtype=float)
        self.rows, self.p = self.matrix.shape
        self.nodes, self.entries = nodes, self.matrix.nnz
        entries = self.matrix.tocoo()
        row_of_block = node_of_row[entries.row] * self.p + entries.col
        self.blocks = sp.csr_matrix((entries.data, (row_of_block, entries.row)), shape=(nodes * self.p, self.rows))

    def forward(self, x: Array) -> Array:
        return _per_lane(self.matrix, x)

    def backward(self, c: Array) -> Array:
        return _per_lane(self.blocks, c).reshape(len(c), self.nodes, self.p)

    def rowwise(self, values: Array, padding: float) -> Array:
        return values


class DenseProducts(Products):
    """Rows of every node padded with zeros to the largest share, so that both products are stacks of matrix products."""

    def __init__(self, features: np.ndarray, node_of_row: np.ndarray, nodes: int) -> None:
        sizes = np.bincount(node_of_row, minlength=nodes)
        grouped = np.argsort(node_of_row, kind="stable")
        place = np.arange(len(grouped)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # within the row's own node
        self._slot = np.empty(len(grouped), dtype=np.intp)
        self._slot[grouped] = node_of_row[grouped] * sizes.max() + place
        self.nodes, self.p = nodes, features.shape[1]
        self.rows = int(nodes * sizes.max())
        padded = np.zeros((self.rows, self.p))
        padded[self._slot] = features
        self.stack = padded.reshape(nodes, -1, self.p)  # (nodes, share, p)
        self.entries = self.stack.size

    def forward(self, x: Array) -> Array:
        margins = np.matmul(self.stack, x[:, None, :, None])  # (lanes, nodes, share, 1)
        return margins.reshape(len(x), self.rows)

    def backward(self, c: Array) -> Array:
        weights = c.reshape(len(c), self.nodes, 1, -1)
        return np.matmul(weights, self.stack)[:, :, 0, :]

    def rowwise(self, values: Array, padding: float) -> Array:
        out = np.full(self.rows, padding)
        out[self._slot] = values
        return out


def products(features: Features, node_of_row: np.ndarray, nodes: int) -> Products:
    """Sparse features stay sparse; dense ones go dense unless unequal shares would make the padding too large."""
    largest = int(np.bincount(node_of_row, minlength=nodes).max())
    if sp.issparse(features) or largest * nodes > MOST_PADDING * features.shape[0] + nodes:
        return SparseProducts(features, node_of_row, nodes)
    return DenseProducts(features, node_of_row, nodes)


def _per_lane(matrix: sp.csr_matrix, columns: Array) -> Array:
    """matrix @ v for every row v of `columns`; one lane takes the faster vector product, with the same sums in the same order.

    The result is laid out lane by lane: NumPy sums a strided row in another order than a contiguous one.
    """
    return (matrix @ columns[0])[None] if len(columns) == 1 else np.ascontiguousarray((matrix @ columns.T).T)
