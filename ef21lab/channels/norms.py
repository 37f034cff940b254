"""Passes over the vectors of all nodes that leave no other array of their size behind, and whose sums are a vector's own.

Up to PIECE numbers NumPy adds the squares of a vector in one order, however many vectors stand beside it; beyond that its buffers begin
where the neighbours end. So a long vector is taken piece by piece: what is measured of a lane stays what it is alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_numpy_array

Array = Any

PIECE = 8192  # numbers of one vector: as many as NumPy buffers
BLOCK = 131_072  # numbers at a time, 1 MB: what a core keeps near itself; whole pieces


def norm_sq(x: Array) -> Array:
    """‖x‖² over the last axis."""
    return _squares(x) if x.shape[-1] <= PIECE else of_pieces(piece_norms_sq(x))


def distance_sq(x: Array, y: Array) -> Array:
    """‖x − y‖² over the last axis: norm_sq(x − y) to the last bit."""
    if _is_small(x) or x.shape != y.shape:
        return norm_sq(_difference(x, y))
    first, second = _vectors(x), _vectors(y)
    pieces = _by_blocks(first.shape, lambda block: _difference(first[block], second[block]))
    return of_pieces(pieces).reshape(x.shape[:-1])


def piece_norms_sq(x: Array) -> Array:
    """‖·‖² of every piece of every vector, (..., d) → (..., pieces)."""
    vectors = _vectors(x)
    return _by_blocks(vectors.shape, lambda block: vectors[block]).reshape(*x.shape[:-1], -1)


def of_pieces(pieces: Array) -> Array:
    """‖·‖² of every vector from those of its pieces, (..., pieces) → (...), added up in their order."""
    return np.add.accumulate(pieces, axis=-1)[..., -1]


def with_few(pieces: Array, wanted: Array, columns: Array, numbers: Array) -> Array:
    """The pieces of ‖x − wanted‖², where x (..., d) is 0 but for its `numbers` (..., k) in the `columns`, from those of ‖wanted‖².

    They are the same where x is 0, since (0 − w)² is w² to the last bit; only the others are added up anew.
    """
    pieces, vectors, k = pieces.copy(), _vectors(wanted), columns.shape[-1]
    of_vectors, columns, numbers = pieces.reshape(len(vectors), -1), columns.reshape(-1, k), numbers.reshape(-1, k)
    for vector, (own, values) in enumerate(zip(columns, numbers, strict=True)):
        for piece in np.unique(own // PIECE):
            here, begins = own // PIECE == piece, piece * PIECE
            lost = -vectors[vector, begins : begins + PIECE].astype(float)
            lost[own[here] - begins] += values[here]
            of_vectors[vector, piece] = _squares(lost)
    return pieces


def all_within(x: Array, bound: float) -> Array:
    """Whether every number of a lane is less than `bound` in magnitude, and none is nan; (lanes, nodes, d) → (lanes,)."""
    if _is_small(x):
        xp = array_namespace(x)
        return xp.all(xp.abs(x) < (bound if x.dtype != np.float32 else np.inf), axis=(-2, -1))  # float32 holds nothing beyond
    highest, lowest = x.max(axis=(-2, -1)).astype(float), x.min(axis=(-2, -1)).astype(float)
    return (highest < bound) & (lowest > -bound)


def _is_small(x: Array) -> bool:
    """Whether an array like it may be left behind; of another library's arrays no pieces are taken."""
    return not is_numpy_array(x) or x.size <= BLOCK


def _difference(x: Array, y: Array) -> Array:
    """x − y; of float32 numbers in float64, where most of their differences are exact."""
    return np.subtract(x, y, dtype=float) if is_numpy_array(x) and x.dtype == np.float32 else x - y


def _squares(x: Array) -> Array:
    x = x.astype(float) if is_numpy_array(x) and x.dtype == np.float32 else x
    return np.einsum("...d,...d->...", x, x)


def _vectors(x: Array) -> Array:
    """x (..., d) as (vectors, d)."""
    return np.ascontiguousarray(x).reshape(-1, x.shape[-1])


def _by_blocks(shape: tuple[int, int], numbers: Callable[[tuple[slice, slice]], Array]) -> Array:
    """‖·‖² of every piece of vectors whose `numbers` are known a block at a time, (vectors, pieces)."""
    count, d = shape
    pieces = np.empty((count, -(-d // PIECE)))
    for rows, columns in _blocks(count, d):
        block = numbers((rows, columns))  # (some vectors, some whole pieces and what is left of d)
        whole, first = block.shape[1] // PIECE, columns.start // PIECE
        pieces[rows, first : first + whole] = _squares(block[:, : whole * PIECE].reshape(len(block), whole, PIECE))
        if whole * PIECE < block.shape[1]:
            pieces[rows, first + whole] = _squares(block[:, whole * PIECE :])
    return pieces


def _blocks(count: int, d: int) -> Iterator[tuple[slice, slice]]:
    together = max(1, BLOCK // d)
    for row in range(0, count, together):
        for column in range(0, d, BLOCK):
            yield slice(row, row + together), slice(column, column + BLOCK)
