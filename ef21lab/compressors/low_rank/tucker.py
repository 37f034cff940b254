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
from ef21lab.compressors.low_rank.base import LowRank, folded
from ef21lab.compressors.low_rank.plan import Decomposed, Sizes
from ef21lab.compressors.low_rank.spectra import energy, leading, multiplied, rows_of, times_first, turned
from ef21lab.compressors.wire import Namespace, gauge
from ef21lab.compressors.wire.gauge import Frame, chosen, frame


@dataclass(frozen=True)
class Tucker(LowRank, Coordinates):
    """A compressor that sends a Tucker decomposition, Π r_k + Σ r_k (I_k − r_k) floats; a mode of full rank costs nothing but its core.

    The core is coordinates in the orthonormal basis U₁ ⊗ ⋯ ⊗ U_m, so it can be rounded further while the frames stay as they are.
    """

    def sizes(self, sides: Shape, ranks: Shape) -> Sizes:
        return Sizes(list(zip(sides, ranks, strict=True)), ranks)

    def built(self, xp: Namespace, sent: Decomposed, sides: Shape) -> Array:
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
        found = self.decompose(xp, folded(xp, x, plan), plan, noise)
        return xp.reshape(found.core, (x.shape[0], -1)), found.frames

    def synthesised(self, xp: Namespace, numbers: Array, basis: Sequence[Frame], d: int) -> Array:
        core = xp.reshape(numbers, (numbers.shape[0], *self._sizes(d).core))
        return self._received(xp, Decomposed(basis, core), self.plan(d), d)

    def basis_bits(self, d: int) -> int:
        sizes = self._sizes(d).frames
        return gauge.pivot_bits(sizes) + 32 * gauge.floats(sizes)

    def basis_code(self, basis: Sequence[Frame], d: int) -> list[wire.Bits]:
        return [*gauge.pivot_codes(basis), wire.floats(np.concatenate(gauge.numbers(basis)))]

    def read_basis(self, reader: wire.Reader, d: int) -> list[Frame]:
        sizes = self._sizes(d).frames
        pivots, weights = gauge.read_pivots(reader, sizes), reader.floats(gauge.floats(sizes))
        return gauge.assembled(pivots, sizes, weights)

    def _sizes(self, d: int) -> Sizes:
        plan = self.plan(d)
        return self.sizes(plan.sides, plan.ranks)


def built(xp: Namespace, sent: Decomposed) -> Array:
    """S ×₁ U₁ ⋯ ×_m U_m, (n, *sides)."""
    return multiplied(xp, sent.core, [xp.matrix_transpose(one.basis) for one in sent.frames])


def projected(xp: Namespace, tensors: Array, frames: Sequence[Frame]) -> Decomposed:
    """The orthogonal projection of tensors (n, *sides) onto the frames."""
    return Decomposed(frames, multiplied(xp, tensors, [one.basis for one in frames]))


def truncated(xp: Namespace, tensors: Array, ranks: Shape) -> Decomposed:
    """Each mode of tensors (n, *sides) truncated in what the modes before it have left: ST-HOSVD."""
    frames = []
    for rank in ranks:
        frames.append(frame(xp, leading(xp, rows_of(xp, tensors), rank)))
        tensors = times_first(xp, tensors, frames[-1].basis)
    return Decomposed(frames, tensors)


def improved(xp: Namespace, tensors: Array, start: Decomposed, sweeps: int) -> Decomposed:
    """HOOI from a start: in every sweep each factor becomes the best one for the others. Where that kept less, the start itself."""
    bases = [one.basis for one in start.frames]
    for _ in range(sweeps):
        bases = _swept(xp, tensors, bases)
    found = projected(xp, tensors, [frame(xp, basis) for basis in bases])
    better = energy(xp, found.core) >= energy(xp, start.core)  # (n,)
    kept = [chosen(xp, better, *pair) for pair in zip(found.frames, start.frames, strict=True)]
    return Decomposed(kept, xp.where(xp.reshape(better, (-1,) + (1,) * len(bases)), found.core, start.core))


def _swept(xp: Namespace, tensors: Array, bases: Sequence[Array]) -> list[Array]:
    """One sweep: basis k spans the leading left singular vectors of T ×_j U_jᵀ over all j ≠ k, unfolded along mode k."""
    swept = list(bases)
    for mode, basis in enumerate(bases):
        others = [*swept[mode + 1 :], *swept[:mode]]
        projections = multiplied(xp, turned(xp, tensors), others)  # (n, I_k, other ranks)
        swept[mode] = leading(xp, rows_of(xp, projections), basis.shape[-1])
        tensors = turned(xp, tensors)
    return swept
