"""Tucker: a core S (r₁ × … × r_m) and a frame U_k (I_k × r_k) for each mode; the tensor is S ×₁ U₁ ⋯ ×_m U_m."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.compressors import wire
from ef21lab.compressors._coordinates import Coordinates
from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.low_rank import base as low_rank
from ef21lab.compressors.wire import Namespace
from ef21lab.compressors.wire import gauge as frame_codes
from ef21lab.compressors.wire.gauge import Frame, chosen, frame


@dataclass(frozen=True)
class Tucker(low_rank.LowRank, Coordinates):
    """A compressor that sends a Tucker decomposition, Π r_k + Σ r_k (I_k − r_k) floats; a mode of full rank costs nothing but its core.

    The core is coordinates in the orthonormal basis U₁ ⊗ ⋯ ⊗ U_m, so it can be rounded further while the frames stay as they are.
    """

    def sizes(self, sides: Shape, ranks: Shape) -> low_rank.Sizes:
        return low_rank.Sizes(list(zip(sides, ranks, strict=True)), ranks)

    def built(self, xp: Namespace, sent: low_rank.Decomposed, sides: Shape) -> Array:
        return built(xp, sent)

    def uncounted(self) -> Text | None:
        if not self.tolerance:
            return None
        return Text(
            "{name}(error={error}): inside a composition the ranks must be fixed, error = 0",
            "{name}(error={error}): внутри композиции ранги должны быть заданы, error = 0",
        ).format(name=type(self).__name__, error=self.tolerance)

    def count(self, d: int) -> int:
        return math.prod(self._sizes(d).core)

    def analysed(self, xp: Namespace, x: Array, noise: Array | None) -> tuple[Array, Sequence[Frame]]:
        plan = self.plan(x.shape[-1])
        found = self.decompose(xp, low_rank.folded(xp, x, plan), plan, noise)
        return xp.reshape(found.core, (x.shape[0], -1)), found.frames

    def synthesised(self, xp: Namespace, numbers: Array, basis: Sequence[Frame], d: int) -> Array:
        core = xp.reshape(numbers, (numbers.shape[0], *self._sizes(d).core))
        return self._received(xp, low_rank.Decomposed(basis, core), self.plan(d), d)

    def basis_bits(self, d: int) -> int:
        sizes = self._sizes(d).frames
        return frame_codes.pivot_bits(sizes) + 32 * frame_codes.floats(sizes)

    def basis_code(self, basis: Sequence[Frame], d: int) -> list[wire.Bits]:
        return [*frame_codes.pivot_codes(basis), wire.floats(np.concatenate(frame_codes.numbers(basis)))]

    def read_basis(self, reader: wire.Reader, d: int) -> list[Frame]:
        sizes = self._sizes(d).frames
        pivots, weights = frame_codes.read_pivots(reader, sizes), reader.floats(frame_codes.floats(sizes))
        return frame_codes.assembled(pivots, sizes, weights)

    def _sizes(self, d: int) -> low_rank.Sizes:
        plan = self.plan(d)
        return self.sizes(plan.sides, plan.ranks)


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


def improved(xp: Namespace, tensors: Array, start: low_rank.Decomposed, sweeps: int) -> low_rank.Decomposed:
    """HOOI from a start: in every sweep each factor becomes the best one for the others. Where that kept less, the start itself."""
    bases = [one.basis for one in start.frames]
    for _ in range(sweeps):
        bases = _swept(xp, tensors, bases)
    found = projected(xp, tensors, [frame(xp, basis) for basis in bases])
    better = low_rank.energy(xp, found.core) >= low_rank.energy(xp, start.core)  # (n,)
    kept = [chosen(xp, better, *pair) for pair in zip(found.frames, start.frames, strict=True)]
    return low_rank.Decomposed(kept, xp.where(xp.reshape(better, (-1,) + (1,) * len(bases)), found.core, start.core))


def _swept(xp: Namespace, tensors: Array, bases: Sequence[Array]) -> list[Array]:
    """One sweep: basis k spans the leading left singular vectors of T ×_j U_jᵀ over all j ≠ k, unfolded along mode k."""
    swept = list(bases)
    for mode, basis in enumerate(bases):
        others = [*swept[mode + 1 :], *swept[:mode]]
        projections = low_rank.multiplied(xp, low_rank.turned(xp, tensors), others)  # (n, I_k, other ranks)
        swept[mode] = low_rank.leading(xp, low_rank.rows_of(xp, projections), basis.shape[-1])
        tensors = low_rank.turned(xp, tensors)
    return swept


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
