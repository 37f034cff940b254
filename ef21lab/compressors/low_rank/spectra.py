"""Stacks of tensors taken apart: unfoldings, products with a matrix along a mode, leading singular directions, and what these take.

Every product is a stack of small matrix products, one for each tensor, so that none sees its neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from array_api_compat import device

from ef21lab.compressors.base import Array
from ef21lab.compressors.wire import Namespace

CALL = 2e-4  # seconds that a truncation of one mode takes beside its arithmetic
EACH = 2e-5  # seconds that one more tensor takes beside its arithmetic
PRODUCT = 4e-10  # seconds of a multiplication and an addition


def times_first(xp: Namespace, tensors: Array, matrix: Array) -> Array:
    """T ×₁ Mᵀ with the first mode moved to the end: T (n, I, *rest), M (n, I, r) → (n, *rest, r)."""
    return xp.reshape(xp.matrix_transpose(rows_of(xp, tensors)) @ matrix, (*tensors.shape[:1], *tensors.shape[2:], matrix.shape[-1]))


def multiplied(xp: Namespace, tensors: Array, matrices: Sequence[Array]) -> Array:
    """T ×₁ M₁ᵀ ⋯ ×_m M_mᵀ for T (n, *sides) and M_k (n, side_k, new side_k): after m turns the modes stand in order again."""
    for matrix in matrices:
        tensors = times_first(xp, tensors, matrix)
    return tensors


def rows_of(xp: Namespace, tensors: Array) -> Array:
    """The unfolding along the first mode: T (n, I, *rest) → (n, I, Π rest)."""
    return xp.reshape(tensors, (*tensors.shape[:2], math.prod(tensors.shape[2:])))


def turned(xp: Namespace, tensors: Array) -> Array:
    """The first mode moved to the end: T (n, I, *rest) → (n, *rest, I)."""
    return xp.reshape(xp.matrix_transpose(rows_of(xp, tensors)), (*tensors.shape[:1], *tensors.shape[2:], tensors.shape[1]))


def leading(xp: Namespace, rows: Array, rank: int) -> Array:
    """Orthonormal columns U (n, I, r) that span the r leading left singular vectors of A (n, I, P); r ≤ min(I, P)."""
    n, side, _ = rows.shape
    if rank == side:
        return xp.broadcast_to(xp.eye(side, dtype=rows.dtype, device=device(rows)), (n, side, side))
    return _directions(xp, rows, rank)[0]


def spectrum(xp: Namespace, rows: Array, rank: int) -> tuple[Array, Array]:
    """The r leading left singular vectors (n, I, r) of A (n, I, P) in descending order, and all σ² (n, min(I, P))."""
    columns, energies = _directions(xp, rows, rank)
    return columns, xp.flip(energies, axis=-1)


def _directions(xp: Namespace, rows: Array, rank: int) -> tuple[Array, Array]:
    """The same, with σ² in ascending order.

    From the smaller of two Gram matrices: the eigenvectors of AAᵀ, or A times those of AᵀA made orthonormal. Squaring is safe since the
    largest entry lies in [2^-60, 2^60]; it blurs directions of less than 1e-8 of the norm, far below float32.
    """
    across = xp.matrix_transpose(rows)
    if rows.shape[1] <= rows.shape[2]:
        energies, vectors = xp.linalg.eigh(rows @ across)
        return xp.flip(vectors[..., -rank:], axis=-1), energies
    energies, vectors = xp.linalg.eigh(across @ rows)
    return xp.linalg.qr(rows @ xp.flip(vectors[..., -rank:], axis=-1))[0], energies


def products(side: int, rank: int, cells: int) -> float:
    """Multiplications, about, to find r directions of an I × P unfolding of a tensor of so many cells and to project onto them."""
    small = min(side, max(1, cells // side))
    return 2 * small * cells + 8 * small**3 + 4 * side * rank**2 + 2 * cells * rank


def energy(xp: Namespace, tensors: Array) -> Array:
    """‖T‖² of every tensor (n, …) → (n,), each a product of its own, so that no neighbour changes its last bit."""
    flat = xp.reshape(tensors, (tensors.shape[0], 1, math.prod(tensors.shape[1:])))
    return (flat @ xp.matrix_transpose(flat))[:, 0, 0]


def times_of_svd(side: int, columns: int) -> float:
    """About how many seconds LAPACK takes for a full SVD of one I × P matrix."""
    return 2e-5 + 4e-9 * min(side, columns) ** 2 * max(side, columns)
