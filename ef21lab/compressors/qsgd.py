"""QSGD: every coordinate is rounded at random to one of a few multiples of a share of the norm."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _expected as expected
from ef21lab.compressors import _quantise as quantise
from ef21lab.compressors import wire
from ef21lab.compressors._quantise import Quantiser, Symbols
from ef21lab.compressors._unbiased import Scaled, drawn
from ef21lab.compressors.base import Array


@dataclass(frozen=True)
class Qsgd(Quantiser, Scaled):
    """Q(x)ᵢ = ‖x‖ sign(xᵢ) ξᵢ/s with ξᵢ = ⌊s|xᵢ|/‖x‖ + uᵢ⌋, uᵢ uniform on [0, 1): the two levels next to |xᵢ|, unbiased.

    Its variance is at most ω = min(d/(4s²), √d/s) of ‖x‖²: that of ξᵢ is p(1 − p) with p the fraction of s|xᵢ|/‖x‖, at most ¼ (attained
    where d = 4s² and all |xᵢ| are equal) and at most s|xᵢ|/‖x‖, whose sum is at most s√d (Lemma 3.1 of the paper has d/s² for the first).
    Sent: ‖x‖ as a float32 number and the levels sᵢξᵢ, each in ⌈log₂(2s + 1)⌉ bits, or
    which are not zero, their signs, and their sizes in Elias' gamma code, whichever is shorter; one bit says which.
    Alistarh, Grubic, Li, Tomioka, Vojnovic 2017, "QSGD: communication-efficient SGD via gradient quantization and encoding", Lemma 3.1.
    """

    name = "qsgd"
    label = Text("QSGD", "QSGD")
    about = Text(
        "Rounds every coordinate at random to a multiple of ‖x‖/s, so that the mean is kept; few levels are mostly zeros and cost little.",
        "Случайно округляет каждую координату до кратного ‖x‖/s, сохраняя среднее; при малом s почти все уровни — нули и стоят мало.",
    )
    source = Text(
        "Unbiased with ω = min(d/(4s²), √d/s): p(1 − p) ≤ ¼, and Alistarh et al. 2017, Lemma 3.1; "
        "scaled by 1/(1 + ω), α = 1/(1 + ω) (Beznosikov et al. 2023).",
        "Несмещённый, ω = min(d/(4s²), √d/s): p(1 − p) ≤ ¼ и лемма 3.1 из Alistarh et al. 2017; "
        "с множителем 1/(1 + ω) получается α = 1/(1 + ω) (Beznosikov et al. 2023).",
    )
    order = 64
    line = Line("#5B6ACF", "longdashdot")

    s: int = spec.integer(
        8,
        1,
        1_000_000,
        Text("Levels, s", "Число уровней, s"),
        Text("Into how many steps the norm is divided.", "На сколько шагов делится норма."),
    )

    def variance(self, d: int) -> float:
        return min(d / (4 * self.s**2), math.sqrt(d) / self.s)

    def symbols(self, xp: wire.Namespace, x: Array, noise: Array | None) -> Symbols:
        norm = wire.through_float32(xp, xp.sqrt(xp.sum(x * x, axis=-1, keepdims=True)))  # (n, 1)
        shares = xp.abs(x) / xp.where(norm > 0, norm, 1.0)
        sizes = xp.astype(xp.floor(self.s * shares + drawn(self, noise)), xp.int64)
        sizes = xp.where(sizes > self.s, self.s, sizes)  # where float32 rounded the norm below |xᵢ|
        return Symbols(xp.where(x < 0, -sizes, sizes), norm)

    def meaning(self, xp: wire.Namespace, symbols: Symbols) -> Array:
        return symbols.levels * (symbols.scale * (self.factor(symbols.levels.shape[-1]) / self.s))

    def expected(self, d: int) -> tuple[float, float]:
        return expected.signed_levels(self.s * expected.shares_of_norm(d), d, self.s)

    def scalars(self, levels: Array) -> Array:
        return quantise.nonzero(levels)

    def level_bits(self, levels: Array) -> Array:
        return quantise.signed_bits(levels, self.s)

    def level_code(self, levels: Array) -> list[wire.Bits]:
        return quantise.signed_code(levels, self.s)

    def read_levels(self, reader: wire.Reader, d: int) -> Array:
        return quantise.read_signed(reader, d, self.s)
