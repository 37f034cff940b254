"""Passes over the vectors of all nodes that leave no other array of their size behind, and whose sums are a vector's own.

Up to PIECE numbers NumPy adds the squares of a vector in one order, however many vectors stand beside it; beyond that its buffers begin
where the neighbours end. So a long vector is taken piece by piece: what is measured of a lane stays what it is alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_numpy_array

Array = Any

PIECE = 8192  # numbers of one vector: as many as NumPy buffers
BLOCK = 131_072  # numbers at a time, 1 MB: what a core keeps near itself


def norm_sq(x: Array) -> Array:
    """‖x‖² over the last axis."""
    if x.shape[-1] <= PIECE:
        return _squares(x)
    vectors = _vectors(x)
    total = np.zeros(len(vectors))
    for rows, columns in _blocks(vectors):
        total[rows] += _squares(vectors[rows, columns])
    return total.reshape(x.shape[:-1])


def distance_sq(x: Array, y: Array) -> Array:
    """‖x − y‖² over the last axis: norm_sq(x − y) to the last bit."""
    if _is_small(x) or x.shape != y.shape:
        return norm_sq(x - y)
    first, second = _vectors(x), _vectors(y)
    total = np.zeros(len(first))
    for rows, columns in _blocks(first):
        total[rows] += _squares(first[rows, columns] - second[rows, columns])
    return total.reshape(x.shape[:-1])


def all_within(x: Array, bound: float) -> Array:
    """Whether every number of a lane is less than `bound` in magnitude, and none is nan; (lanes, nodes, d) → (lanes,)."""
    if _is_small(x):
        xp = array_namespace(x)
        return xp.all(xp.abs(x) < bound, axis=(-2, -1))
    return (x.max(axis=(-2, -1)) < bound) & (x.min(axis=(-2, -1)) > -bound)


def _is_small(x: Array) -> bool:
    """Whether an array like it may be left behind; of another library's arrays no pieces are taken."""
    return not is_numpy_array(x) or x.size <= BLOCK


def _squares(x: Array) -> Array:
    return np.einsum("...d,...d->...", x, x)


def _vectors(x: Array) -> Array:
    """x (..., d) as (vectors, d)."""
    return np.ascontiguousarray(x).reshape(-1, x.shape[-1])


def _blocks(vectors: Array) -> Iterator[tuple[slice, slice]]:
    """Some neighbouring vectors, and a piece of theirs: each vector's pieces come in order."""
    count, d = vectors.shape
    together = max(1, BLOCK // min(d, PIECE))
    for row in range(0, count, together):
        for column in range(0, d, PIECE):
            yield slice(row, row + together), slice(column, column + PIECE)
