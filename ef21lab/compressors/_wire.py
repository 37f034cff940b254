"""From numbers to bytes and back: exact bit packing, the float32 rule, and the header every message begins with.

A message is a row of unsigned fields, most significant bit first, and its last byte is padded with zeros. It opens with the header:
bit 0, values as they are; or bit 1 and a 12-bit exponent e, the vector was multiplied by 2^-e before it was encoded. Scaling is an exact
multiplication by a power of two, used only where the largest |xᵢ| lies outside [2^-60, 2^60]; float32 could not hold such a vector.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import array_namespace, device, is_numpy_namespace

from ef21lab.compressors.base import Array, Compressor, Message, noise_shape
from ef21lab.text import Refusal, Text

Namespace = Any  # a module that follows the array API

SMALLEST, LARGEST = 2.0**-60, 2.0**60  # peaks in between travel unscaled
LIMIT = 2.0**1000  # beyond it a reconstruction might overflow float64
LARGEST_SENT = 2.0**100  # bounds a float32 in a message: ‖x‖ ≤ √d · 2^60 after scaling
_EXPONENTS = (*range(-1073, -59), *range(61, 1002))  # those frexp may give for a peak that is scaled
_BIAS = 2048
_LONGEST_GAMMA = 30  # zeros at the front of a number in Elias' gamma code
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


def whole(message: Message) -> Bits:
    """A message as one field of another."""
    payload, bits = message
    return Bits(int.from_bytes(payload, "big") >> (-bits % 8), bits)


class Inner(Message):
    """A message inside another one. Where it ends shows when it has been read; what is left over then is the outer one's business."""

    reader: Reader


