"""Half precision: every coordinate in 16 bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from array_api_compat import device

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors import wire
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Message

FLOAT16, BFLOAT16 = "float16", "bfloat16"
_SIGNIFICANT = {FLOAT16: 11, BFLOAT16: 8}  # bits of the significand, the hidden one included
_FINEST = {FLOAT16: -24, BFLOAT16: -133}  # exponent of the smallest positive number
_PEAK = 15  # float16 vectors travel with their largest entry in [2^14, 2^15)
_LOWEST, _HIGHEST = -59 - _PEAK, 61 - _PEAK  # of the powers that bring them there from [2^-60, 2^60]
_PEAK_BITS = (_HIGHEST - _LOWEST).bit_length()  # 7


@dataclass(frozen=True)
class Half(Compressor):
    """C(x)ᵢ = xᵢ to the nearest number of 16 bits, ties to even. Sent: 16d bits and the header; in float16 also a common exponent, 7 bits.

    p significant bits, 11 in float16 and 8 in bfloat16, lose at most 2^-p |xᵢ|, and entries so small that they have fewer lose at most
    2^-25 (float16, where the largest is at least 2^14) or 2^-134 (bfloat16, at least 2^-60): less than 2^-39 of the largest. So
    ‖C(x) − x‖² ≤ (4^-p + d · 4^-39)‖x‖² and α = 1 − 4^-p − d · 4^-39.
    """

    name = "half"
    label = Text("16 bits", "16 бит")
    about = Text(
        "Sends every coordinate as a 16-bit floating-point number.", "Посылает каждую координату 16-битным числом с плавающей точкой."
    )
    source = Text(
        "α = 1 − 4^−p − d · 4^−39 with p = 11 significant bits (float16) or 8 (bfloat16): rounding to nearest.",
        "α = 1 − 4^−p − d · 4^−39, где p — число значащих бит: 11 (float16) или 8 (bfloat16); округление до ближайшего.",
    )
    order = 68
    line = Line("#A0679B", "dashdot")

    format: str = spec.choice(
        FLOAT16,
        {FLOAT16: same("float16"), BFLOAT16: same("bfloat16")},
        Text("Format", "Формат"),
        Text(
            "float16 has 11 significant bits, bfloat16 has 8 and the range of float32.",
            "В float16 11 значащих бит, в bfloat16 — 8 и диапазон как у float32.",
        ),
    )

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        given = x
        xp, x = wire.admitted(self, x)
        values, exponents, peaks = self._rounded(xp, x)
        d = x.shape[-1]
        received = wire.scale_up(xp, wire.scale_up(xp, values, peaks), exponents)
        return Compressed(wire.as_given(xp, received, given), wire.header_bits(exponents) + self._peak_bits + 16 * d, d)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x)
        values, exponents, peaks = self._rounded(xp, x)
        shared = [wire.Bits(wire.only(peaks) - _LOWEST, _PEAK_BITS)] if self._peak_bits else []
        return wire.pack(wire.header(wire.only(exponents)), *shared, _words(values, self.format))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent = reader.exponent()
        peak = reader.take(_PEAK_BITS) + _LOWEST if self._peak_bits else 0
        values = _numbers(reader, d, self.format)
        reader.end()
        if peak > _HIGHEST:
            raise wire.malformed(Text("exponent {peak} is never sent", "показатель {peak} никогда не посылается").format(peak=peak))
        return wire.restored(wire.scale_up(np, values, np.asarray(peak)), exponent)

    def cost(self, d: int) -> tuple[float, float]:
        return 1.0 + self._peak_bits + 16 * d, float(d)

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        header = message.bits - self._peak_bits - 16 * d
        return [(HEADER, header), (Text("shared exponent", "общий показатель"), self._peak_bits), (Text("values", "значения"), 16 * d)]

    def alpha(self, d: int) -> float:
        return 1 - 4.0 ** -_SIGNIFICANT[self.format] - d * 4.0**-39

    def lost_to_float32(self, d: int) -> float:
        """None but what `alpha` allows for."""
        return 0.0

    @property
    def _peak_bits(self) -> int:
        return _PEAK_BITS if self.format == FLOAT16 else 0

    def _rounded(self, xp: wire.Namespace, x: Array) -> tuple[Array, Array | None, Array | None]:
        """x scaled and rounded, and the exponents of both scalings."""
        largest = wire.largest_magnitude(xp, x)
        exponents = wire.exponents(xp, largest)
        scaled, peaks = wire.scale_down(xp, x, exponents), None
        if self.format == FLOAT16:
            largest = wire.largest_magnitude(xp, scaled)
            peaks = xp.where(largest > 0, xp.astype(xp.frexp(largest)[1], xp.int64) - _PEAK, 0)
            scaled = wire.scale_down(xp, scaled, peaks)
        return _nearest(xp, scaled, self.format), exponents, peaks


def _nearest(xp: wire.Namespace, x: Array, format: str) -> Array:
    """The nearest numbers of that format, of equally near ones the even."""
    exponents = xp.astype(xp.frexp(x)[1], xp.int64) - _SIGNIFICANT[format]
    steps = wire.powers(xp, xp.where(exponents < _FINEST[format], _FINEST[format], exponents), device(x))
    return xp.round(x / steps) * steps + 0.0


def _words(values: Array, format: str) -> wire.Bits:
    if format == FLOAT16:
        return wire.floats(values, 16)
    return wire.each(np.asarray(wire.on_host(values), dtype=np.float32).view(np.uint32) >> 16, 16)


def _numbers(reader: wire.Reader, d: int, format: str) -> Array:
    if format == FLOAT16:
        return reader.floats(d, 16)
    words = reader.take_each(d, 16).astype(np.uint32) << 16
    return wire.honest(words.view(np.float32))
