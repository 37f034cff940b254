"""Tucker: a core S (r₁ × … × r_m) and a frame U_k (I_k × r_k) for each mode; the tensor is S ×₁ U₁ ⋯ ×_m U_m."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ef21lab.compressors import _low_rank as low_rank
from ef21lab.compressors._frames import Frame, frame
from ef21lab.compressors._wire import Namespace
from ef21lab.compressors.base import Array, Shape


@dataclass(frozen=True)
class Tucker(low_rank.LowRank):
    """A compressor that sends a Tucker decomposition, Π r_k + Σ r_k (I_k − r_k) floats; a mode of full rank costs nothing but its core."""

    def sizes(self, sides: Shape, ranks: Shape) -> low_rank.Sizes:
        return low_rank.Sizes(list(zip(sides, ranks, strict=True)), ranks)

    def built(self, xp: Namespace, sent: low_rank.Decomposed) -> Array:
        return built(xp, sent)


def built(xp: Namespace, sent: low_rank.Decomposed) -> Array:
    """S ×₁ U₁ ⋯ ×_m U_m, (n, *sides)."""
    return low_rank.multiplied(xp, sent.core, [xp.matrix_transpose(one.basis) for one in sent.frames])


def projected(xp: Namespace, tensors: Array, frames: Sequence[Frame]) -> low_rank.Decomposed:
    """The orthogonal projection of tensors (n, *sides) onto the frames."""
    return low_rank.Decomposed(frames, low_rank.multiplied(xp, tensors, [one.basis for one in frames]))


def truncated(xp: Namespace, tensors: Array, ranks: Shape) -> low_rank.Decomposed:
    """Each mode of tensors (n, *sides) truncated in what the modes before it have left: ST-HOSVD."""
    frames = []
    for rank in ranks:
        frames.append(frame(xp, low_rank.leading(xp, low_rank.rows_of(xp, tensors), rank)))
        tensors = low_rank.times_first(xp, tensors, frames[-1].basis)
    return low_rank.Decomposed(frames, tensors)


def full_shares(sides: Shape, ranks: Shape) -> low_rank.Shares:
    """Mode by mode of the full tensor: m_k = min(I_k, Π other sides), r_k = min(rank, m_k)."""
    total = math.prod(sides)
    return tuple((min(rank, side, total // side), min(side, total // side)) for side, rank in zip(sides, ranks, strict=True))


def sequential_shares(sides: Shape, ranks: Shape) -> low_rank.Shares:
    """The same when each mode is truncated before the next is looked at: the sides already passed count as their ranks."""
    current, kept = list(sides), []
    for mode, rank in enumerate(ranks):
        kept.append(full_shares(tuple(current), (*current[:mode], rank, *current[mode + 1 :]))[mode])
        current[mode] = kept[mode][0]
    return tuple(kept)
