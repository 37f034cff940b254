"""The two products every linear model needs, for all lanes and nodes at once: A x, and Aᵢᵀ c for each node's own rows."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

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
MOST_MARGINS = 65_536  # numbers, 512 KB: of a pass over the data as many at a time, that a core keeps them near itself


class Share:
    """The rows of some nodes: which nodes, where their rows lie in a column of margins, and the products with them alone."""

    def __init__(self, nodes: slice | np.ndarray, rows: slice, products: Products) -> None:
        self.nodes, self.rows, self.products = nodes, rows, products
        first, ends = products.first_rows, products.first_rows + products.node_rows
        self._padded = not (ends[-1] == products.rows and np.array_equal(first[1:], ends[:-1]))
        edges = np.stack([first, ends], axis=1).reshape(-1)  # what lies between the rows of two nodes is padding
        self._edges = edges[edges < products.rows] if self._padded else first

    def sums(self, values: Array) -> Array:
        """Σ over the rows of every node, (lanes, rows) → (lanes, nodes): in one order, however the lanes lie in memory."""
        sums = np.add.reduceat(values, self._edges, axis=-1)
        return sums[:, ::2] if self._padded else sums


class Products(ABC):
    """A (rows, p), rows grouped by node. `rows` is the length of a column of margins, padding included.

    Every vector x has the products that it has alone, bit for bit. `outputs` neighbouring vectors belong to one lane, and may be
    multiplied as one matrix. The results lie in memory as they come: vector by vector or row by row.
    """

    rows: int
    node_rows: np.ndarray  # (nodes,) how many rows each node has
    first_rows: np.ndarray  # (nodes,) where each node's rows begin in a column of margins
    nodes: int
    p: int
    entries: int  # numbers that one product reads
    by_rows: ClassVar[bool] = False  # whether margins come row by row, of all vectors together; x is best given in columns then

    @abstractmethod
    def forward(self, x: Array, outputs: int = 1) -> Array:
        """A x for x (vectors, p): (vectors, rows)."""

    @abstractmethod
    def backward(self, c: Array, outputs: int = 1) -> Array:
        """Σ over the rows j of node i of c_j a_j, for c (vectors, rows): (lanes, nodes, outputs·p)."""

    @abstractmethod
    def rowwise(self, values: Array, padding: float) -> Array:
        """Values given in the table's row order, (table rows,), in the order of margins, (rows,)."""

    def parts(self, vectors: int) -> tuple[Share, ...]:
        """The nodes in as many parts as it takes for the margins of so many vectors to be at most MOST_MARGINS in each."""
        known = vars(self).setdefault("_parts", {})
        count = 1  # a power of two: lanes that end one by one do not make as many layouts
        while count < self.nodes and self.rows * vectors > count * MOST_MARGINS:
            count *= 2
        if count not in known:
            known[count] = tuple(self._parted(count)) if count > 1 else (Share(slice(None), slice(None), self),)
        return known[count]

    def _parted(self, count: int) -> Iterator[Share]:
        edges = np.unique(np.arange(count + 1) * self.nodes // count)
        row_edges = [*self.first_rows, self.rows]
        for first, end in itertools.pairwise(edges.tolist()):
            rows = slice(int(row_edges[first]), int(row_edges[end]))
            yield Share(slice(first, end), rows, self.of_nodes(slice(first, end), rows))

    def of_nodes(self, nodes: slice, rows: slice) -> Products:
        """The products with the rows of neighbouring nodes alone, which share their numbers with these."""
        raise NotImplementedError


class SparseProducts(Products):
    """Forward is one CSR product; backward is one product with the block matrix whose block i is Aᵢᵀ: the same numbers, row after row."""

    by_rows = True

    def __init__(self, features: Features, node_of_row: np.ndarray, nodes: int, copy: bool = True) -> None:
        self.matrix = sp.csr_matrix(features, dtype=float, copy=copy)
        self.matrix.sum_duplicates()  # columns ascend within a row
        self.rows, self.p = self.matrix.shape
        self.nodes, self.entries = nodes, self.matrix.nnz
        self.node_rows = np.bincount(node_of_row, minlength=nodes)
        self.first_rows = np.cumsum(self.node_rows) - self.node_rows
        row_of_block = np.repeat(node_of_row, np.diff(self.matrix.indptr)) * self.p + self.matrix.indices  # of every entry
        self.blocks = sp.csc_matrix((self.matrix.data, row_of_block, self.matrix.indptr), shape=(nodes * self.p, self.rows))

    def forward(self, x: Array, outputs: int = 1) -> Array:
        return _per_vector(self.matrix, x)

    def backward(self, c: Array, outputs: int = 1) -> Array:
        by_vector = _per_vector(self.blocks, c).reshape(-1, outputs, self.nodes, self.p)
        return by_vector.swapaxes(1, 2).reshape(-1, self.nodes, outputs * self.p)

    def rowwise(self, values: Array, padding: float) -> Array:
        return values

    def of_nodes(self, nodes: slice, rows: slice) -> SparseProducts:
        sizes = self.node_rows[nodes]
        return SparseProducts(_some_rows(self.matrix, rows), np.repeat(np.arange(len(sizes)), sizes), len(sizes), copy=False)


class PiecewiseProducts(Products):
    """A = P D: a row is a sum of a few pieces, and row k of D is the k-th distinct piece of some node's rows; P holds ones.

    Forward is P (D x). Backward is first Σ of c over the rows that share a piece, then Aᵢᵀc = Dᵢᵀ (Pᵀ c)ᵢ, for a piece belongs to one node.
    One-hot rows of the same node share most of their pieces: 170 604 entries of mushrooms become 40 620 of P and 9 262 of D.
    """

    by_rows = True

    def __init__(self, pieces: sp.csr_matrix, distinct: SparseProducts, node_rows: np.ndarray) -> None:
        self.pieces, self.distinct = pieces, distinct  # P (rows, distinct pieces) and D (distinct pieces, p)
        self.sharing = pieces.T.tocsr()
        self.rows, self.p, self.nodes = pieces.shape[0], distinct.p, distinct.nodes
        self.entries = pieces.nnz + distinct.entries
        self.node_rows, self.first_rows = node_rows, np.cumsum(node_rows) - node_rows

    def forward(self, x: Array, outputs: int = 1) -> Array:
        return _per_vector(self.pieces, self.distinct.forward(x))

    def backward(self, c: Array, outputs: int = 1) -> Array:
        return self.distinct.backward(_per_vector(self.sharing, c), outputs)

    def rowwise(self, values: Array, padding: float) -> Array:
        return values

    def of_nodes(self, nodes: slice, rows: slice) -> PiecewiseProducts:
        ends = np.cumsum(self.distinct.node_rows)[nodes]  # of every node, where its pieces end
        kinds = slice(int(self.distinct.first_rows[nodes][0]), int(ends[-1]))
        own = _some_rows(self.pieces, rows)
        own = sp.csr_matrix((own.data, own.indices - kinds.start, own.indptr), shape=(own.shape[0], kinds.stop - kinds.start))
        return PiecewiseProducts(own, self.distinct.of_nodes(nodes, kinds), self.node_rows[nodes])


class DenseProducts(Products):
    """Rows of every node padded with zeros to the largest share, so that both products are stacks of matrix products."""

    def __init__(self, stack: np.ndarray, node_rows: np.ndarray, slot: np.ndarray) -> None:
        self.stack = stack  # (nodes, share, p)
        self.nodes, share, self.p = stack.shape
        self.rows, self.entries = self.nodes * share, stack.size
        self.node_rows, self.first_rows = node_rows, np.arange(self.nodes) * share
        self._slot = slot  # (table rows,) the place of each in a column of margins

    def forward(self, x: Array, outputs: int = 1) -> Array:
        if outputs == 1:
            margins = np.matmul(self.stack, x[:, None, :, None])  # (lanes, nodes, share, 1)
        else:  # written where it belongs: to turn it afterwards takes longer than to compute it
            margins = np.empty((len(x) // outputs, outputs, self.nodes, self.rows // self.nodes))
            np.matmul(x.reshape(-1, 1, outputs, self.p), self.stack.swapaxes(1, 2), out=margins.swapaxes(1, 2))
        return margins.reshape(len(x), self.rows)

    def backward(self, c: Array, outputs: int = 1) -> Array:
        weights = c.reshape(-1, outputs, self.nodes, self.rows // self.nodes).swapaxes(1, 2)  # (lanes, nodes, outputs, share)
        return np.matmul(weights, self.stack).reshape(-1, self.nodes, outputs * self.p)

    def rowwise(self, values: Array, padding: float) -> Array:
        out = np.full(self.rows, padding, dtype=np.asarray(values).dtype)
        out[self._slot] = values
        return out

    def of_nodes(self, nodes: slice, rows: slice) -> DenseProducts:
        return DenseProducts(self.stack[nodes], self.node_rows[nodes], self._slot[:0])


def _dense(features: np.ndarray, node_of_row: np.ndarray, nodes: int, order: np.ndarray, scale: np.ndarray | None) -> DenseProducts:
    node_of_row, p = node_of_row[order], features.shape[1]
    sizes = np.bincount(node_of_row, minlength=nodes)
    grouped = np.argsort(node_of_row, kind="stable")
    place = np.arange(len(grouped)) - np.repeat(np.cumsum(sizes) - sizes, sizes)  # within the row's own node
    slot = np.empty(len(grouped), dtype=np.intp)
    slot[grouped] = node_of_row[grouped] * sizes.max() + place
    padded = np.zeros((int(nodes * sizes.max()), p))
    for run in pieces(len(order), p):  # of a large table each copy counts
        rows = features[order[run]]
        padded[slot[run]] = rows if scale is None else scaled_rows(rows, scale[order[run]])
    return DenseProducts(padded.reshape(nodes, -1, p), sizes, slot)


class UnevenProducts(Products):
    """Dense rows of very unequal shares: nodes whose shares are nearly equal are laid out together, so that little is padded."""

    def __init__(self, features: np.ndarray, node_of_row: np.ndarray, nodes: int, order: np.ndarray, scale: np.ndarray | None) -> None:
        self.nodes, self.p = nodes, features.shape[1]
        self.node_rows = np.bincount(node_of_row, minlength=nodes)
        self.first_rows = np.zeros(nodes, dtype=np.intp)
        self.rows, self._taken, alike = 0, [], []
        for members in _alike(self.node_rows):
            place = np.full(nodes, -1)
            place[members] = np.arange(len(members))
            taken = np.flatnonzero(place[node_of_row[order]] >= 0)  # (rows of these nodes,) in the order of the table that is laid out
            part = _dense(features, place[node_of_row], len(members), order[taken], scale)
            self.first_rows[members] = self.rows + part.first_rows
            self._taken.append(taken)
            alike.append(Share(members, slice(self.rows, self.rows + part.rows), part))
            self.rows += part.rows
        self._alike = tuple(alike)
        self.entries = sum(part.products.entries for part in alike)

    def forward(self, x: Array, outputs: int = 1) -> Array:
        return np.concatenate([part.products.forward(x, outputs) for part in self._alike], axis=-1)

    def backward(self, c: Array, outputs: int = 1) -> Array:
        out = np.empty((len(c) // outputs, self.nodes, outputs * self.p))
        for part in self._alike:
            out[:, part.nodes] = part.products.backward(c[:, part.rows], outputs)
        return out

    def rowwise(self, values: Array, padding: float) -> Array:
        parts = zip(self._alike, self._taken, strict=True)
        return np.concatenate([part.products.rowwise(values[taken], padding) for part, taken in parts])

    def parts(self, vectors: int) -> tuple[Share, ...]:
        return self._alike


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
    return (UnevenProducts if uneven else _dense)(features, node_of_row, nodes, order, scale)


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


def _some_rows(matrix: sp.csr_matrix, rows: slice) -> sp.csr_matrix:
    """Neighbouring rows, with the numbers where they are."""
    ends = matrix.indptr[rows.start : rows.stop + 1]
    entries = slice(ends[0], ends[-1])
    return sp.csr_matrix((matrix.data[entries], matrix.indices[entries], ends - ends[0]), shape=(len(ends) - 1, matrix.shape[1]))


def _per_vector(matrix: sp.csr_matrix, vectors: Array) -> Array:
    """matrix @ v for every row v of `vectors`; a single one takes the faster vector product, with the same sums in the same order."""
    return (matrix @ vectors[0])[None] if len(vectors) == 1 else (matrix @ vectors.T).T
