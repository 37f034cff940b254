"""A set of k among d coordinates as one number of ⌈log₂ C(d, k)⌉ bits: its place in an order of all C(d, k) such sets.

No code of one length is shorter. C(d, k) ≤ 2^d and C(d, k) ≤ d^k, so neither a bitmap (d bits) nor a list of indices (k⌈log₂ d⌉ bits) ever
beats it, and a header that chooses between codes would be wasted.

The order: up to SHORT coordinates, and of one among any, sets come colexicographically, Σⱼ C(cⱼ, j) for c₁ < … < c_k (the combinatorial
number system: Knuth, The Art of Computer Programming 4A, 7.2.1.3, Theorem L). That would take d steps with numbers of up to d bits, so
longer ranges are halved, and sets come by how many of their members i lie in the first half, then by the part there, then by the other:

    place = Σ_{i' before i} C(d₁, i') C(d₂, k − i')  +  C(d₂, k − i) · place₁  +  place₂,   d₁ = ⌊d/2⌋, d₂ = d − d₁.

The likeliest i, the mode of the hypergeometric law, comes first, and the others by how far they are from it: a set without structure is
about √k terms away, each got from the last by one small factor, and the numbers halve with the ranges. Of k = 10⁴ among 10⁵, encoding
takes a twentieth of what the steps one by one would.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile

import numpy as np

from ef21lab.compressors.base import Array
from ef21lab.compressors.wire.bits import Bits
from ef21lab.compressors.wire.refusals import malformed_index

SHORT = 62  # coordinates: C(62, 31) is a machine's number


@lru_cache(maxsize=1024)
def subset_bits(d: int, k: int) -> int:
    """⌈log₂ C(d, k)⌉: bits that name k of d coordinates.

    From log Γ, good to 1e-6 of a bit up to d = 10⁸, and from C(d, k) itself where that leaves a doubt: numbers of a million bits take
    seconds.
    """
    near = (math.lgamma(d + 1) - math.lgamma(k + 1) - math.lgamma(d - k + 1)) / math.log(2)
    if abs(near - round(near)) < 1e-5:
        return (math.comb(d, k) - 1).bit_length()
    return math.ceil(near)


def subset_code(indices: Array, d: int) -> Bits:
    """The place of the set of these ascending indices (k,) among the k-subsets of 0..d−1."""
    members = [int(index) for index in indices]
    return Bits(_place(members, 0, d), subset_bits(d, len(members)))


def subset(code: int, d: int, k: int) -> Array:
    """The k ascending indices (k,) whose place `code` is; raises Refusal where it is none."""
    if code >= math.comb(d, k):
        raise malformed_index()
    return np.array(_members(code, 0, d, k), dtype=np.int64)


def _place(members: Sequence[int], first: int, d: int) -> int:
    """The place of ascending members among the sets of as many of first..first + d − 1."""
    k = len(members)
    if k in (0, d):
        return 0
    if k == 1 or d <= SHORT:
        return sum(math.comb(member - first, j) for j, member in enumerate(members, start=1))
    middle = first + d // 2
    i = bisect_left(members, middle)
    before = sum(sets for _, sets in takewhile(lambda part: part[0] != i, _parts(d, k)))
    own, other = _place(members[:i], first, d // 2), _place(members[i:], middle, d - d // 2)
    return before + own * _comb(d - d // 2, k - i) + other


def _members(place: int, first: int, d: int, k: int) -> list[int]:
    """The ascending members of the set of k of first..first + d − 1 with that place."""
    if k in (0, d):
        return [*range(first, first + k)]
    if k == 1:
        return [first + place]
    if d <= SHORT:
        return _short_members(place, first, k)
    i, place = _part_of(place, d, k)
    own, other = divmod(place, _comb(d - d // 2, k - i))
    return _members(own, first, d // 2, i) + _members(other, first + d // 2, d - d // 2, k - i)


def _part_of(place: int, d: int, k: int) -> tuple[int, int]:
    """How many members of the set with that place lie in the first half, and its place among those with as many."""
    for i, sets in _parts(d, k):
        if place < sets:
            return i, place
        place -= sets
    raise malformed_index()


def _parts(d: int, k: int) -> Iterator[tuple[int, int]]:
    """Every number i of members that the first half may have, the likeliest first and the others by their distance from it, the larger of
    two first; and how many sets have it, C(d₁, i) C(d₂, k − i).
    """
    one, two = d // 2, d - d // 2
    fewest, most = max(0, k - two), min(k, one)
    mode = min(max((one + 1) * (k + 1) // (d + 2), fewest), most)
    less = more = _comb(one, mode) * _comb(two, k - mode)
    yield mode, more
    for distance in range(1, one + 1):
        if (i := mode + distance) <= most:
            more = more * ((one - i + 1) * (k - i + 1)) // (i * (two - k + i))
            yield i, more
        if (i := mode - distance) >= fewest:
            less = less * ((i + 1) * (two - k + i + 1)) // ((one - i) * (k - i))
            yield i, less


def _short_members(place: int, first: int, k: int) -> list[int]:
    members = []
    for j in range(k, 0, -1):  # the largest c with C(c, j) ≤ what is left
        column = _column(j)
        c = bisect_right(column, place) - 1
        place -= column[c]
        members.append(first + c)
    return members[::-1]


@lru_cache(maxsize=SHORT + 1)
def _column(j: int) -> list[int]:
    """C(c, j) for c = 0..SHORT − 1."""
    return [math.comb(c, j) for c in range(SHORT)]


@lru_cache(maxsize=8192)
def _few(d: int, k: int) -> int:
    return math.comb(d, k)


def _comb(d: int, k: int) -> int:
    return _few(d, k) if d <= 1024 else math.comb(d, k)
