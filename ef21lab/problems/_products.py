"""The two products every linear model needs, for all lanes and nodes at once: A x, and Aᵢᵀ c for each node's own rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from ef21lab.datasets.base import Features
from ef21lab.problems._spectrum import pieces, scaled_rows

Array = Any

MOST_PADDING = 1.5  # dense rows are padded to equal shares while that costs at most this much
MOST_SPREAD = 1.25  # else those shares are padded together that differ by at most this much
LARGE_TABLE = 5_000_000  # numbers, 40 MB: as sparse rows it takes six times that while it is laid out
PIECE = 24  # neighbouring columns whose entries in one row make a piece
LARGEST_KEY = 2**63  # pieces are compared as int64
MOST_LEFT = 0.5  # rows are written with pieces where that leaves at most this share of the entries


class Products(ABC):
    """A (rows, p), rows grouped by node. `rows` is the length of a column of margins, padding included."""

    rows: int
    node_rows: np.ndarray  # (nodes,) how many rows each node has
    first_rows: np.ndarray  # (nodes,) where each node's rows begin in a column of margins
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
    """Forward is one CSR product; backward is one product with the block matrix whose block i is Aᵢᵀ: the same numbers, row after row."""

    def __init__(self, features: Features, node_of_row: np.ndarray, nodes: int) -> None:
        self.matrix = sp.csr_matrix(features, dtype=float, copy=True)
        self.matrix.sum_duplicates()  # columns ascend within a row
        self.rows, self.p = self.matrix.shape
        self.nodes, self.entries = nodes, self.matrix.nnz
        self.node_rows = np.bincount(node_of_row, minlength=nodes)
        self.first_rows = np.cumsum(self.node_rows) - self.node_rows
        row_of_block = np.repeat(node_of_row, np.diff(self.matrix.indptr)) * self.p + self.matrix.indices  # of every entry
        self.blocks = sp.csc_matrix((self.matrix.data, row_of_block, self.matrix.indptr), shape=(nodes * self.p, self.rows))

    def forward(self, x: Array) -> Array:
        return _per_lane(self.matrix, x)

    def backward(self, c: Array) -> Array:
        return _per_lane(self.blocks, c).reshape(len(c), self.nodes, self.p)

    def rowwise(self, values: Array, padding: float) -> Array:
        return values


class PiecewiseProducts(Products):
    """A = P D: a row is a sum of a few pieces, and row k of D is the k-th distinct piece of some node's rows; P holds ones.

    Forward is P (D x). Backward is first Σ of c over the rows that share a piece, then Aᵢᵀc = Dᵢᵀ (Pᵀ c)ᵢ, for a piece belongs to one node.
    One-hot rows of the same node share most of their pieces: 170 604 entries of mushrooms become 40 620 of P and 9 262 of D.
    """

    def __init__(self, pieces: sp.csr_matrix, distinct: SparseProducts, node_rows: np.ndarray) -> None:
        self.pieces, self.distinct = pieces, distinct  # P (rows, distinct pieces) and D (distinct pieces, p)
        self.sharing = pieces.T.tocsr()
        self.rows, self.p, self.nodes = pieces.shape[0], distinct.p, distinct.nodes
        self.entries = pieces.nnz + distinct.entries
        self.node_rows, self.first_rows = node_rows, np.cumsum(node_rows) - node_rows

    def forward(self, x: Array) -> Array:
        return _per_lane(self.pieces, self.distinct.forward(x))

    def backward(self, c: Array) -> Array:
        return self.distinct.backward(_per_lane(self.sharing, c))

    def rowwise(self, values: Array, padding: float) -> Array:
        return values


class DenseProducts(Products):
    """Rows of every node padded with zeros to the largest share, so that both products are stacks of matrix products."""

    def __init__(self, features: np.ndarray, node_of_row: np.ndarray, nodes: int, order: np.ndarray, scale: np.ndarray | None) -> None:
        node_of_row = node_of_row[order]
        sizes = np.bincount(node_of_row, minlength=nodes)
        grouped = np.argsort(node_of_row, kind="stable")
        place = np.arange(len(grouped)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # within the row's own node
        self._slot = np.empty(len(grouped), dtype=np.intp)
        self._slot[grouped] = node_of_row[grouped] * sizes.max() + place
        self.nodes, self.p = nodes, features.shape[1]
        self.rows = int(nodes * sizes.max())
        self.node_rows, self.first_rows = sizes, np.arange(nodes) * sizes.max()
        padded = np.zeros((self.rows, self.p))
        for run in pieces(len(order), self.p):  # of a large table each copy counts
            rows = features[order[run]]
            padded[self._slot[run]] = rows if scale is None else scaled_rows(rows, scale[order[run]])
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


class UnevenProducts(Products):
    """Dense rows of very unequal shares: nodes whose shares are nearly equal are laid out together, so that little is padded."""

    def __init__(self, features: np.ndarray, node_of_row: np.ndarray, nodes: int, order: np.ndarray, scale: np.ndarray | None) -> None:
        self.nodes, self.p = nodes, features.shape[1]
        self.node_rows = np.bincount(node_of_row, minlength=nodes)
        self.first_rows = np.zeros(nodes, dtype=np.intp)
        self.rows, self._parts = 0, []
        for members in _alike(self.node_rows):
            place = np.full(nodes, -1)
            place[members] = np.arange(len(members))
            taken = np.flatnonzero(place[node_of_row[order]] >= 0)  # (rows of these nodes,)
            part = DenseProducts(features, place[node_of_row], len(members), order[taken], scale)
            self.first_rows[members] = self.rows + part.first_rows
            self._parts.append(_Part(members, taken, slice(self.rows, self.rows + part.rows), part))
            self.rows += part.rows
        self.entries = sum(part.products.entries for part in self._parts)

    def forward(self, x: Array) -> Array:
        return np.concatenate([part.products.forward(x) for part in self._parts], axis=-1)

    def backward(self, c: Array) -> Array:
        out = np.empty((len(c), self.nodes, self.p))
        for members, _, margins, data in self._parts:
            out[:, members] = data.backward(c[:, margins])
        return out

    def rowwise(self, values: Array, padding: float) -> Array:
        return np.concatenate([part.products.rowwise(values[part.taken], padding) for part in self._parts])


class _Part(NamedTuple):
    members: np.ndarray  # (some nodes,)
    taken: np.ndarray  # which rows, in the order of the table that is laid out, are theirs
    margins: slice  # where theirs lie in a column of margins
    products: DenseProducts


def _alike(sizes: np.ndarray) -> Iterator[np.ndarray]:
    """The nodes by falling size, in groups whose largest is at most MOST_SPREAD times their smallest."""
    falling = np.argsort(-sizes, kind="stable")
    while len(falling):
        group = sizes[falling] * MOST_SPREAD >= sizes[falling[0]]
        yield falling[group]
        falling = falling[~group]


def products(
    features: Features, node_of_row: np.ndarray, nodes: int, order: np.ndarray | None = None, scale: np.ndarray | None = None
) -> Products:
    """Row order[k] of the features, times its number in `scale`, as the k-th row; all rows as they are where neither is given.

    Sparse features stay sparse. Dense ones whose unequal shares would make the padding too large have their zeros left out, unless there
    are so many numbers that their indices would not be borne.
    """
    order = np.arange(features.shape[0]) if order is None else order
    largest = int(np.bincount(node_of_row, minlength=nodes).max())
    uneven = largest * nodes > MOST_PADDING * features.shape[0] + nodes
    if sp.issparse(features) or (uneven and features.size <= LARGE_TABLE):
        rows = features if scale is None else scaled_rows(features, scale)
        return _sparse_products(rows[order], node_of_row[order], nodes)
    return (UnevenProducts if uneven else DenseProducts)(features, node_of_row, nodes, order, scale)


def _sparse_products(features: Features, node_of_row: np.ndarray, nodes: int) -> Products:
    """In pieces where that pays, else row by row."""
    plain = SparseProducts(features, node_of_row, nodes)
    piecewise = _in_pieces(plain.matrix, node_of_row, nodes)
    return piecewise if piecewise is not None and piecewise.entries <= MOST_LEFT * plain.entries else plain


def _in_pieces(matrix: sp.csr_matrix, node_of_row: np.ndarray, nodes: int) -> PiecewiseProducts | None:
    """The rows cut into pieces of PIECE columns; None where they hold too many different values for a piece to have an exact key.

    The key of a piece is its entries as the digits of one number, value v of the matrix being digit 1, 2, …, and 0 for no entry.
    """
    values = np.unique(matrix.data)
    base = len(values) + 1
    if base**PIECE > LARGEST_KEY:
        return None
    digit = np.searchsorted(values, matrix.data) + 1  # of every entry
    entries, chunks = matrix.tocoo(), -(-matrix.shape[1] // PIECE)
    spot = entries.row.astype(np.int64) * chunks + entries.col // PIECE  # of every entry; ascending
    begins = np.diff(spot, prepend=-1) > 0  # does the entry begin a piece?
    piece, row = np.cumsum(begins) - 1, entries.row[begins]  # of every entry; of every piece
    key = np.add.reduceat(digit * base ** (entries.col % PIECE).astype(np.int64), np.flatnonzero(begins))  # of every piece
    kind, example = _numbered(key, node_of_row[row] * chunks + spot[begins] % chunks)
    shown = example[kind[piece]] == piece  # the entries of every kind's example
    P = sp.csr_matrix((np.ones(len(kind)), (row, kind)), shape=(len(node_of_row), len(example)))
    D = sp.csr_matrix((entries.data[shown], (kind[piece[shown]], entries.col[shown])), shape=(len(example), matrix.shape[1]))
    return PiecewiseProducts(P, SparseProducts(D, node_of_row[row[example]], nodes), np.bincount(node_of_row, minlength=nodes))


def _numbered(key: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number of every pair (key, place) among the distinct ones, place by place, and where each distinct one first occurs."""
    rank = np.unique(key, return_inverse=True)[1]
    _, example, kind = np.unique(place * len(key) + rank, return_index=True, return_inverse=True)
    return kind, example


def _per_lane(matrix: sp.csr_matrix, columns: Array) -> Array:
    """matrix @ v for every row v of `columns`; one lane takes the faster vector product, with the same sums in the same order.

    The result is laid out lane by lane: NumPy sums a strided row in another order than a contiguous one.
    """
    return (matrix @ columns[0])[None] if len(columns) == 1 else np.ascontiguousarray((matrix @ columns.T).T)
