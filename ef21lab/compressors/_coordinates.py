"""What operators share that project: they send coordinates of x in an orthonormal basis, and which basis.

Because the basis is orthonormal, an error e in the coordinates is an error of norm ‖e‖ in the vector, orthogonal to what the projection
drops. So the coordinates may themselves be compressed (see then.py), and losses add up.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from array_api_compat import device, is_numpy_namespace

from ef21lab.choices import spec
from ef21lab.choices.text import Text
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Few, Message

TOGETHER = 131_072  # numbers of some vectors, 1 MB: what a core keeps near itself
Basis = Any  # what a member needs to know of the orthonormal vectors, of n vectors x at once


@dataclass(frozen=True)
class Coordinates(Compressor):
    """A compressor that sends, of every vector of one length, the same number of coordinates in an orthonormal basis."""

    def uncounted(self) -> Text | None:
        """Why the number of coordinates differs from vector to vector; None where it does not."""
        return None

    @abstractmethod
    def count(self, d: int) -> int:
        """How many coordinates."""

    @abstractmethod
    def analysed(self, xp: wire.Namespace, x: Array, noise: Array | None) -> tuple[Array, Basis]:
        """The coordinates (n, m) of x (n, d), and the basis; the largest entry of a vector lies in [2^-60, 2^60] or is zero."""

    @abstractmethod
    def synthesised(self, xp: wire.Namespace, numbers: Array, basis: Basis, d: int) -> Array:
        """What the receiver makes of coordinates (n, m) in that basis, (n, d)."""

    @abstractmethod
    def basis_bits(self, d: int) -> int:
        """What the basis of one vector costs."""

    @abstractmethod
    def basis_code(self, basis: Basis, d: int) -> list[wire.Bits]:
        """The basis of one vector, n = 1."""

    @abstractmethod
    def read_basis(self, reader: wire.Reader, d: int) -> Basis:
        """The basis of one vector again, n = 1; a Refusal for one that nobody sends."""


@dataclass(frozen=True)
class KeptCoordinates(Coordinates):
    """A compressor that keeps k of the d entries; its basis are their indices, first of all `columns` (n, k)."""

    k: int = spec.integer(
        1,
        1,
        1_000_000,
        Text("Coordinates kept, k", "Число координат, k"),
        Text("How many of the d coordinates each message carries.", "Сколько из d координат несёт каждое сообщение."),
        up_to_d=True,
    )

    @abstractmethod
    def chosen(self, xp: wire.Namespace, vectors: Array, noise: Array | None) -> tuple[Basis, Array | None]:
        """The indices that are kept of vectors (n, d), and the exponents (n,) that these travel with. Raises Refusal on NaN or infinity."""

    def gain(self, d: int) -> float:
        """What the receiver multiplies the entries by."""
        return 1.0

    def refusal(self, d: int) -> Text | None:
        if self.k <= d:
            return None
        words = Text("{name}(k={k}): k must be an integer in 1..{d}", "{name}(k={k}): k — это целое число от 1 до {d}")
        return words.format(name=type(self).__name__, k=self.k, d=d)

    def count(self, d: int) -> int:
        return self.k

    def lost_to_float32(self, d: int) -> float:
        return _rounding.ASIDE

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        given = x
        xp, x = wire.admitted(self, x, noise)
        if (seen := wire.seen_by_numpy(x)) is None:
            return self._compressed(xp, x, noise, given)
        values, bits, _ = self._compressed(np, seen, None if noise is None else wire.on_host(noise), seen)  # which selects sooner
        return Compressed(wire.as_given(xp, xp.asarray(values), given), wire.stacked(xp, bits, x), self.k)

    def _compressed(self, xp: wire.Namespace, x: Array, noise: Array | None, given: Array) -> Compressed:
        vectors = xp.reshape(x, (-1, x.shape[-1]))  # (n, d)
        columns, numbers, headers = self._kept(xp, vectors, noise)
        values = xp.zeros(
            vectors.shape, dtype=wire.floating(xp, given), device=device(x)
        )  # of a large one, pages that nobody writes are none
        values[_rows(xp, vectors), columns] = wire.as_given(xp, numbers, given)
        return Compressed(xp.reshape(values, x.shape), self._bits(xp, headers, x), self.k)

    def few(self, x: Array, noise: Array | None = None) -> Few:
        given = x
        xp, x = wire.admitted(self, x, noise)
        columns, numbers, headers = self._kept(xp, xp.reshape(x, (-1, x.shape[-1])), noise)
        shape = (*x.shape[:-1], self.k)
        return Few(xp.reshape(columns, shape), xp.reshape(wire.as_given(xp, numbers, given), shape), self._bits(xp, headers, x), self.k)

    def _kept(self, xp: wire.Namespace, vectors: Array, noise: Array | None) -> _Kept:
        """Of many long vectors (n, d) some at a time: nothing of the size of all of them is left behind on the way."""
        n, d = vectors.shape
        if not is_numpy_namespace(xp) or vectors.size <= TOGETHER or n == 1:
            basis, exponents = self.chosen(xp, vectors, noise)
            sent = wire.through_float32(xp, wire.scale_down(xp, vectors[_rows(xp, vectors), basis.columns], exponents))
            return _Kept(basis.columns, wire.scale_up(xp, self._gained(sent, d), exponents), wire.header_bits(exponents))
        noises, together = None if noise is None else noise.reshape(n, -1), max(1, TOGETHER // d)
        some = (slice(first, first + together) for first in range(0, n, together))
        return _joined([self._kept(xp, vectors[rows], None if noises is None else noises[rows]) for rows in some])

    def _bits(self, xp: wire.Namespace, headers: Array | int, x: Array) -> Array | int:
        bits: Array | int = wire.stacked(xp, headers, x) + self.basis_bits(x.shape[-1]) + 32 * self.k
        return bits

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x, noise)
        basis, exponents = self.chosen(xp, x[None, :], noise)
        kept = wire.scale_down(xp, x[None, :][:, basis.columns[0, :]], exponents)
        return wire.pack(wire.header(wire.only(exponents)), *self.basis_code(basis, x.shape[-1]), wire.floats(kept))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent, basis = reader.exponent(), self.read_basis(reader, d)
        values = self.synthesised(np, reader.floats(self.k)[None, :], basis, d)
        reader.end()
        return wire.restored(values[0], exponent)

    def cost(self, d: int) -> tuple[float, float]:
        return 1.0 + self.basis_bits(d) + 32 * self.k, float(self.k)

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        indices, values = self.basis_bits(d), 32 * self.k
        return [
            (HEADER, message.bits - indices - values),
            (Text("indices", "номера координат"), indices),
            (Text("values", "значения"), values),
        ]

    def analysed(self, xp: wire.Namespace, x: Array, noise: Array | None) -> tuple[Array, Basis]:
        basis, _ = self.chosen(xp, x, noise)
        return x[_rows(xp, x), basis.columns], basis

    def synthesised(self, xp: wire.Namespace, numbers: Array, basis: Basis, d: int) -> Array:
        values = xp.zeros((numbers.shape[0], d), dtype=numbers.dtype, device=device(numbers))
        values[_rows(xp, numbers), basis.columns] = self._gained(numbers, d)
        return values

    def _gained(self, numbers: Array, d: int) -> Array:
        return numbers if self.gain(d) == 1 else numbers * self.gain(d)


class _Kept(NamedTuple):
    """What is kept of n vectors."""

    columns: Array  # (n, k)
    numbers: Array  # (n, k), as they arrive
    headers: Array | int  # (n,) bits, or one number for all


def _joined(found: Sequence[_Kept]) -> _Kept:
    """What was found of neighbouring vectors, as of all of them."""
    columns, numbers, headers = zip(*found, strict=True)
    if all(isinstance(bits, int) for bits in headers):  # then nothing was scaled, and all are the same
        return _Kept(np.concatenate(columns), np.concatenate(numbers), headers[0])
    each = [np.broadcast_to(bits, len(part)) for bits, part in zip(headers, columns, strict=True)]
    return _Kept(np.concatenate(columns), np.concatenate(numbers), np.concatenate(each))


def _rows(xp: wire.Namespace, vectors: Array) -> Array:
    """The index of every vector, (n, 1)."""
    return xp.arange(vectors.shape[0], device=device(vectors))[:, None]
