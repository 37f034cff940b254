"""Which coordinates are kept: the largest, of equal ones the earliest."""

from __future__ import annotations

import math

import numpy as np
from array_api_compat import is_numpy_namespace

from ef21lab.compressors.base import Array
from ef21lab.compressors.wire import Namespace

SMALL = 131_072  # numbers of which a copy costs nothing: 1 MB


def largest_of_all(xp: Namespace, vectors: Array) -> Array:
    """The place of the entry of largest magnitude of every vector, (n, d) → (n,); of equal ones the earliest, and of nan the first."""
    if not is_numpy_namespace(xp) or vectors.size <= SMALL:
        return xp.argmax(xp.abs(vectors), axis=-1)
    rows, high, low = np.arange(len(vectors)), vectors.argmax(axis=-1), vectors.argmin(axis=-1)  # no array of all magnitudes is made
    above, below = vectors[rows, high], -vectors[rows, low]
    return np.where((above > below) | ((above == below) & (high < low)) | np.isnan(above), high, low)


def largest(xp: Namespace, magnitudes: Array, k: int) -> Array:
    """A mask of the k largest entries of every vector, (..., d); of equal ones the earliest are taken."""
    return reaching(xp, magnitudes, _kth_largest(xp, magnitudes, k)[..., None], k)


def reaching(xp: Namespace, magnitudes: Array, threshold: Array, k: Array | int) -> Array:
    """A mask of k entries ≥ threshold of every vector, (..., d), where k − 1 or fewer exceed it; of equal ones the earliest are taken."""
    mask = magnitudes >= threshold
    kept = k * math.prod(mask.shape[:-1]) if isinstance(k, int) else xp.sum(k)
    if xp.count_nonzero(mask) == kept:  # every vector has k or more of them
        return mask
    above = magnitudes > threshold
    tied = mask & ~above
    room = k - xp.sum(above, axis=-1, keepdims=True)
    return above | (tied & (xp.cumulative_sum(xp.astype(tied, xp.int64), axis=-1) <= room))


def _kth_largest(xp: Namespace, x: Array, k: int) -> Array:
    d = x.shape[-1]
    if hasattr(xp, "topk"):  # PyTorch's, which need not sort them all
        return xp.min(xp.topk(x, k, sorted=False).values, axis=-1)
    ascending = np.partition(x, d - k, axis=-1) if is_numpy_namespace(xp) else xp.sort(x, axis=-1)
    return ascending[..., d - k]
