"""Classical truncated HOSVD: every factor comes from the full tensor, and no contraction is certified."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.low_rank.plan import Decomposed, Plan
from ef21lab.compressors.low_rank.shares import Shares, full_shares, sequential_alpha, sequential_shares
from ef21lab.compressors.low_rank.spectra import leading, rows_of, turned
from ef21lab.compressors.low_rank.tucker import Tucker, projected, truncated
from ef21lab.compressors.wire import Namespace
from ef21lab.compressors.wire.gauge import frame


@dataclass(frozen=True)
class Hosvd(Tucker):
    """U_k = the r_k leading left singular vectors of X unfolded along mode k, for every k; S = X ×₁ U₁ᵀ ⋯ ×_m U_mᵀ.
    Sent: the core S and the spans of the U_k, Π r_k + Σ r_k (I_k − r_k) floats and the pivots of each span (see wire/gauge.py).

    Not contractive: W = e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁ with ranks (1, 1, 1) has U_k = e₁ in every mode and W₁₁₁ = 0, so C(W) = 0.
    ‖X − C(X)‖² is at most the sum over modes of what truncating that mode alone drops (De Lathauwer, De Moor, Vandewalle 2000,
    "A multilinear singular value decomposition", Property 10), each at most (1 − r_k/m_k)‖X‖² with m_k = min(I_k, Π other sides). So
    α ≥ 1 − Σ_k (1 − r_k/m_k) where that is positive, and nothing is certified elsewhere.

    With at most two sides above 1 the tensor is a matrix and C is its truncated SVD at the smaller rank r (directions beyond r meet nothing
    on the other side): α = r/min(d₁, d₂), and only r directions of each side are sent. Where singular values tie, the leading vectors
    of the two sides must belong to each other, or they may miss ((0 1; 1 0) with e₂ on both sides goes to 0): those of the
    second side are taken from what the first has kept, which are leading vectors of the whole matrix too.
    """

    name = "hosvd"
    label = Text("HOSVD (classical)", "HOSVD (классический)")
    about = Text(
        "Tucker decomposition with every factor taken from the full tensor. Not contractive: it can map a nonzero tensor to zero, "
        "for example e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁ (2×2×2, ranks 1), and EF21 can then stall forever. Prefer ST-HOSVD.",
        "Разложение Таккера, все факторы которого взяты из полного тензора. Не является сжимающим: может перевести ненулевой тензор "
        "в ноль, например e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁ (2×2×2, ранги 1), и тогда EF21 может остановиться навсегда. Лучше взять ST-HOSVD.",
    )
    source = Text(
        "α ≥ 1 − Σ (1 − rₖ/mₖ) where that is positive, mₖ the smaller side of the k-th unfolding (De Lathauwer et al. 2000); "
        "a matrix, two sides, is cut as by SVD: α = r/min(d₁, d₂), r the smaller rank; no certificate elsewhere.",
        "α ≥ 1 − Σ (1 − rₖ/mₖ), где это положительно; mₖ — меньшая сторона k-й развёртки (De Lathauwer et al. 2000); "
        "с матрицей (две стороны) это то же, что SVD: α = r/min(d₁, d₂), r — меньший ранг; в остальных случаях гарантии нет.",
    )
    order = 30
    line = Line("#E69F00", "longdash")

    def decompose(self, xp: Namespace, tensors: Array, plan: Plan, noise: Array | None) -> Decomposed:
        if _is_matrix(plan.sides):
            return truncated(xp, tensors, plan.ranks)
        frames, rotated = [], tensors
        for rank in plan.ranks:
            frames.append(frame(xp, leading(xp, rows_of(xp, rotated), rank)))
            rotated = turned(xp, rotated)
        return projected(xp, tensors, frames)

    def shares(self, sides: Shape, ranks: Shape) -> Shares:
        whole = full_shares(sides, ranks)
        if not _is_matrix(sides):
            return whole
        r = min((kept for (kept, _), side in zip(whole, sides, strict=True) if side > 1), default=1)
        return tuple((min(r, kept), most) for kept, most in whole)

    def alpha(self, d: int) -> float | None:
        plan = self.plan(d)
        shares = self.shares(plan.sides, plan.ranks)
        if _is_matrix(plan.sides):
            return min(kept / most for kept, most in shares)
        bound = 1 - sum(1 - Fraction(kept, most) for kept, most in shares)
        return float(bound) if bound > 0 else None

    def alpha_reason(self, d: int) -> Text:
        if self.alpha(d) is not None:
            return self.source
        return Text(
            "No certificate: the bound 1 − Σ (1 − rₖ/mₖ) is not positive for these ranks, and there is none in general: the 2×2×2 tensor "
            "e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁ with ranks 1 is mapped exactly to zero, so α = 0 and EF21 can stall. The step is scaled by the "
            "constant of ST-HOSVD with the same fold and ranks, without a guarantee.",
            "Гарантии нет: при этих рангах оценка 1 − Σ (1 − rₖ/mₖ) не положительна, а в общем случае её и не может быть: тензор 2×2×2 "
            "e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁ при рангах 1 переходит точно в ноль, так что α = 0 и EF21 может остановиться. Шаг выбран по "
            "константе ST-HOSVD с той же формой и теми же рангами, без гарантии.",
        )

    def nominal_alpha(self, d: int) -> float:
        plan, certified = self.plan(d), self.alpha(d)
        return sequential_alpha(sequential_shares(plan.sides, plan.ranks)) if certified is None else certified


def _is_matrix(sides: Shape) -> bool:
    """No more than two sides are above 1."""
    return sum(side > 1 for side in sides) <= 2
