"""Truncated SVD of the vector as a matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Shape
from ef21lab.compressors.low_rank.plan import FOLD, MATRIX_ABOUT, RANK, RANK_ABOUT
from ef21lab.compressors.low_rank.train import Train
from ef21lab.compressors.low_rank.within import Within


@dataclass(frozen=True)
class Svd(Train, Within):
    """C(X) = Σ_{j≤r} σ_j u_j v_jᵀ for the d₁ × d₂ fold X: the nearest matrix of rank r.
    Sent: UᵀX and the span of U = (u₁ … u_r), r(d₁ + d₂) − r² floats and the pivots of the span (see wire/gauge.py).

    The r largest of at most min(d₁, d₂) singular values hold at least their share of Σσ_j², so α = r/min(d₁, d₂). With an error
    target ε every message takes the smallest r with Σ_{j>r} σ_j² ≤ ε²‖X‖²; then α = 1 − ε².
    """

    name = "svd"
    label = Text("SVD", "SVD")
    about = Text(
        "Folds the vector into a matrix and sends the nearest matrix of rank r.",
        "Сворачивает вектор в матрицу и посылает ближайшую к ней матрицу ранга r.",
    )
    source = Text(
        "α = r/min(d₁, d₂): the largest singular values hold at least their share of the energy (Eckart and Young 1936 for the operator).",
        "α = r/min(d₁, d₂): наибольшие сингулярные числа несут не меньше своей доли энергии (об операторе: Eckart, Young 1936).",
    )
    order = 35
    line = Line("#CC79A7", "dashdot")
    turns: ClassVar[bool] = False

    dims: str | Shape = spec.dims("auto", FOLD, MATRIX_ABOUT, order=2)
    ranks: int | Shape = spec.ranks(2, RANK, RANK_ABOUT, places="whole")
