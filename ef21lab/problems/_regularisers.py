"""The two regularisers of the literature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab.choices.spec import real
from ef21lab.choices.text import Text

Array = Any


@dataclass(frozen=True)
class Ridge:
    """r(x) = (λ/2)‖x‖²."""

    lam: float

    @property
    def smoothness(self) -> float:
        return self.lam

    @property
    def mu(self) -> float:
        return self.lam

    def value(self, x: Array) -> Array:
        return 0.5 * self.lam * np.einsum("ld,ld->l", x, x)

    def gradient(self, x: Array) -> Array:
        return self.lam * x


@dataclass(frozen=True)
class Nonconvex:
    """r(x) = λ Σ_k x_k²/(1 + x_k²), EF21 (2021), §5; |r''| ≤ 2λ."""

    lam: float
    mu: None = None

    @property
    def smoothness(self) -> float:
        return 2.0 * self.lam

    def value(self, x: Array) -> Array:
        squares = x * x
        return self.lam * (squares / (1.0 + squares)).sum(axis=-1)

    def gradient(self, x: Array) -> Array:
        one_plus = 1.0 + x * x
        return 2.0 * self.lam * (x / one_plus) / one_plus


def strength(default: float) -> Any:
    """The declared field λ."""
    return real(
        default,
        0.0,
        1e6,
        Text("Regularisation λ", "Регуляризация λ"),
        Text("Weight of the regulariser added to every fᵢ.", "Вес регуляризатора, который добавлен к каждой fᵢ."),
        logarithmic=True,
    )
