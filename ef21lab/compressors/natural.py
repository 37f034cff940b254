"""Natural compression: every coordinate is rounded to a power of two, so that only signs and exponents travel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import device

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors._quantise import Quantiser, Symbols
from ef21lab.compressors._unbiased import Randomised, drawn
from ef21lab.compressors.base import Array, Shape

NEAREST, RANDOM, SHRUNK = "nearest", "random", "shrunk"
_LOWEST, _HIGHEST = -194, 60  # exponents that 8 bits tell apart, with one word left for zero
_LEVELS = np.array([0.0, *(2.0**exponent for exponent in range(_LOWEST, _HIGHEST + 1))])  # (256,)


@dataclass(frozen=True)
class Natural(Quantiser, Randomised):
    """Q(x)ᵢ = ± a power of two next to |xᵢ|. Sent: of each coordinate a sign and 8 bits for the power or zero, 9d bits and the header.

    Random: |xᵢ| = t · 2^e with 1 ≤ t < 2 becomes 2^(e+1) with probability t − 1, else 2^e. Unbiased; its variance (t − 1)(2 − t) · 4^e is
    at most |xᵢ|²/8, attained at t = 4/3, so ω = 1/8; scaled by 1/(1 + ω) = 8/9 it contracts with α = 8/9.
    Horváth, Ho, Horváth, Sahu, Canini, Richtárik 2019, "Natural compression for distributed deep learning", Theorem 1.
    Nearest: the error is at most |xᵢ|/3, attained at t = 3/2, so α = 8/9 (Beznosikov et al. 2023).
    Entries below 2^-194, when the largest lies above 2^-60, count as zero or are rounded at random to zero or 2^-194.
    """

    name = "natural"
    label = Text("Natural compression", "Степени двойки (natural)")
    about = Text(
        "Rounds every coordinate to a power of two and sends its sign and exponent, 9 bits instead of 32.",
        "Округляет каждую координату до степени двойки и посылает знак и показатель: 9 бит вместо 32.",
    )
    source = Text(
        "Nearest: α = 8/9, the relative error is at most 1/3 (Beznosikov et al. 2023). Random: unbiased, ω = 1/8; scaled by 8/9, α = 8/9 "
        "(Horváth et al. 2019).",
        "До ближайшей: α = 8/9, относительная ошибка не больше 1/3 (Beznosikov et al. 2023). Случайно: несмещённо, ω = 1/8; "
        "с множителем 8/9 получается α = 8/9 (Horváth et al. 2019).",
    )
    order = 62
    line = Line("#00939A", "dash")
    scales: ClassVar[int] = 0

    rounding: str = spec.choice(
        NEAREST,
        {
            NEAREST: Text("to the nearest power", "до ближайшей степени"),
            RANDOM: Text("at random, unbiased", "случайно, несмещённо"),
            SHRUNK: Text("at random, times 8/9", "случайно, с множителем 8/9"),
        },
        Text("Rounding", "Округление"),
        Text(
            "Nearest and “times 8/9” contract, as EF21 needs; the unbiased one is for DIANA and MARINA.",
            "До ближайшей и «с множителем 8/9» — сжимающие, как нужно EF21; несмещённое — для DIANA и MARINA.",
        ),
    )

    @property
    def is_unbiased(self) -> bool:
        return self.rounding == RANDOM

    def variance(self, d: int) -> float:
        return 1 / 8

    def factor(self, d: int) -> float:
        return 1.0 if self.rounding == NEAREST else super().factor(d)

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array | None:
        return None if self.rounding == NEAREST else super().draw(rng, shape)

    def symbols(self, xp: wire.Namespace, x: Array, noise: Array | None) -> Symbols:
        halves, exponents = xp.frexp(xp.abs(x))  # |x| = t · 2^e with t = 2 · halves in [1, 2), e = exponents − 1
        share = 2 * halves - 1  # t − 1
        up = share >= 0.5 if self.rounding == NEAREST else drawn(self, noise) < share
        below = xp.astype(exponents, xp.int64) - _LOWEST  # the word of 2^e
        tiny = (below < 1) | (x == 0)
        words = below + up
        if xp.any(tiny):
            words = xp.where(tiny, self._tiny(xp, xp.abs(x), noise), words)
        return Symbols(xp.where(x < 0, -words, words), x[:, :0])

    def meaning(self, xp: wire.Namespace, symbols: Symbols) -> Array:
        powers = xp.asarray(_LEVELS, device=device(symbols.levels))[xp.abs(symbols.levels)]
        return xp.where(symbols.levels < 0, -powers, powers) * self.factor(symbols.levels.shape[-1])

    def expected(self, d: int) -> tuple[float, float]:
        return 9.0 * d, float(d)

    def level_bits(self, levels: Array) -> int:
        return 9 * int(levels.shape[-1])

    def level_code(self, levels: Array) -> list[wire.Bits]:
        return [wire.each(np.where(levels < 0, 256 - levels, levels), 9)]

    def read_levels(self, reader: wire.Reader, d: int) -> Array:
        words = reader.take_each(d, 9)
        if np.any(words == 256):
            raise wire.malformed(Text("a zero in it has a sign", "у нуля в нём есть знак"))
        return np.where(words > 256, 256 - words, words)

    def _tiny(self, xp: wire.Namespace, magnitudes: Array, noise: Array | None) -> Array:
        """The words of entries below 2^_LOWEST, and of zeros: 0, or at random 1 so that the mean is kept."""
        if self.rounding == NEAREST:
            return xp.zeros_like(magnitudes, dtype=xp.int64)
        return xp.astype(drawn(self, noise) < magnitudes * 2.0**-_LOWEST, xp.int64)

    def lost_to_float32(self, d: int) -> float:
        """Powers of two are float32 numbers; the entries below the least of them are less than FLOAT32 of the largest, all together."""
        return _rounding.ASIDE

    def alpha(self, d: int) -> float | None:
        return 8 / 9 if self.rounding == NEAREST else super().alpha(d)
