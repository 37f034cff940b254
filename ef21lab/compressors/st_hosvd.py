"""Sequentially truncated HOSVD: each mode is truncated in what the modes before it have left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.low_rank.plan import Decomposed, Plan
from ef21lab.compressors.low_rank.shares import Shares, sequential_shares
from ef21lab.compressors.low_rank.tucker import Tucker, truncated
from ef21lab.compressors.low_rank.within import Within
from ef21lab.compressors.wire import Namespace


@dataclass(frozen=True)
class StHosvd(Tucker, Within):
    """T₀ = X, and for k = 1 … m: U_k = the r_k leading left singular vectors of T_{k−1} unfolded along mode k, T_k = T_{k−1} ×_k U_kᵀ.
    Sent: the core T_m and the spans of the U_k, Π r_k + Σ r_k (I_k − r_k) floats and the pivots of each span (see wire/gauge.py).

    Each step keeps at least r_k/m_k of ‖T_{k−1}‖², m_k = min(I_k, Π of the other sides of T_{k−1}), so α = Π_k min(1, r_k/m_k).
    With an error target ε every message chooses its ranks (see low_rank/within.py) and says them in ⌈log₂ m_k⌉ bits each; then α = 1 − ε².
    Modes are taken shortest side first (ties in the order of dims): the cheap order of Vannieuwenhoven et al., and it meets the longest
    side when the others are already short, so that with one rank for all modes no other order certifies more.
    Vannieuwenhoven, Vandebril, Meerbergen 2012, "A new truncation strategy for the higher-order singular value decomposition", Algorithm 1.
    """

    name = "st_hosvd"
    label = Text("ST-HOSVD", "ST-HOSVD")
    about = Text(
        "Folds the vector into a tensor and sends a Tucker decomposition: a small core and one factor for each mode, "
        "each mode truncated in what the modes before it have left.",
        "Сворачивает вектор в тензор и посылает разложение Таккера: малое ядро и по фактору на моду; "
        "каждая мода усекается в том, что оставили предыдущие.",
    )
    source = Text(
        "α = Π rₖ/mₖ, where mₖ is the smaller side of the unfolding that mode k is truncated in: nested orthogonal projections, "
        "each keeping at least its share of the energy (operator: Vannieuwenhoven et al. 2012).",
        "α = Π rₖ/mₖ, где mₖ — меньшая сторона развёртки, в которой усекается мода k: вложенные ортогональные проекции, "
        "каждая сохраняет не меньше своей доли энергии (оператор: Vannieuwenhoven et al. 2012).",
    )
    order = 20
    line = Line("#D55E00", "dash")
    turns: ClassVar[bool] = True

    def decompose(self, xp: Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        return truncated(xp, tensors, plan.ranks)

    def shares(self, sides: Shape, ranks: Shape) -> Shares:
        return sequential_shares(sides, ranks)
