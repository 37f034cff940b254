"""The largest and the least eigenvalue of Σ wⱼ aⱼaⱼᵀ = AᵀWA, with no copy of A: Gram matrices are summed over pieces of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse as sp
import scipy.sparse.linalg

from ef21lab.datasets.base import Features
from ef21lab.streams import Stream, generator

SMALL_SIDE = 500  # the largest eigenvalue of a Gram matrix beyond this side is found by Lanczos iterations, in a third of the time
LARGE_SIDE = 1500  # of sparse rows, and of dense ones where the least eigenvalue is asked for: no Gram matrix is made beyond this side
LARGEST_GRAM = 4000  # of dense rows: a Gram matrix of this side takes 128 MB
PIECE = 10_000_000  # numbers of A that are scaled at a time: 80 MB


class Extremes(NamedTuple):
    """λ_min over all of R^p and λ_max."""

    least: float
    largest: float


def largest_eigenvalue(rows: Features, weights: np.ndarray | None = None) -> float:
    """λ_max(Σ wⱼ aⱼaⱼᵀ) over the rows aⱼ, with weights (rows,) or all of them 1."""
    side = min(rows.shape)
    if sp.issparse(rows) and side > LARGE_SIDE:
        scaled = sp.csr_matrix(rows if weights is None else scaled_rows(rows, np.sqrt(weights)))
        return float(scipy.sparse.linalg.svds(scaled, k=1, return_singular_vectors=False, v0=_start(side))[0] ** 2)
    if side > LARGEST_GRAM:
        return _by_iteration(_applied(rows, weights))
    return _largest(_gram(rows, weights))


def extremes(rows: Features, weights: np.ndarray) -> Extremes | None:
    """Both ends of the spectrum of Σ wⱼ aⱼaⱼᵀ; None where there are too few rows for a least one above 0, or AᵀWA is too large."""
    if rows.shape[0] < rows.shape[1] or rows.shape[1] > LARGE_SIDE:
        return None
    gram = _gram(rows, weights)
    return Extremes(_eigenvalue(gram, 0), _largest(gram))


def scaled_rows(features: Features, scale: np.ndarray) -> Features:
    """The rows, each times its number in `scale` (rows,)."""
    return sp.diags_array(scale) @ features if sp.issparse(features) else scale[:, None] * features


def pieces(count: int, length: int) -> Iterator[slice]:
    """0..count cut into runs; so many vectors of this length hold at most PIECE numbers together."""
    step = max(1, PIECE // max(length, 1))
    return (slice(begin, min(begin + step, count)) for begin in range(0, count, step))


def _gram(rows: Features, weights: np.ndarray | None) -> np.ndarray:
    """The smaller of BᵀB and BBᵀ, B = √W A: their nonzero eigenvalues are the same."""
    scale, tall = None if weights is None else np.sqrt(weights), rows.shape[0] >= rows.shape[1]
    if sp.issparse(rows):
        B = rows if scale is None else scaled_rows(rows, scale)
        return np.asarray((B.T @ B if tall else B @ B.T).toarray())
    gram = np.zeros((min(rows.shape),) * 2)
    for run in pieces(max(rows.shape), min(rows.shape)):
        B = rows[run] if tall else rows[:, run]
        if scale is not None:
            B = (scale[run] if tall else scale)[:, None] * B
        gram += B.T @ B if tall else B @ B.T
    return gram


def _applied(rows: np.ndarray, weights: np.ndarray | None) -> scipy.sparse.linalg.LinearOperator:
    """v ↦ AᵀWAv; each piece of A is read from memory once."""
    count, p = rows.shape

    def product(v: np.ndarray) -> np.ndarray:
        total = np.zeros(p)
        for run in pieces(count, 64 * p):
            margins = rows[run] @ v.reshape(-1)
            total += (margins if weights is None else weights[run] * margins) @ rows[run]
        return total

    return scipy.sparse.linalg.LinearOperator((p, p), matvec=product, dtype=float)


def _largest(gram: np.ndarray) -> float:
    side = len(gram)
    return max(0.0, _eigenvalue(gram, side - 1) if side <= SMALL_SIDE else _by_iteration(gram))


def _start(side: int) -> np.ndarray:
    """Where an iteration begins; all ones would be blind to centred columns."""
    return generator(Stream.EIGENVECTOR, 0).normal(size=side)


def _by_iteration(symmetric: np.ndarray | scipy.sparse.linalg.LinearOperator) -> float:
    """λ_max of a matrix without negative eigenvalues, to the last digits, by Lanczos."""
    start = _start(symmetric.shape[0])
    if not (symmetric @ start).any():  # the zero matrix: there is nothing to iterate on
        return 0.0
    return float(scipy.sparse.linalg.eigsh(symmetric, k=1, which="LA", return_eigenvectors=False, v0=start)[0])


def _eigenvalue(matrix: np.ndarray, place: int) -> float:
    """The eigenvalue of a symmetric matrix at this place, the smallest at 0."""
    try:
        return float(scipy.linalg.eigvalsh(matrix, subset_by_index=(place, place))[0])
    except np.linalg.LinAlgError:  # the fast driver gives up on clusters: a rounded multiple of the identity
        return float(np.linalg.eigvalsh(matrix)[place])
