"""The shortest of four codes for a set of coordinates of any size, and a header of two bits that says which.

    plain         k, then k indices of ⌈log₂ d⌉ bits
    bitmap        d bits
    gaps          k, then in Elias' gamma code how far each index lies behind the one before
    combinatorial k, then the place of the set among all C(d, k) of them; only up to d = 65536, where numbers of d bits are still quick

k takes ⌈log₂(d + 1)⌉ bits. The combinatorial code is the shortest for sets without structure, gaps for clustered ones.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from ef21lab.compressors.base import Array
from ef21lab.compressors.wire.bits import Bits, Reader, each, gamma, gamma_bits
from ef21lab.compressors.wire.refusals import malformed_index
from ef21lab.compressors.wire.subsets import subset, subset_bits, subset_code

PLAIN, BITMAP, GAPS, COMBINATORIAL = range(4)
ENUMERATED = 65_536
_HEADER = 2


def bits(mask: Array) -> Array:
    """What the codes of the sets in mask (n, d) cost, (n,)."""
    return _HEADER + np.min(_lengths(np.asarray(mask)), axis=0)


def code(chosen: Array, d: int) -> list[Bits]:
    """The shortest code of the ascending indices `chosen` (k,); of equally short ones the first of the four."""
    mask = np.zeros((1, d), dtype=bool)
    mask[0, chosen] = True
    kind = int(np.argmin(_lengths(mask)[:, 0]))
    count = [] if kind == BITMAP else [Bits(len(chosen), d.bit_length())]
    return [Bits(kind, _HEADER), *count, _body(kind, chosen, mask[0])]


def read(reader: Reader, d: int) -> Array:
    """The ascending indices (k,) that the code stands for; a Refusal where it stands for none."""
    kind = reader.take(_HEADER)
    if kind == BITMAP:
        return np.flatnonzero(reader.take_each(d, 1))
    k = reader.take(d.bit_length())
    if k > d or (kind == COMBINATORIAL and d > ENUMERATED):
        raise malformed_index()
    if kind == COMBINATORIAL:
        return subset(reader.take(subset_bits(d, k)), d, k)
    chosen = np.cumsum(reader.take_gamma(k)) - 1 if kind == GAPS else reader.take_each(k, (d - 1).bit_length())
    if np.any(chosen >= d) or np.any(np.diff(chosen) <= 0):
        raise malformed_index()
    return chosen


def _body(kind: int, chosen: Array, mask: Array) -> Bits:
    d = len(mask)
    if kind == BITMAP:
        return each(mask, 1)
    if kind == COMBINATORIAL:
        return subset_code(chosen, d)
    return gamma(np.diff(chosen, prepend=-1)) if kind == GAPS else each(chosen, (d - 1).bit_length())


def _lengths(mask: Array) -> Array:
    """Bits of each code without its header, (4, n); what is not on offer is far too long."""
    n, d = mask.shape
    k = np.count_nonzero(mask, axis=-1)  # (n,)
    count = d.bit_length()
    combinatorial = count + _all_subset_bits(d)[k] if d <= ENUMERATED else np.full(n, np.iinfo(np.int64).max)
    return np.stack([count + k * (d - 1).bit_length(), np.full(n, d), count + _gap_bits(mask), combinatorial])


def _gap_bits(mask: Array) -> Array:
    """Σ over the gaps of a set of their bits, (n,). All sets are taken as one row of gaps; the first of each counts from its own start."""
    n, d = mask.shape
    vectors, columns = np.divmod(np.flatnonzero(mask), d)
    before = np.where(np.diff(vectors, prepend=-1) > 0, -1, np.concatenate([[-1], columns[:-1]]))
    return np.bincount(vectors, _gamma_table(d)[columns - before], minlength=n).astype(np.int64)


@lru_cache(maxsize=64)
def _gamma_table(d: int) -> Array:
    """Bits of every gap 1..d; exact as float64."""
    return gamma_bits(np.maximum(np.arange(d + 1), 1)).astype(np.float64)


@lru_cache(maxsize=64)
def _all_subset_bits(d: int) -> Array:
    """⌈log₂ C(d, k)⌉ for k = 0..d: from log Γ, good to 1e-8 here, and from C(d, k) itself where that leaves a doubt."""
    logs = np.array([math.lgamma(n + 1) for n in range(d + 1)]) / math.log(2)
    exact = logs[d] - logs - logs[::-1]
    found = np.ceil(exact).astype(np.int64)
    for k in np.flatnonzero(np.abs(exact - np.rint(exact)) < 1e-6):
        found[k] = subset_bits(d, int(k))
    return found