class Reader:
    """Takes a message apart, field by field; anything that `pack` could not have written is a Refusal."""

    def __init__(self, message: Message) -> None:
        self._inner = isinstance(message, Inner)
        self._row: _Row = message.reader._row if isinstance(message, Inner) else _Row(message)

    def inner(self) -> Message:
        """The message that begins here, for another operator's decode()."""
        message = Inner(b"", 0)
        message.reader = self
        return message

    @property
    def left(self) -> int:
        """How many bits have not been read."""
        return self._row.left

    def take(self, width: int) -> int:
        """The next `width` bits as an unsigned number."""
        return self._row.take(width)

    def take_each(self, count: int, width: int) -> Array:
        """The next `count` unsigned numbers of `width` bits, (count,)."""
        bits = self._row.ahead(count * width).reshape(count, width)
        self._row.at += count * width
        return bits @ (1 << np.arange(width)[::-1])

    def take_gamma(self, count: int) -> Array:
        """The next `count` numbers ≥ 1 in Elias' gamma code, (count,)."""
        ones = self._row.at + np.flatnonzero(self._row.ahead())
        numbers = np.empty(count, dtype=np.int64)
        for place in range(count):
            first = ones[np.searchsorted(ones, self._row.at) :][:1]
            if not len(first) or (zeros := int(first[0]) - self._row.at) > _LONGEST_GAMMA:
                raise malformed(Text("a number in it is longer than any that is sent", "одно из чисел в нём длиннее всех, что посылаются"))
            self._row.at += zeros
            numbers[place] = self._row.take(zeros + 1)
        return numbers

    def magnitude(self) -> float:
        """The next float32, which is the size of something: −0 and negative numbers are refused."""
        value = float(self.floats(1)[0])
        if math.copysign(1.0, value) < 0:
            raise malformed(Text("a size in it is negative", "одна из величин в нём отрицательна"))
        return value

    def exponent(self) -> int:
        """The exponent of the header, 0 for a vector that was not scaled."""
        if not self.take(1):
            return 0
        exponent = self.take(12) - _BIAS
        if exponent not in _EXPONENTS:
            raise malformed(
                Text("exponent {exponent} is never sent", "показатель {exponent} никогда не посылается").format(exponent=exponent)
            )
        return exponent

    def floats(self, count: int, width: int = 32) -> Array:
        """The next `count` numbers of 16, 32 or 64 bits, as float64; no larger than honest ones can be, so that what is built is finite."""
        raw = self.take(width * count).to_bytes(width * count // 8, "big")
        return honest(np.frombuffer(raw, f">f{width // 8}"), LIMIT if width == 64 else LARGEST_SENT)

    def end(self) -> None:
        """Nothing may be left, but after an inner message."""
        if self._row.left and not self._inner:
            raise malformed(Text("{n:bit|bits} too many", "{n:лишний бит|лишних бита|лишних бит}").format(n=self._row.left))


class _Row:
    """The bits of one payload, and how many of them have been read."""

    def __init__(self, message: Message) -> None:
        self.payload, self.bits = message
        self.at = 0
        if len(self.payload) != (self.bits + 7) // 8:
            words = Text(
                "{bits:bit needs|bits need} {bytes:byte|bytes}, {came} came",
                "на {bits:бит|бита|бит} нужно {bytes:байт|байта|байт}, пришло {came}",
            )
            raise malformed(words.format(bits=self.bits, bytes=(self.bits + 7) // 8, came=len(self.payload)))
        if self.bits % 8 and self.payload[-1] & ((1 << (-self.bits % 8)) - 1):
            raise malformed(Text("the padding of the last byte is not zero", "дополнение последнего байта не нулевое"))

    @property
    def left(self) -> int:
        return self.bits - self.at

    def take(self, width: int) -> int:
        self._expect(width)
        start, stop = self.at, self.at + width
        self.at = stop
        word = int.from_bytes(self.payload[start // 8 : (stop + 7) // 8], "big") >> (-stop % 8)
        return word & ((1 << width) - 1)

    def ahead(self, width: int | None = None) -> Array:
        """The next `width` bits, or all that are left, each as 0 or 1; they stay unread."""
        width = self.left if width is None else width
        self._expect(width)
        skipped = self.at % 8
        raw = np.frombuffer(self.payload[self.at // 8 : (self.at + width + 7) // 8], np.uint8)
        return np.unpackbits(raw)[skipped : skipped + width]

    def _expect(self, width: int) -> None:
        if width > self.left:
            words = Text("{width:bit|bits} expected, {left} left", "ожидалось ещё {width:бит|бита|бит}, осталось {left}")
            raise malformed(words.format(width=width, left=self.left))


def header(exponent: int) -> Bits:
    """The opening of a message whose vector was multiplied by 2^-exponent; 0 means that it was not."""
    return Bits((1 << 12) | (exponent + _BIAS), 13) if exponent else Bits(0, 1)


def header_bits(exponents: Array | None) -> Array | int:
    """What the headers of a stack cost: one number when no vector was scaled, else (...)."""
    return 1 if exponents is None else 1 + 12 * (exponents != 0)


def floats(values: Array, width: int = 32) -> Bits:
    """Numbers as consecutive IEEE floats of 16, 32 or 64 bits."""
    raw = np.asarray(values, f">f{width // 8}").tobytes()
    return Bits(int.from_bytes(raw, "big"), 8 * len(raw))


def each(numbers: Array, widths: Array | int) -> Bits:
    """Unsigned numbers (k,) one after the other, each in its own number of bits, at most 62."""
    numbers = np.asarray(numbers, dtype=np.int64)
    widths = np.broadcast_to(widths, numbers.shape)
    stops = np.repeat(np.cumsum(widths), widths)  # for every bit, where its number ends
    bits = np.repeat(numbers, widths) >> (stops - 1 - np.arange(len(stops))) & 1
    return Bits(int.from_bytes(np.packbits(bits.astype(np.uint8)).tobytes(), "big") >> (-len(bits) % 8), len(bits))


def gamma(numbers: Array) -> Bits:
    """Numbers ≥ 1 in Elias' gamma code: ⌊log₂ n⌋ zeros, then n in binary (Elias 1975)."""
    return each(numbers, gamma_bits(numbers))


def gamma_bits(numbers: Array) -> Array:
    """2⌊log₂ n⌋ + 1 for numbers 1 ≤ n < 2^31."""
    return 2 * np.frexp(np.asarray(numbers, dtype=np.float64))[1].astype(np.int64) - 1


def admitted(compressor: Compressor, x: Array, noise: Array | None = None) -> tuple[Namespace, Array]:
    """The array library of x (..., d) and x as float64; a Refusal where the operator cannot take it, or lacks the noise that it needs."""
    xp = _library_of_real(compressor, x)
    if (why := compressor.refusal(x.shape[-1])) is not None:
        raise Refusal(why)
    if (own := noise_shape(compressor, x.shape[-1])) is not None:
        _check_noise(compressor, noise, (*x.shape[:-1], *own))
    return xp, xp.asarray(x, dtype=xp.float64)


def _library_of_real(compressor: Compressor, x: Array) -> Namespace:
    """The array library of x; a Refusal where x is no array of real vectors."""
    try:
        xp = array_namespace(x)
    except TypeError:
        raise Refusal(NOT_REAL.format(who=compressor.name, given=type(x).__name__)) from None
    if not xp.isdtype(x.dtype, ("bool", "integral", "real floating")):
        raise Refusal(NOT_REAL.format(who=compressor.name, given=x.dtype))
    if x.ndim == 0 or x.shape[-1] == 0:
        raise Refusal(NO_VECTOR.format(who=compressor.name, given=tuple(x.shape)))
    return xp


def _check_noise(compressor: Compressor, noise: Array | None, shape: tuple[int, ...]) -> None:
    if noise is None:
        raise Refusal(NO_NOISE.format(who=compressor.name, shape=shape))
    if tuple(noise.shape) != shape:
        raise Refusal(OTHER_NOISE.format(who=compressor.name, given=tuple(noise.shape), shape=shape))


def row_major(xp: Namespace, x: Array) -> Array:
    """x (..., d) in row-major memory: the sum of a vector's numbers is then taken in one order, however the stack was laid out."""
    if is_numpy_namespace(xp):
        return np.ascontiguousarray(x)
    return xp.asarray(x, copy=True)


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


def stacked(xp: Namespace, bits: Array | int, stack: tuple[int, ...]) -> Array | int:
    """What the n messages of a stack cost, (n,) → (...); one number for all stays one."""
    return bits if isinstance(bits, int) else xp.reshape(xp.asarray(bits), stack)


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


def honest(values: Array, largest: float = LARGEST_SENT) -> Array:
    """`values` as float64, or a Refusal where one of them is NaN, infinite or beyond `largest`."""
    values = finite(values).astype(np.float64)
    if np.any(np.abs(values) > largest):
        raise malformed(Text("a value in it is larger than any that is sent", "одно из чисел в нём больше всех, что посылаются"))
    return values


def finite(values: Array) -> Array:
    """`values`, or a Refusal where one of them is NaN or infinite."""
    if not np.all(np.isfinite(values)):
        raise malformed(Text("a value in it is NaN or infinite", "одно из чисел в нём — NaN или бесконечность"))
    return values


def malformed_index() -> Refusal:
    """For an index code that stands for no set of coordinates."""
    return malformed(Text("its index code is out of range", "код индексов вне допустимых значений"))


def powers(xp: Namespace, exponents: Array, where: Any) -> Array:
    """2^e for |e| ≤ 540, on the device `where`."""
    return xp.asarray(_POWERS, dtype=xp.float64, device=where)[exponents + _HALF]


def _times_power_of_two(xp: Namespace, x: Array, exponents: Array) -> Array:
    half = exponents // 2
    first, second = powers(xp, half, device(x)), powers(xp, exponents - half, device(x))
    return x * first[..., None] * second[..., None]


def malformed(why: Text) -> Refusal:
    """For bytes that no sender writes."""
    return Refusal(Text("malformed message: {why}", "испорченное сообщение: {why}").format(why=why))


NOT_REAL = Text(
    "{who}: a vector to compress must be an array of real numbers, got {given}",
    "{who}: сжимаемый вектор должен быть массивом вещественных чисел, а получено {given}",
)
NO_VECTOR = Text(
    "{who}: vectors to compress have the shape (..., d) with d of at least 1, got {given}",
    "{who}: у сжимаемых векторов форма (..., d), где d не меньше 1, а получена {given}",
)
NO_NOISE = Text(
    "{who} is random: give it noise from its draw(), of the shape {shape}",
    "{who} — случайный оператор: передайте ему шум из его draw(), форма {shape}",
)
OTHER_NOISE = Text(
    "{who}: noise from draw() has the shape {shape} for these vectors, got {given}",
    "{who}: шум из draw() для этих векторов имеет форму {shape}, а получена {given}",
)
