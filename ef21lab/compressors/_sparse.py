"""Which coordinates are kept, and the shortest code that names them."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from array_api_compat import is_numpy_namespace

from ef21lab.compressors.base import Array
from ef21lab.compressors.wire import Bits, Namespace, malformed_index


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


@lru_cache(maxsize=1024)
def subset_bits(d: int, k: int) -> int:
    """⌈log₂ C(d, k)⌉: bits that name k of d coordinates.

    No fixed-length code is shorter. C(d, k) ≤ 2^d and C(d, k) ≤ d^k, so neither a bitmap (d bits) nor a list of indices
    (k⌈log₂ d⌉ bits) ever beats it, and a header that chooses between codes would be wasted. From log Γ, good to 1e-6 of a bit up to
    d = 10⁸, and from C(d, k) itself where that leaves a doubt: numbers of a million bits take seconds.
    """
    near = (math.lgamma(d + 1) - math.lgamma(k + 1) - math.lgamma(d - k + 1)) / math.log(2)
    if abs(near - round(near)) < 1e-5:
        return (math.comb(d, k) - 1).bit_length()
    return math.ceil(near)


def subset_code(indices: Array, d: int) -> Bits:
    """The place of {c₁ < … < c_k} among the k-subsets of 0..d−1 in colexicographic order: Σⱼ C(cⱼ, j).

    The combinatorial number system (Knuth, The Art of Computer Programming 4A, 7.2.1.3, Theorem L).
    """
    members = {int(index) for index in indices}
    code, j, subsets = 0, len(members), math.comb(d - 1, len(members))  # subsets = C(c, j)
    for c in reversed(range(d)):
        if taken := c in members:
            code += subsets
        subsets, j = _below(subsets, c, j, taken), j - taken
    return Bits(code, subset_bits(d, len(members)))


def subset(code: int, d: int, k: int) -> Array:
    """The k ascending indices that `code` stands for; a Refusal where it stands for none."""
    if code >= math.comb(d, k):
        raise malformed_index()
    members, j, subsets = [], k, math.comb(d - 1, k)  # subsets = C(c, j)
    for c in reversed(range(d)):
        if taken := j > 0 and code >= subsets:
            code -= subsets
            members.append(c)
        subsets, j = _below(subsets, c, j, taken), j - taken
    return np.array(members[::-1], dtype=np.int64)


def _below(subsets: int, c: int, j: int, taken: bool) -> int:
    """C(c−1, j−1) where c was taken, C(c−1, j) where not, from subsets = C(c, j): one multiplication and one division."""
    return subsets * (j if taken else c - j) // max(c, 1)


def _kth_largest(xp: Namespace, x: Array, k: int) -> Array:
    d = x.shape[-1]
    ascending = np.partition(x, d - k, axis=-1) if is_numpy_namespace(xp) else xp.sort(x, axis=-1)
    return ascending[..., d - k]
