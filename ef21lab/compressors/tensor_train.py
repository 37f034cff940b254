"""Tensor train by TT-SVD: the vector as a chain of small three-way cores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Shape
from ef21lab.compressors.low_rank.train import Train
from ef21lab.compressors.low_rank.within import Within


@dataclass(frozen=True)
class TensorTrain(Train, Within):
    """T₀ = X, and for k = 1 … m−1: A_k = T_{k−1} as a ρ_{k−1}I_k × I_{k+1}⋯I_m matrix, U_k = its ρ_k leading left singular vectors,
    T_k = U_kᵀA_k. Sent: T_{m−1} and the spans of the U_k, Σ ρ_{k−1} I_k ρ_k − Σ ρ_k² floats and the pivots of each span (wire/gauge.py).

    Each step is an orthogonal projection inside the one before and keeps at least ρ_k/m_k of ‖T_{k−1}‖², m_k = min(sides of A_k), so
    α = Π_k min(1, ρ_k/m_k). With an error target ε every message chooses its ranks (see low_rank/within.py); then α = 1 − ε².
    Oseledets 2011, "Tensor-train decomposition", Algorithm 1. The modes stand in the order of dims, for their neighbourhood matters.
    """

    name = "tensor_train"
    label = Text("Tensor train", "Тензорный поезд (TT)")
    about = Text(
        "Folds the vector into a tensor and sends a chain of small cores, one for each mode, each joined to the next by a bond: TT-SVD.",
        "Сворачивает вектор в тензор и посылает цепочку малых ядер, по одному на моду, каждое связано со следующим: TT-SVD.",
    )
    source = Text(
        "α = Π ρₖ/mₖ, where mₖ is the smaller side of the k-th unfolding of what is left: nested orthogonal projections, "
        "each keeping at least its share of the energy (operator: Oseledets 2011).",
        "α = Π ρₖ/mₖ, где mₖ — меньшая сторона k-й развёртки того, что осталось: вложенные ортогональные проекции, "
        "каждая сохраняет не меньше своей доли энергии (оператор: Oseledets 2011).",
    )
    order = 40
    line = Line("#009E73", "longdashdot")
    turns: ClassVar[bool] = False

    ranks: int | Shape = spec.ranks(
        2,
        Text("Ranks", "Ранги"),
        Text(
            "The size of each bond between neighbouring modes: one number for all bonds, or one for each.",
            "Размер каждой связи между соседними модами: одно число на все связи или по числу на каждую.",
        ),
        places="bonds",
    )
