"""What the quantising compressors share: every coordinate becomes a small whole number, most often with one scale for all of them.

A member says what the numbers of a vector are, what they cost, and what they stand for; scaling, headers and stacks are done here. In the
count of `floats` each number that is sent is one scalar, however few bits it takes: that unit does not see quantisation, bits do.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.compressors import wire
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Message
from ef21lab.compressors.wire import support


class Symbols(NamedTuple):
    """What is sent of n vectors of length d."""

    levels: Array  # (n, d), whole numbers
    scale: Array  # (n, 1), float32 numbers, or (n, 0) where none is sent


@dataclass(frozen=True)
class Quantiser(Compressor):
    """A compressor that sends every coordinate as a small whole number."""

    scales: ClassVar[int] = 1  # float32 numbers beside the levels, 0 or 1

    @abstractmethod
    def symbols(self, xp: wire.Namespace, x: Array, noise: Array | None) -> Symbols:
        """What stands for x (n, d), in row-major memory; the largest entry of a vector lies in [2^-60, 2^60] or is zero."""

    @abstractmethod
    def meaning(self, xp: wire.Namespace, symbols: Symbols) -> Array:
        """What a receiver takes them for, (n, d)."""

    @abstractmethod
    def level_bits(self, levels: Array) -> Array | int:
        """What the levels (n, d) cost: (n,) or one number for all."""

    @abstractmethod
    def level_code(self, levels: Array) -> list[wire.Bits]:
        """The levels (d,) of one vector."""

    @abstractmethod
    def read_levels(self, reader: wire.Reader, d: int) -> Array:
        """The levels (d,) again; a Refusal for those that nobody sends."""

    @abstractmethod
    def expected(self, d: int) -> tuple[float, float]:
        """(bits, scalars) of the levels of a Gaussian vector of length d, on the average."""

    def scalars(self, levels: Array) -> Array | int:
        """How many of the levels (n, d) are sent: (n,) or one number for all."""
        return int(levels.shape[-1])

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        given = x
        xp, x = wire.admitted(self, x, noise)
        symbols, exponents = self._symbols(xp, x, noise)
        values = wire.scale_up(xp, self.meaning(xp, symbols), exponents)
        bits = wire.on_host(wire.header_bits(exponents)) + self.level_bits(symbols.levels) + 32 * self.scales
        bits, floats = (wire.stacked(xp, count, x) for count in (bits, self.scalars(symbols.levels) + self.scales))
        return Compressed(xp.reshape(wire.as_given(xp, values, given), x.shape), bits, floats)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x, noise)
        symbols, exponents = self._symbols(xp, x, noise)
        return wire.pack(
            wire.header(wire.only(exponents)), wire.floats(symbols.scale), *self.level_code(wire.on_host(symbols.levels[0, :]))
        )

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent = reader.exponent()
        scale = np.array([[reader.magnitude() for _ in range(self.scales)]])
        symbols = Symbols(self.read_levels(reader, d)[None, :], scale)
        reader.end()
        return wire.restored(self.meaning(np, symbols)[0], exponent)

    def cost(self, d: int) -> tuple[float, float]:
        bits, scalars = self.expected(d)
        return 1.0 + bits + 32 * self.scales, scalars + self.scales

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        header = wire.header(wire.Reader(message).exponent()).width
        return [
            (HEADER, header),
            (Text("scale", "масштаб"), 32 * self.scales),
            (Text("levels", "уровни"), message.bits - header - 32 * self.scales),
        ]

    def _symbols(self, xp: wire.Namespace, x: Array, noise: Array | None) -> tuple[Symbols, Array | None]:
        vectors = wire.row_major(xp, xp.reshape(x, (-1, x.shape[-1])))  # (n, d)
        exponents = wire.exponents(xp, wire.largest_magnitude(xp, vectors))
        rows = None if noise is None else xp.reshape(wire.noise_beside(xp, noise, x), vectors.shape)
        return self.symbols(xp, wire.scale_down(xp, vectors, exponents), rows), exponents


def nonzero(levels: Array) -> Array:
    """How many of the levels (n, d) are not zero, (n,)."""
    return np.count_nonzero(wire.on_host(levels), axis=-1)


def signed_bits(levels: Array, most: int) -> Array:
    """What whole numbers in −most..most cost, (n, d) → (n,): one bit, and the shorter of two codes.

    Fixed: each in ⌈log₂(2 · most + 1)⌉ bits. Sparse: which are not zero, their signs, and |numbers| in Elias' gamma code where most > 1.
    """
    levels = wire.on_host(levels)
    sparse = support.bits(levels != 0) + np.sum(_tail_bits(most)[np.abs(levels)], axis=-1)
    return 1 + np.minimum(sparse, levels.shape[-1] * _width(most))


def signed_code(levels: Array, most: int) -> list[wire.Bits]:
    """The levels (d,) of one vector in the shorter code."""
    d, places = len(levels), np.flatnonzero(levels)
    sparse = support.code(places, d) + [wire.each(levels[places] < 0, 1)]
    if most > 1:
        sparse.append(wire.gamma(np.abs(levels[places])))
    if sum(part.width for part in sparse) < d * _width(most):
        return [wire.Bits(1, 1), *sparse]
    return [wire.Bits(0, 1), wire.each(levels + most, _width(most))]


def read_signed(reader: wire.Reader, d: int, most: int) -> Array:
    """The levels (d,) again. Raises Refusal on those that nobody sends."""
    if not reader.take(1):
        levels = reader.take_each(d, _width(most)) - most
    else:
        places = support.read(reader, d)
        signs = 1 - 2 * reader.take_each(len(places), 1)
        levels = np.zeros(d, dtype=np.int64)
        levels[places] = signs * (reader.take_gamma(len(places)) if most > 1 else 1)
    if np.any(np.abs(levels) > most):
        raise wire.malformed(Text("a level in it is beyond {most}", "один из уровней в нём больше {most}").format(most=most))
    return levels


def _width(most: int) -> int:
    return (2 * most).bit_length()


def _tail_bits(most: int) -> Array:
    """Sign and size of every |level| 0..most in the sparse code."""
    sizes = np.arange(1, most + 1)
    return np.concatenate([[0], 1 + (wire.gamma_bits(sizes) if most > 1 else np.zeros(1, dtype=np.int64))])
