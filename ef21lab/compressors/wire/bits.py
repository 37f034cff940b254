"""From numbers to bytes and back: exact bit packing, and the header that every message begins with.

A message is a row of unsigned fields, most significant bit first, and its last byte is padded with zeros. It opens with the header:
bit 0, values as they are; or bit 1 and a 12-bit exponent e, the vector was multiplied by 2^-e before it was encoded (see `scaling`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.compressors.base import Array, Message
from ef21lab.compressors.wire.refusals import LARGEST_SENT, LIMIT, honest, malformed
from ef21lab.compressors.wire.scaling import on_host

_EXPONENTS = (*range(-1073, -59), *range(61, 1002))  # those frexp may give for a peak that is scaled

_BIAS = 2048

_LONGEST_GAMMA = 30  # zeros at the front of a number in Elias' gamma code


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
        """The next `count` numbers ≥ 1 in Elias' gamma code, (count,). Raises Refusal on one that is too long."""
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
        """The next float32, which is the size of something. Raises Refusal on −0 and negative numbers."""
        value = float(self.floats(1)[0])
        if math.copysign(1.0, value) < 0:
            raise malformed(Text("a size in it is negative", "одна из величин в нём отрицательна"))
        return value

    def exponent(self) -> int:
        """The exponent of the header, 0 for a vector that was not scaled. Raises Refusal on one that is never sent."""
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
        """Raises Refusal where anything is left, but after an inner message."""
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
    raw = np.asarray(on_host(values), f">f{width // 8}").tobytes()
    return Bits(int.from_bytes(raw, "big"), 8 * len(raw))


def each(numbers: Array, widths: Array | int) -> Bits:
    """Unsigned numbers (k,) one after the other, each in its own number of bits, at most 62."""
    numbers = np.asarray(on_host(numbers), dtype=np.int64)
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
