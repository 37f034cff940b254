"""No compression: every coordinate is sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from array_api_compat import device

from ef21lab.choices.fields import Choice, Json, whole
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Message


class Width(Choice):
    """32 or 64, as a number or as a word."""

    def accept(self, value: Json) -> str:
        return super().accept(value if isinstance(value, str) else str(whole(value, 32, 64)))


@dataclass(frozen=True)
class Identity(Compressor):
    """C(x) = x, rounded to float32, or exact where the numbers travel as float64.

    Sent: 32d bits and the header, or 64d bits; float64 holds any vector and needs no header.
    """

    name = "identity"
    label = Text("No compression", "Без сжатия")
    about = Text("Sends every coordinate: the baseline.", "Посылает все координаты: точка отсчёта для сравнения.")
    source = Text("α = 1: nothing is lost but rounding.", "α = 1: ничего не теряется, кроме округления.")
    order = 0
    summable = True
    line = Line("#7A7A7A", "dot")

    width: str = field(
        default="32",
        metadata={
            "field": Width(
                Text("Bits per number", "Бит на число"),
                Text("The floating-point format the numbers travel in.", "Формат чисел с плавающей точкой в сообщении."),
                {"32": Text("32 (float32)", "32 (float32)"), "64": Text("64 (float64, exact)", "64 (float64, без округления)")},
            )
        },
    )

    @property
    def bits_of_a_number(self) -> int:
        return int(self.width)

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        given = x
        xp, x = wire.admitted(self, x)
        d = x.shape[-1]
        exponents = wire.exponents(xp, wire.largest_magnitude(xp, x))
        if self.width == "64":
            return Compressed(wire.as_given(xp, x, given), 64 * d, d)
        return Compressed(wire.as_given(xp, wire.rounded(xp, x, exponents), given), wire.header_bits(exponents) + 32 * d, d)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x)
        exponent = wire.only(wire.exponents(xp, wire.largest_magnitude(xp, x)))
        if self.width == "64":
            return wire.pack(wire.floats(x, 64))
        return wire.pack(wire.header(exponent), wire.floats(wire.scale_down(xp, x, xp.asarray(exponent, device=device(x)))))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent = reader.exponent() if self.width == "32" else 0
        values = reader.floats(d, int(self.width))
        reader.end()
        return wire.restored(values, exponent)

    def cost(self, d: int) -> tuple[float, float]:
        return (1.0 + 32 * d if self.width == "32" else 64.0 * d), float(d)

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        values = int(self.width) * d
        return [(HEADER, message.bits - values), (Text("values", "значения"), values)]

    def lost_to_float32(self, d: int) -> float:
        return 0.0 if self.width == "64" else _rounding.ASIDE

    def alpha(self, d: int) -> float:
        return 1.0

    def omega(self, d: int) -> float:
        return 0.0
