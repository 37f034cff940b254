"""What compositions of operators share: no composition inside another, one after the other in the message, and noise side by side."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass

from array_api_compat import array_namespace

from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Array, Compressor, Shape, compressors, noise_shape


@dataclass(frozen=True)
class Composed(Compressor):
    """A compressor made of others."""

    @abstractmethod
    def stand_in(self, d: int) -> float | None:
        """What the constants that stand in for the parts' certificates make of the whole; None where a part has none."""

    def alpha_reason(self, d: int) -> Text:
        return NO_CERTIFICATE if self.alpha(d) is None else self.source

    def nominal_alpha(self, d: int) -> float | None:
        certified = self.alpha(d)
        return self.stand_in(d) if certified is None else certified


def family() -> Family[Compressor]:
    """All compressors, for the fields that hold one of them."""
    return compressors


def simple(member: type[Spec]) -> bool:
    """Not itself a composition."""
    return not issubclass(member, Composed)


def beside(stack: Shape, *noises: Array | None) -> Array | None:
    """The noise of several operators for a stack of vectors, whatever its shapes, as one array (*stack, width); None where none has any."""
    given = [noise.reshape((*stack, math.prod(noise.shape[len(stack) :]))) for noise in noises if noise is not None]
    return array_namespace(*given).concat(given, axis=-1) if given else None


def apart(noise: Array | None, stack: Shape, *parts: tuple[Compressor, int]) -> list[Array | None]:
    """The inverse of `beside`: the noise of each of the parts (operator, length of its vectors), in the shape that it drew."""
    if noise is None:
        return [None] * len(parts)
    shapes, start, own = [noise_shape(*part) for part in parts], 0, list[Array | None]()
    for shape in shapes:
        width = 0 if shape is None else math.prod(shape)
        own.append(None if shape is None else noise[..., start : start + width].reshape((*stack, *shape)))
        start += width
    return own


def loss(compressor: Compressor, d: int) -> float | None:
    """q with E‖x − C(x)‖² ≤ q‖x‖²: 1 − α, or else ω; None where neither is known."""
    alpha = compressor.alpha(d)
    return compressor.omega(d) if alpha is None else 1 - alpha


NO_CERTIFICATE = Text(
    "No certificate: one of the parts has none that the composition could inherit. The step is scaled by the constants "
    "that stand in for them, without a guarantee.",
    "Гарантии нет: у одной из частей нет такой, которую могла бы унаследовать композиция. Шаг выбран по константам, "
    "которые их заменяют, без гарантии.",
)
