"""HOOI: the factors of a Tucker decomposition improved in turn, from ST-HOSVD on."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _rounding
from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.low_rank.plan import Decomposed, Plan
from ef21lab.compressors.low_rank.shares import Shares, of_a_core, sequential_alpha, sequential_shares
from ef21lab.compressors.low_rank.tucker import Tucker, improved, projected, truncated
from ef21lab.compressors.wire import Namespace
from ef21lab.compressors.wire.gauge import frame


@dataclass(frozen=True)
class Hooi(Tucker):
    """U_k from ST-HOSVD; then, sweep by sweep, U_k = the r_k leading left singular vectors of X ×_j U_jᵀ (all j ≠ k) unfolded along mode k;
    S = X ×₁ U₁ᵀ ⋯ ×_m U_mᵀ. Sent: the core S and the spans of the U_k, Π r_k + Σ r_k (I_k − r_k) floats and the pivots of each span.

    Each update maximises ‖S‖² over U_k with the others held, so no sweep keeps less than ST-HOSVD did, and what rounding might take is
    compared and refused. So α is that of ST-HOSVD. Ranks above the product of the others cannot be those of a core: they are lowered after
    the start, which loses nothing. De Lathauwer, De Moor, Vandewalle 2000, "On the best rank-1 and rank-(R₁, …, R_N) approximation".
    """

    name = "hooi"
    label = Text("HOOI", "HOOI")
    about = Text(
        "ST-HOSVD, whose factors are then improved in turn, each for the others as they are: a smaller error for more computing.",
        "ST-HOSVD, факторы которого затем по очереди улучшаются, каждый при закреплённых остальных: ошибка меньше, вычислений больше.",
    )
    source = Text(
        "α of ST-HOSVD, from which it starts: no sweep can lose energy (De Lathauwer et al. 2000; Vannieuwenhoven et al. 2012).",
        "α как у ST-HOSVD, с которого он начинается: ни один проход не теряет энергии "
        "(De Lathauwer et al. 2000; Vannieuwenhoven et al. 2012).",
    )
    order = 25
    line = Line("#8A5A2B", "longdash")

    sweeps: int = spec.integer(
        2,
        1,
        50,
        Text("Sweeps", "Проходы"),
        Text("How many times every factor is improved.", "Сколько раз улучшается каждый фактор."),
    )

    def decompose(self, xp: Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        start = truncated(xp, tensors, super().possible(plan.sides, plan.asked))
        if start.core.shape[1:] != plan.ranks:
            inner = truncated(xp, start.core, plan.ranks)
            bases = [outer.basis @ own.basis for outer, own in zip(start.frames, inner.frames, strict=True)]
            start = projected(xp, tensors, [frame(xp, basis) for basis in bases])
        return improved(xp, tensors, start, self.sweeps)

    def effort(self, d: int, vectors: int = 1) -> float:
        """The start, and in every sweep for every mode a product with all the other factors."""
        return super().effort(d, vectors) * (1 + 0.7 * self.sweeps)

    def shares(self, sides: Shape, ranks: Shape) -> Shares:
        return sequential_shares(sides, ranks)

    def possible(self, sides: Shape, ranks: Shape) -> Shape:
        return of_a_core(super().possible(sides, ranks))

    def alpha(self, d: int) -> float:
        plan = self.plan(d)
        return sequential_alpha(self.shares(plan.sides, plan.asked))

    def lost_to_float32(self, d: int) -> float:
        """Frames whose ranks are lowered after the start are rounded once more, and not where singular directions span them."""
        plan = self.plan(d)
        if plan.ranks == super().possible(plan.sides, plan.asked):
            return super().lost_to_float32(d)
        sizes = self.sizes(plan.sides, plan.ranks)
        return super().lost_to_float32(d) + _rounding.anywhere(self.alpha(d), _rounding.FLOAT32 + _rounding.turned(sizes.frames))
