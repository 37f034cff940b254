"""What compositions of two operators share: no composition inside another, one after the other in the message, and noise side by side."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from ef21lab.compressors.base import Array, Compressor, compressors
from ef21lab.registry import Family
from ef21lab.spec import Spec
from ef21lab.text import Text


@dataclass(frozen=True)
class Composed(Compressor):
    """A compressor made of two others."""

    @abstractmethod
    def stand_in(self, d: int) -> float:
        """What the constants that stand in for the parts' certificates make of the whole."""

    def alpha_reason(self, d: int) -> Text:
        return NO_CERTIFICATE if self.alpha(d) is None else self.source

    def nominal_alpha(self, d: int) -> float:
        certified = self.alpha(d)
        return self.stand_in(d) if certified is None else certified


def family() -> Family[Compressor]:
    """All compressors, for the fields that hold one of them."""
    return compressors


def simple(member: type[Spec]) -> bool:
    """Not itself a composition."""
    return not issubclass(member, Composed)


def beside(*noises: Array | None) -> Array | None:
    """The noise of two operators as one array, joined along its last axis; None where neither has any."""
    given = [noise for noise in noises if noise is not None]
    return np.concatenate(given, axis=-1) if given else None


def apart(noise: Array | None, first: Compressor, d: int) -> tuple[Array | None, Array | None]:
    """The inverse of `beside`, where `first` takes vectors of length d."""
    width = noise_width(first, d)
    if noise is None:
        return None, None
    left, right = noise[..., :width], noise[..., width:]
    return (left if width else None), (right if right.shape[-1] else None)


def noise_width(compressor: Compressor, d: int) -> int:
    """How many random numbers one vector of length d takes."""
    noise = compressor.draw(np.random.default_rng(0), (d,))
    return 0 if noise is None else noise.size


def loss(compressor: Compressor, d: int) -> float | None:
    """q with E‖x − C(x)‖² ≤ q‖x‖²: 1 − α, or else ω; None where neither is known."""
    alpha = compressor.alpha(d)
    return compressor.omega(d) if alpha is None else 1 - alpha


NO_CERTIFICATE = Text(
    "No certificate: one of the two parts has none that the composition could inherit. The step is scaled by the constants "
    "that stand in for them, without a guarantee.",
    "Гарантии нет: у одной из двух частей нет такой, которую могла бы унаследовать композиция. Шаг выбран по константам, "
    "которые их заменяют, без гарантии.",
)
