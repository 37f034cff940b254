"""What random operators share: Q with E Q(x) = x and E‖Q(x) − x‖² ≤ ω‖x‖², as it is or scaled to contract.

C = Q/(1 + ω) contracts with α = 1/(1 + ω): E‖Q(x)‖² ≤ (1 + ω)‖x‖², so E‖Q(x)/(1 + ω) − x‖² ≤ (1/(1 + ω) − 2/(1 + ω) + 1)‖x‖²
(Beznosikov, Horváth, Richtárik, Safaryan 2023, "On biased compression for distributed learning"). Q itself contracts only where ω < 1.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from ef21lab.choices import spec
from ef21lab.choices.text import Text, number
from ef21lab.compressors.base import Array, Compressor, Shape

CONTRACTIVE, UNBIASED = "contractive", "unbiased"


@dataclass(frozen=True)
class Randomised(Compressor):
    """A compressor made of an unbiased Q, with one uniform number for each coordinate as its noise."""

    @abstractmethod
    def variance(self, d: int) -> float:
        """ω of Q."""

    @property
    @abstractmethod
    def is_unbiased(self) -> bool:
        """Q itself, not Q/(1 + ω)."""

    def factor(self, d: int) -> float:
        """What Q is multiplied by."""
        return 1.0 if self.is_unbiased else 1.0 / (1.0 + self.variance(d))

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array | None:
        return rng.random(shape)

    def omega(self, d: int) -> float | None:
        return self.variance(d) if self.is_unbiased else None

    def alpha(self, d: int) -> float | None:
        if not self.is_unbiased:
            return 1.0 / (1.0 + self.variance(d))
        contraction = 1.0 - self.variance(d)
        return contraction if contraction > 0 else None

    def nominal_alpha(self, d: int) -> float:
        certified = self.alpha(d)
        return 1.0 / (1.0 + self.variance(d)) if certified is None else certified

    def alpha_reason(self, d: int) -> Text:
        omega = number(self.variance(d), digits=4)
        if not self.is_unbiased:
            return self.source
        if self.alpha(d) is not None:
            return self.source + Text(
                " Unbiased with ω = {omega} < 1, so α = 1 − ω.", " Несмещённый, ω = {omega} < 1, поэтому α = 1 − ω."
            ).format(omega=omega)
        return Text(
            "No certificate: unbiased with ω = {omega} ≥ 1, so the error may exceed the vector itself. Methods for unbiased operators "
            "(DIANA, MARINA) use ω; EF21 needs the contractive scaling. The step is scaled by 1/(1 + ω), without a guarantee.",
            "Гарантии нет: оператор несмещённый, ω = {omega} ≥ 1, и ошибка может быть больше самого вектора. Методам для несмещённых "
            "операторов (DIANA, MARINA) нужна ω, а для EF21 возьмите сжимающее масштабирование. Шаг выбран по 1/(1 + ω), без гарантии.",
        ).format(omega=omega)


@dataclass(frozen=True)
class Scaled(Randomised):
    """A compressor whose user chooses between Q and Q/(1 + ω)."""

    scaling: str = spec.choice(
        CONTRACTIVE,
        {
            CONTRACTIVE: Text("contractive, Q/(1 + ω)", "сжимающее, Q/(1 + ω)"),
            UNBIASED: Text("unbiased, Q", "несмещённое, Q"),
        },
        Text("Scaling", "Масштабирование"),
        Text(
            "EF21 needs a contractive operator; DIANA and MARINA need an unbiased one.",
            "Для EF21 оператор должен быть сжимающим, для DIANA и MARINA — несмещённым.",
        ),
    )

    @property
    def is_unbiased(self) -> bool:
        return self.scaling == UNBIASED


def drawn(compressor: Compressor, noise: Array | None) -> Array:
    """The noise that a random operator was given."""
    assert noise is not None, compressor.name  # wire.admitted has seen to it
    return noise
