"""What the messages of Gaussian vectors cost on the average, by arithmetic: nothing is drawn and nothing is compressed.

A long Gaussian vector looks like its quantiles, and an I × P Gaussian matrix like the roots of a Laguerre polynomial: they are where
the eigenvalues of AAᵀ stand (Dumitriu, Edelman 2002, "Matrix models for beta ensembles"). Both are taken at most FINE at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from ef21lab.compressors import wire
from ef21lab.compressors.base import Array
from ef21lab.compressors.wire import support

FINE = 256


@lru_cache(maxsize=256)
def magnitudes(d: int) -> Array:
    """min(d, FINE) quantiles of |z|, ascending, each of which stands for as many of the d coordinates of a Gaussian vector."""
    count = min(d, FINE)
    return np.array([NormalDist().inv_cdf(0.5 + (place + 0.5) / (2 * count)) for place in range(count)])


def shares_of_norm(d: int) -> Array:
    """|xᵢ|/‖x‖ of a Gaussian vector, at the quantiles."""
    sizes = magnitudes(d)
    return sizes / math.sqrt(d * float(np.mean(sizes**2)))


def shares_of_largest(d: int) -> Array:
    """|xᵢ|/max |xⱼ| of a Gaussian vector, at the quantiles; the largest of d numbers by Blom's formula (1958)."""
    largest = NormalDist().inv_cdf(0.5 + (d - 0.375) / (d + 0.25) / 2)
    return np.minimum(magnitudes(d) / largest, 1.0)


def signed_levels(levels: Array, d: int, most: int) -> tuple[float, float]:
    """(bits, how many are not zero) of d levels that are rounded at random, their sizes before rounding at the quantiles (count,).

    See _quantise.signed_bits: the shorter of a fixed code and a sparse one, and the bit that says which.
    """
    below = np.floor(levels)
    up, present = levels - below, np.minimum(levels, 1.0)
    tails = (1 - up) * _tail(below, most) + up * _tail(below + 1, most)
    k = d * float(np.mean(present))
    sparse_bits = set_bits(d, k) + d * float(np.mean(tails))
    return 1 + min(sparse_bits, float(d * (2 * most).bit_length())), k


def kept_to_error(d: int, error: float) -> int:
    """How many of the largest coordinates of a Gaussian vector leave a relative error of at most this."""
    squares = magnitudes(d) ** 2
    lost = np.cumsum(squares) / np.sum(squares)
    dropped = float(np.interp(error**2, np.concatenate([[0.0], lost]), np.linspace(0.0, 1.0, len(lost) + 1)))
    return d - math.floor(d * dropped + 1e-9)


def set_bits(d: int, k: float) -> float:
    """The shortest code of k of d indices that have no structure (see wire/support.py)."""
    count, whole = d.bit_length(), round(k)
    plain, gaps = whole * (d - 1).bit_length(), whole * float(_gap_bits(k / d))
    combinatorial = wire.subset_bits(d, whole) if d <= support.ENUMERATED else math.inf
    return 2 + min(d, count + min(plain, gaps, combinatorial))


def ranks_within(sides: Sequence[int], most: Sequence[int], error: float, *, turns: bool) -> tuple[int, ...]:
    """The ranks that keep a Gaussian tensor of these sides within a relative error (see low_rank/within.py)."""
    whole, allowed, before, left, ranks = 1.0, error**2, 1, math.prod(sides), []
    for place, largest in enumerate(most):
        rows = sides[place] * (1 if turns else before)
        tails = whole * _tails(rows, left // rows)
        kept = min(largest, 1 + int(np.count_nonzero(tails[1:-1] > allowed / (len(most) - place))))
        lost = float(tails[min(kept, len(tails) - 1)])
        whole, allowed, before, left = whole - lost, max(allowed - lost, 0.0), kept, left // rows * kept
        ranks.append(kept)
    return tuple(ranks)


@lru_cache(maxsize=1024)
def _tails(rows: int, columns: int) -> Array:
    """Σ_{j>r} σ_j² / Σ σ_j² for r = 0 … m of a Gaussian matrix, m = min(rows, columns)."""
    m, n = sorted((rows, columns))
    energies = _energies(min(m, FINE), max(min(m, FINE), round(n * min(m, FINE) / m)))  # the shape depends on the ratio of sides alone
    lost = np.concatenate([np.cumsum(energies[::-1])[::-1], [0.0]]) / np.sum(energies)
    return np.interp(np.linspace(0.0, 1.0, m + 1), np.linspace(0.0, 1.0, len(lost)), lost)


def _energies(m: int, n: int) -> Array:
    """The m roots of the Laguerre polynomial with parameter n − m, descending: of BBᵀ, B bidiagonal with √n, √(n−1) … and √(m−1) … √1."""
    bidiagonal = np.diag(np.sqrt(n - np.arange(m))) + np.diag(np.sqrt(np.arange(m - 1, 0, -1)), -1)
    return np.linalg.eigvalsh(bidiagonal @ bidiagonal.T)[::-1].clip(0.0)


def _gap_bits(density: float) -> float:
    """What Elias' gamma code takes for a gap in a random set of this density: Σ_j (2⌊log₂ j⌋ + 1) P(gap = j) = 1 + 2 Σ_e P(gap ≥ 2^e)."""
    if density <= 0:
        return 0.0
    return 1 + 2 * sum((1 - density) ** (2**e - 1) for e in range(1, 31))


def _tail(levels: Array, most: int) -> Array:
    """Sign and size of these levels in the sparse code."""
    sizes = np.maximum(levels, 1.0)
    return np.where(levels > 0, 1 + (wire.gamma_bits(sizes) if most > 1 else 0), 0)
