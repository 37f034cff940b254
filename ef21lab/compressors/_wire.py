"""From numbers to bytes and back: exact bit packing, the float32 rule, and the header every message begins with.

A message is a row of unsigned fields, most significant bit first, and its last byte is padded with zeros. It opens with the header:
bit 0, values as they are; or bit 1 and a 12-bit exponent e, the vector was multiplied by 2^-e before it was encoded. Scaling is an exact
multiplication by a power of two, used only where the largest |xᵢ| lies outside [2^-60, 2^60]; float32 could not hold such a vector.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import array_namespace, device

from ef21lab.compressors.base import Array, Compressor, Message
from ef21lab.text import Refusal, Text

Namespace = Any  # a module that follows the array API

SMALLEST, LARGEST = 2.0**-60, 2.0**60  # peaks in between travel unscaled
LIMIT = 2.0**1000  # beyond it a reconstruction might overflow float64
LARGEST_SENT = 2.0**100  # bounds a float32 in a message: ‖x‖ ≤ √d · 2^60 after scaling
_EXPONENTS = (*range(-1073, -59), *range(61, 1002))  # those frexp may give for a peak that is scaled
_BIAS = 2048
_HALF = 540  # 2^e is applied as two factors, each with |exponent| ≤ _HALF, so that neither over- nor underflows
_POWERS = [math.ldexp(1.0, exponent) for exponent in range(-_HALF, _HALF + 1)]


class Bits(NamedTuple):
    """An unsigned number that takes exactly `width` bits."""

    value: int
    width: int


def pack(*fields: Bits) -> Message:
    """The message made of these fields, first field first."""
    word = bits = 0
    for value, width in fields:
        word, bits = (word << width) | value, bits + width
    return Message((word << (-bits % 8)).to_bytes((bits + 7) // 8, "big"), bits)


class Reader:
    """Takes a message apart, field by field; anything that `pack` could not have written is a Refusal."""

    def __init__(self, message: Message) -> None:
        payload, bits = message
        if len(payload) != (bits + 7) // 8:
            raise _malformed(
                Text(
                    f"{bits} bits need {(bits + 7) // 8} bytes, {len(payload)} came",
                    f"на {bits} бит нужно байтов: {(bits + 7) // 8}, а пришло {len(payload)}",
                )
            )
        word, padding = int.from_bytes(payload, "big"), -bits % 8
        if word & ((1 << padding) - 1):
            raise _malformed(Text("the padding of the last byte is not zero", "дополнение последнего байта не нулевое"))
        self._word, self._left = word >> padding, bits

    def take(self, width: int) -> int:
        """The next `width` bits as an unsigned number."""
        if width > self._left:
            raise _malformed(
                Text(f"{width} bits expected, {self._left} left", f"ожидалось ещё бит: {width}, а осталось {self._left}"),
            )
        self._left -= width
        value = self._word >> self._left
        self._word &= (1 << self._left) - 1
        return value

    def exponent(self) -> int:
        """The exponent of the header, 0 for a vector that was not scaled."""
        if not self.take(1):
            return 0
        exponent = self.take(12) - _BIAS
        if exponent not in _EXPONENTS:
            raise _malformed(Text(f"exponent {exponent} is never sent", f"показатель {exponent} никогда не посылается"))
        return exponent

    def floats(self, count: int, width: int = 32) -> Array:
        """The next `count` numbers of 32 or 64 bits, as float64; no larger than honest ones can be, so that what is built is finite."""
        raw = self.take(width * count).to_bytes(width * count // 8, "big")
        values = finite(np.frombuffer(raw, f">f{width // 8}")).astype(np.float64)
        if np.any(np.abs(values) > (LARGEST_SENT if width == 32 else LIMIT)):
            raise _malformed(Text("a value in it is larger than any that is sent", "одно из чисел в нём больше всех, что посылаются"))
        return values

    def end(self) -> None:
        """Nothing may be left."""
        if self._left:
            raise _malformed(Text(f"{self._left} bits too many", f"лишние биты: {self._left}"))


def header(exponent: int) -> Bits:
    """The opening of a message whose vector was multiplied by 2^-exponent; 0 means that it was not."""
    return Bits((1 << 12) | (exponent + _BIAS), 13) if exponent else Bits(0, 1)


def header_bits(exponents: Array | None) -> Array | int:
    """What the headers of a stack cost: one number when no vector was scaled, else (...)."""
    return 1 if exponents is None else 1 + 12 * (exponents != 0)


def floats(values: Array, width: int = 32) -> Bits:
    """Numbers as consecutive IEEE floats of 32 or 64 bits."""
    raw = np.asarray(values, f">f{width // 8}").tobytes()
    return Bits(int.from_bytes(raw, "big"), 8 * len(raw))


def admitted(compressor: Compressor, x: Array) -> tuple[Namespace, Array]:
    """The array library of x and x as float64, for an operator that takes vectors of this length; a Refusal otherwise."""
    xp = array_namespace(x)
    if (why := compressor.refusal(x.shape[-1])) is not None:
        raise Refusal(why)
    return xp, xp.asarray(x, dtype=xp.float64)


def largest_magnitude(xp: Namespace, x: Array) -> Array:
    """max |xᵢ| of every vector, (..., d) → (...)."""
    return xp.maximum(xp.max(x, axis=-1), -xp.min(x, axis=-1))


def exponents(xp: Namespace, peak: Array) -> Array | None:
    """e with 2^-e · peak in [1/2, 1) where `peak` (...) lies outside [2^-60, 2^60], else 0; None where it is 0 for all.

    Raises Refusal on NaN, infinity and anything above 2^1000.
    """
    if xp.all((peak >= SMALLEST) & (peak <= LARGEST)):
        return None
    if not xp.all(peak <= LIMIT):
        raise Refusal(
            Text(
                "a vector to compress must hold finite numbers of magnitude at most 2^1000; this one has NaN, infinity or more",
                "сжимаемый вектор должен состоять из конечных чисел, по модулю не больше 2^1000; в этом есть NaN, бесконечность или больше",
            )
        )
    scaled = (peak > 0) & ((peak < SMALLEST) | (peak > LARGEST))
    if not xp.any(scaled):
        return None
    return xp.where(scaled, xp.astype(xp.frexp(peak)[1], xp.int64), 0)


def only(exponents: Array | None) -> int:
    """The exponent of a single vector, from what `exponents` says of it."""
    return 0 if exponents is None else int(exponents.reshape(-1)[0])


def scale_down(xp: Namespace, x: Array, exponents: Array | None) -> Array:
    """x · 2^-e, vector by vector: x (..., d), e (...)."""
    return x if exponents is None else _times_power_of_two(xp, x, -exponents)


def scale_up(xp: Namespace, x: Array, exponents: Array | None) -> Array:
    """x · 2^e, vector by vector: the inverse of scale_down."""
    return x if exponents is None else _times_power_of_two(xp, x, exponents)


def through_float32(xp: Namespace, values: Array) -> Array:
    """What is left of float64 numbers after they have travelled as float32."""
    return xp.astype(xp.astype(values, xp.float32), xp.float64)


def rounded(xp: Namespace, x: Array, exponents: Array | None) -> Array:
    """What is left of the numbers of x (..., d) after they have travelled as float32 behind their header."""
    return scale_up(xp, through_float32(xp, scale_down(xp, x, exponents)), exponents)


def restored(values: Array, exponent: int) -> Array:
    """The receiver's last step: values (d,) · 2^exponent, which an honest message never makes infinite."""
    with np.errstate(over="ignore"):
        return finite(scale_up(array_namespace(values), values, np.asarray(exponent)) if exponent else values)


def finite(values: Array) -> Array:
    """`values`, or a Refusal where one of them is NaN or infinite."""
    if not np.all(np.isfinite(values)):
        raise _malformed(Text("a value in it is NaN or infinite", "одно из чисел в нём — NaN или бесконечность"))
    return values


def malformed_index() -> Refusal:
    """For an index code that stands for no set of coordinates."""
    return _malformed(Text("its index code is out of range", "код индексов вне допустимых значений"))


def _times_power_of_two(xp: Namespace, x: Array, exponents: Array) -> Array:
    powers = xp.asarray(_POWERS, dtype=xp.float64, device=device(x))
    half = exponents // 2
    first, second = powers[half + _HALF], powers[exponents - half + _HALF]
    return x * first[..., None] * second[..., None]


def _malformed(why: Text) -> Refusal:
    return Refusal(Text("malformed message: {why}", "испорченное сообщение: {why}").format(why=why))
