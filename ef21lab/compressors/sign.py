"""Scaled sign: one bit for each coordinate and one number for all."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors._quantise import Quantiser, Symbols
from ef21lab.compressors.base import Array


@dataclass(frozen=True)
class Sign(Quantiser):
    """C(x) = (‖x‖₁/d) sign x, with sign 0 = 1. Sent: the scale ‖x‖₁/d as a float32 number and d signs, 32 + d bits and the header.

    ‖x − C(x)‖² = ‖x‖² − ‖x‖₁²/d, so α = ‖x‖₁²/(d‖x‖²) for this x. It is 1 where all |xᵢ| are equal, about 2/π for a Gaussian vector, and
    never below 1/d, which is what can be certified for every x: one coordinate alone attains it.
    Karimireddy, Rebjock, Stich, Jaggi 2019, "Error feedback fixes SignSGD and other gradient compression schemes", Lemma 8.
    """

    name = "sign"
    label = Text("Scaled sign", "Знак с масштабом")
    about = Text(
        "Sends the sign of every coordinate, one bit each, and their mean magnitude.",
        "Посылает знаки всех координат, по биту на каждую, и их средний модуль.",
    )
    source = Text(
        "α = 1/d in the worst case, a single coordinate; for the vector at hand α = ‖x‖₁²/(d‖x‖²), about 0.64 for a Gaussian one "
        "(Karimireddy et al. 2019).",
        "α = 1/d в худшем случае, когда ненулевая координата одна; для данного вектора α = ‖x‖₁²/(d‖x‖²), для гауссовского около 0,64 "
        "(Karimireddy et al. 2019).",
    )
    order = 60
    line = Line("#C2185B", "solid")

    def symbols(self, xp: wire.Namespace, x: Array, noise: Array | None) -> Symbols:
        mean = xp.mean(xp.abs(x), axis=-1, keepdims=True)
        return Symbols(xp.astype(x < 0, xp.int64), wire.through_float32(xp, mean))

    def meaning(self, xp: wire.Namespace, symbols: Symbols) -> Array:
        return xp.where(symbols.levels == 0, symbols.scale, -symbols.scale)

    def expected(self, d: int) -> tuple[float, float]:
        return float(d), float(d)

    def level_bits(self, levels: Array) -> int:
        return int(levels.shape[-1])

    def level_code(self, levels: Array) -> list[wire.Bits]:
        return [wire.each(levels, 1)]

    def read_levels(self, reader: wire.Reader, d: int) -> Array:
        return reader.take_each(d, 1)

    def lost_to_float32(self, d: int) -> float:
        """The exact scale is the best one for its signs, so an error of FLOAT32 in it costs FLOAT32²‖x‖₁²/d ≤ FLOAT32²‖x‖²."""
        return _rounding.ASIDE

    def alpha(self, d: int) -> float:
        return 1.0 / d
