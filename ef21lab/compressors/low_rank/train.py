"""Tensor train: frames U_k (ρ_{k−1}I_k × ρ_k) and a core (ρ_{m−1} × I_m); an entry is a product of matrices, U₁[i₁] U₂[i₂] ⋯ core[i_m]."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.low_rank.base import LowRank
from ef21lab.compressors.low_rank.plan import Decomposed, Plan, Sizes
from ef21lab.compressors.low_rank.shares import Shares
from ef21lab.compressors.low_rank.spectra import leading
from ef21lab.compressors.wire import Namespace
from ef21lab.compressors.wire.gauge import frame


@dataclass(frozen=True)
class Train(LowRank):
    """A compressor that sends a tensor train, Σ ρ_{k−1} I_k ρ_k − Σ ρ_k² floats, ρ₀ = ρ_m = 1; a matrix of rank r is a train of two."""

    def processed(self, dims: Shape) -> Shape:
        """The axes as they stand: their order is the train's."""
        return tuple(range(len(dims)))

    def shares(self, sides: Shape, ranks: Shape) -> Shares:
        """Unfolding by unfolding: m_k = min(ρ_{k−1} I_k, Π later sides), ρ_k = min(rank, m_k)."""
        kept: list[tuple[int, int]] = []
        for cut, rank in enumerate(ranks):
            rows = sides[cut] * (kept[-1][0] if kept else 1)
            most = min(rows, math.prod(sides[cut + 1 :]))
            kept.append((min(rank, most), most))
        return tuple(kept)

    def sizes(self, sides: Shape, ranks: Shape) -> Sizes:
        frames = [(before * side, rank) for before, side, rank in zip((1, *ranks), sides, ranks, strict=False)]
        return Sizes(frames, (ranks[-1], sides[-1]))

    def decompose(self, xp: Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        """TT-SVD: each unfolding truncated in what the ones before it have left."""
        frames, left, n = [], tensors, tensors.shape[0]
        for rows, rank in self.sizes(plan.sides, plan.ranks).frames:
            unfolded = xp.reshape(left, (n, rows, math.prod(left.shape[1:]) // rows))
            frames.append(frame(xp, leading(xp, unfolded, rank)))
            left = xp.matrix_transpose(frames[-1].basis) @ unfolded  # (n, ρ_k, Π later sides)
        return Decomposed(frames, left)

    def built(self, xp: Namespace, sent: Decomposed, sides: Shape) -> Array:
        tensors, n = sent.core, sent.core.shape[0]
        for one in reversed(sent.frames):
            rank = one.size[1]
            tensors = one.basis @ xp.reshape(tensors, (n, rank, math.prod(tensors.shape[1:]) // rank))
        return xp.reshape(tensors, (n, *sides))
