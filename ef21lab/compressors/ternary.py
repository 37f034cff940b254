"""Ternary: every coordinate becomes −m, 0 or m, where m is the largest magnitude."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _expected as expected
from ef21lab.compressors import _quantise as quantise
from ef21lab.compressors import wire
from ef21lab.compressors._quantise import Quantiser, Symbols
from ef21lab.compressors._unbiased import Scaled, drawn
from ef21lab.compressors.base import Array


@dataclass(frozen=True)
class Ternary(Quantiser, Scaled):
    """Q(x)ᵢ = m sign(xᵢ) with probability |xᵢ|/m, else 0; m = max |xᵢ|. Unbiased. Sent: m as a float32 number, and which coordinates
    are not zero with their signs, or two bits for each where that is shorter.

    E‖Q(x) − x‖² = m‖x‖₁ − ‖x‖² ≤ ω‖x‖² with ω = (√d − 1)/2. Proof: let λ = (1 + √d)/2 and m = 1, attained by one coordinate. Each of the
    others has |xᵢ| − λxᵢ² ≤ 1/(4λ), so ‖x‖₁ − λ‖x‖² ≤ 1 − λ + (d − 1)/(4λ) = 0. It is attained where the others are 1/(2λ).
    Wen, Xu, Yan, Wu, Wang, Chen, Li 2017, "TernGrad: ternary gradients to reduce communication in distributed deep learning".
    """

    name = "ternary"
    label = Text("Ternary", "Три уровня (TernGrad)")
    about = Text(
        "Sends −m, 0 or m for every coordinate, m the largest magnitude, at random so that the mean is kept.",
        "Посылает для каждой координаты −m, 0 или m, где m — наибольший модуль; выбор случаен и сохраняет среднее.",
    )
    source = Text(
        "Unbiased with ω = (√d − 1)/2, from m‖x‖₁ ≤ (1 + √d)/2 · ‖x‖²; scaled by 1/(1 + ω), α = 2/(1 + √d) (operator: Wen et al. 2017).",
        "Несмещённый, ω = (√d − 1)/2, так как m‖x‖₁ ≤ (1 + √d)/2 · ‖x‖²; с множителем 1/(1 + ω) получается α = 2/(1 + √d) "
        "(оператор: Wen et al. 2017).",
    )
    order = 66
    line = Line("#6E9A00", "dot")

    def variance(self, d: int) -> float:
        return (math.sqrt(d) - 1) / 2

    def symbols(self, xp: wire.Namespace, x: Array, noise: Array | None) -> Symbols:
        largest = wire.through_float32(xp, xp.max(xp.abs(x), axis=-1, keepdims=True))
        present = drawn(self, noise) * largest < xp.abs(x)
        return Symbols(xp.astype(present, xp.int64) * xp.where(x < 0, -1, 1), largest)

    def meaning(self, xp: wire.Namespace, symbols: Symbols) -> Array:
        return symbols.levels * (symbols.scale * self.factor(symbols.levels.shape[-1]))

    def expected(self, d: int) -> tuple[float, float]:
        return expected.signed_levels(expected.shares_of_largest(d), d, 1)

    def scalars(self, levels: Array) -> Array:
        return quantise.nonzero(levels)

    def level_bits(self, levels: Array) -> Array:
        return quantise.signed_bits(levels, 1)

    def level_code(self, levels: Array) -> list[wire.Bits]:
        return quantise.signed_code(levels, 1)

    def read_levels(self, reader: wire.Reader, d: int) -> Array:
        return quantise.read_signed(reader, d, 1)
