"""A subspace as it travels: r of its I coordinates are free, and every other is a combination of those.

An orthonormal basis U (I × r) of a subspace holds r² numbers that say nothing of the subspace. Where r rows of U, the pivots, are
invertible, V = U · (pivot rows)⁻¹ spans the same subspace and is the identity in those rows, so that only the I − r others, and which
rows the pivots are, need to be sent. Pivots are chosen so that |entries| ≤ 2 and V is well-conditioned: elimination with the largest
entry of each column as pivot, then, while an entry exceeds 2, its row takes the place of a pivot. Each such exchange more than doubles
|det (pivot rows)| ≤ 1, so there are few (Goreinov, Oseledets, Savostyanov, Tyrtyshnikov, Zamarashkin 2010, "How to find a good submatrix").

V travels as float32; sender and receiver then make the same orthonormal basis of what arrived. So all that follows on the sender's side
projects onto the subspace that the receiver knows, and rounding V turns the projection a little but leaves it a projection.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from array_api_compat import device

from ef21lab.choices.text import Text
from ef21lab.compressors import wire
from ef21lab.compressors.base import Array
from ef21lab.compressors.wire.subsets import subset, subset_bits, subset_code

STEEPEST = 2.0  # of the weights that are sent


class Frame(NamedTuple):
    """Subspaces of R^I of dimension r, one for each of n vectors."""

    pivots: Array  # (n, r), ascending
    weights: Array  # (n, I, r), float32 numbers: the identity in the pivot rows, at most STEEPEST elsewhere
    basis: Array  # (n, I, r), orthonormal columns that span those of the weights

    @property
    def size(self) -> tuple[int, int]:
        """(I, r)."""
        side, rank = self.weights.shape[-2:]
        return side, rank


def frame(xp: wire.Namespace, columns: Array) -> Frame:
    """The subspaces spanned by orthonormal columns (n, I, r), as a receiver will know them."""
    n, side, rank = columns.shape
    if rank == side:
        return _whole(xp, columns)
    weights, pivots = _eliminated(xp, columns)
    order, vectors = xp.argsort(pivots, axis=-1), xp.arange(n, device=device(columns))[:, None]
    sent = xp.empty((n, side, rank), dtype=xp.float32, device=device(weights))  # row by row, since products depend on it
    sent[...] = xp.matrix_transpose(xp.matrix_transpose(weights)[vectors, order, :])
    received = xp.astype(sent, xp.float64) + 0.0  # −0.0 becomes 0.0, as it is in a receiver's pivot rows
    return Frame(pivots[vectors, order], received, orthonormal(xp, received))


def orthonormal(xp: wire.Namespace, weights: Array) -> Array:
    """V L⁻ᵀ with LLᵀ = VᵀV: orthonormal columns that span those of V (n, I, r), well-conditioned since it holds the identity."""
    across = xp.matrix_transpose(weights)
    return xp.matrix_transpose(xp.linalg.solve(xp.linalg.cholesky(across @ weights), across))


def floats(sizes: Iterable[tuple[int, int]]) -> int:
    """Σ r (I − r): the numbers that frames of these sizes send."""
    return sum(rank * (side - rank) for side, rank in sizes)


def pivot_bits(sizes: Iterable[tuple[int, int]]) -> int:
    """Σ ⌈log₂ C(I, r)⌉: what it costs to name their pivots."""
    return sum(subset_bits(side, rank) for side, rank in sizes)


def pivot_codes(frames: Iterable[Frame]) -> list[wire.Bits]:
    """The pivots of each frame of one vector."""
    return [subset_code(one.pivots[0, :], one.size[0]) for one in frames]


def numbers(frames: Iterable[Frame]) -> list[Array]:
    """The weights of each frame of one vector outside its pivot rows, row by row."""
    return [np.delete(wire.on_host(one.weights[0, ...]), wire.on_host(one.pivots[0, :]), axis=0).ravel() for one in frames]


def read_pivots(reader: wire.Reader, sizes: Iterable[tuple[int, int]]) -> list[Array]:
    """The inverse of `pivot_codes`."""
    return [subset(reader.take(subset_bits(side, rank)), side, rank) for side, rank in sizes]


def assembled(pivots: Sequence[Array], sizes: Sequence[tuple[int, int]], sent: Array) -> list[Frame]:
    """The frames of one vector from their pivots and the numbers that were sent for all of them; a Refusal where no sender sends those."""
    if np.any(np.abs(sent) > STEEPEST):
        raise wire.malformed(Text("a weight in it is larger than {most}", "один из весов в нём больше {most}").format(most=STEEPEST))
    frames, start = [], 0
    for chosen, (side, rank) in zip(pivots, sizes, strict=True):
        stop = start + rank * (side - rank)
        frames.append(_assembled(chosen, np.reshape(sent[start:stop], (side - rank, rank)), side))
        start = stop
    return frames


def chosen(xp: wire.Namespace, choice: Array, first: Frame, second: Frame) -> Frame:
    """For each vector the first frame where `choice` (n,), else the second."""
    if first.size[0] == first.size[1]:
        return first
    weights = xp.zeros_like(first.weights)  # a fresh array, as in `frame`
    weights[...] = xp.where(choice[:, None, None], first.weights, second.weights)
    return Frame(xp.where(choice[:, None], first.pivots, second.pivots), weights, orthonormal(xp, weights))


def _assembled(pivots: Array, rows: Array, side: int) -> Frame:
    rank = len(pivots)
    weights = np.zeros((1, side, rank))
    if rank == side:
        return _whole(np, weights)
    weights[0, pivots] = np.eye(rank)
    weights[0, np.delete(np.arange(side), pivots)] = rows + 0.0
    return Frame(pivots[None, :], weights, orthonormal(np, weights))


def _whole(xp: wire.Namespace, like: Array) -> Frame:
    """All of R^I, for every vector of `like` (n, I, I); nothing is sent for it."""
    n, side, _ = like.shape
    eye = xp.broadcast_to(xp.eye(side, dtype=like.dtype, device=device(like)), like.shape)
    return Frame(xp.broadcast_to(xp.arange(side, device=device(like)), (n, side)), eye, eye)


def _eliminated(xp: wire.Namespace, columns: Array) -> tuple[Array, Array]:
    """Weights (n, I, r) with the span of `columns`, and pivots (n, r): row pivots[j] of the weights is the j-th row of the identity."""
    n, side, rank = columns.shape
    each, pivots = xp.arange(n, device=device(columns)), xp.zeros((n, rank), dtype=xp.int64, device=device(columns))
    across = xp.empty((n, rank, side), dtype=columns.dtype, device=device(columns))  # column by column: they are few, and long
    across[...] = xp.matrix_transpose(columns)
    for column in range(rank):  # `_pivoted` of the same column everywhere, which needs no gathering
        entries = across[:, column, :]  # (n, I)
        pivots[:, column] = row = xp.argmax(xp.abs(entries), axis=-1)
        own = across[each, :, row]  # (n, r)
        direction = entries / own[:, column][:, None]
        across = across - own[:, :, None] * direction[:, None, :]
        across[:, column, :] = direction
    return _flattened(xp, xp.matrix_transpose(across), pivots)


def _flattened(xp: wire.Namespace, weights: Array, pivots: Array) -> tuple[Array, Array]:
    """The same subspaces with pivots exchanged until no weight exceeds STEEPEST."""
    if not xp.max(xp.abs(weights)) > STEEPEST:  # mostly
        return weights, pivots
    steep = xp.arange(weights.shape[0], device=device(weights))
    while True:
        sizes = xp.reshape(xp.abs(weights[steep, ...]), (steep.shape[0], math.prod(weights.shape[1:])))
        still = xp.nonzero(xp.max(sizes, axis=-1) > STEEPEST)[0]
        if still.shape[0] == 0:
            return weights, pivots
        steep, worst = steep[still], xp.argmax(sizes[still, :], axis=-1)
        row, column = worst // weights.shape[-1], worst % weights.shape[-1]
        weights[steep, ...] = _pivoted(xp, weights[steep, ...], row, column)
        pivots[steep, column] = row


def _pivoted(xp: wire.Namespace, weights: Array, row: Array, column: Array) -> Array:
    """Column operations that turn row `row` (n,) of the weights (n, I, r) into the `column`-th (n,) row of the identity, exactly."""
    each = xp.arange(weights.shape[0], device=device(weights))
    direction = weights[each, :, column] / weights[each, row, column][:, None]  # (n, I)
    cleared = weights - direction[:, :, None] * weights[each, row, :][:, None, :]
    cleared[each, :, column] = direction
    return cleared
