"""Then: a second operator rounds the numbers that a first one sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text
from ef21lab.compressors import _composed as composed
from ef21lab.compressors import wire
from ef21lab.compressors._composed import Composed
from ef21lab.compressors._coordinates import Basis, Coordinates
from ef21lab.compressors._quantise import Quantiser
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Message, Shape
from ef21lab.compressors.half import Half
from ef21lab.compressors.natural import Natural
from ef21lab.compressors.top_k import TopK


class Analysed(NamedTuple):
    """What the first operator makes of n vectors, and the noise of the second."""

    numbers: Array  # (n, m)
    basis: Basis
    noise: Array | None
    exponents: Array | None  # (n,)


def _projects(member: type[Spec]) -> bool:
    return issubclass(member, Coordinates)


def _rounds(member: type[Spec]) -> bool:
    return issubclass(member, (Quantiser, Half))


@dataclass(frozen=True)
class Then(Composed):
    """C₁ sends coordinates s of x in an orthonormal basis V, and C₂ rounds them: C(x) = V C₂(s). Sent: V as C₁ sends it, and C₂'s message.

    ‖x − C(x)‖² = ‖x − Vs‖² + ‖s − C₂(s)‖²: what is dropped and what is rounded are orthogonal. The second part is at most (1 − α₂)‖s‖² and
    ‖s‖² = ‖x‖² − ‖x − Vs‖², so the whole is ‖x‖² − α₂‖s‖² at most, and α = α₁α₂.
    Where both are unbiased, C₁ sends a multiple of V and E‖C(x)‖² ≤ (1 + ω₂)(1 + ω₁)‖x‖²: C is unbiased with ω = (1 + ω₁)(1 + ω₂) − 1.
    """

    name = "then"
    label = Text("Composition: first, then second", "Композиция: первый, затем второй")
    about = Text(
        "The second operator rounds the numbers that the first one sends: Top-k with powers of two in place of 32-bit numbers, say.",
        "Второй оператор округляет числа, которые посылает первый: скажем, Top-k со степенями двойки вместо 32-битных чисел.",
    )
    source = Text(
        "α = α₁α₂: what the first drops and what the second rounds are orthogonal, so their squares add up. "
        "Both unbiased: ω = (1 + ω₁)(1 + ω₂) − 1.",
        "α = α₁α₂: отброшенное первым и округлённое вторым ортогональны, их квадраты складываются. "
        "Если оба несмещённые, ω = (1 + ω₁)(1 + ω₂) − 1.",
    )
    order = 80
    line = Line("#B8563B", "longdashdot")

    first: Compressor = spec.nested(
        TopK(),
        composed.family,
        _projects,
        Text("First", "Первый"),
        Text("It decides which numbers are sent.", "Решает, какие числа посылаются."),
    )
    second: Compressor = spec.nested(
        Natural(),
        composed.family,
        _rounds,
        Text("Second", "Второй"),
        Text("It rounds these numbers.", "Округляет эти числа."),
    )

    def fitted(self, layout: Sequence[Shape]) -> Self:
        return self.replace(first=self.first.fitted(layout))

    def refusal(self, d: int) -> Text | None:
        return self._first.misfit(d) or self._first.uncounted() or self.second.misfit(self._first.count(d))

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array | None:
        numbers = (*shape[:-1], self._first.count(shape[-1]))
        return composed.beside(shape[:-1], self._first.draw(rng, shape), self.second.draw(rng, numbers))

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        given = x
        xp, x = wire.admitted(self, x, noise)
        d, analysed = x.shape[-1], self._analysed(xp, x, noise)
        sent = self.second.compress(analysed.numbers, analysed.noise)
        values = wire.scale_up(xp, self._first.synthesised(xp, sent.values, analysed.basis, d), analysed.exponents)
        bits = wire.header_bits(analysed.exponents) + self._first.basis_bits(d) + sent.bits
        bits, floats = (wire.stacked(xp, count, x) for count in (bits, sent.floats))
        return Compressed(xp.reshape(wire.as_given(xp, values, given), x.shape), bits, floats)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x, noise)
        analysed = self._analysed(xp, x, noise)
        rounded = self.second.encode(analysed.numbers[0, :], None if analysed.noise is None else analysed.noise[0])
        basis = self._first.basis_code(analysed.basis, x.shape[-1])
        return wire.pack(wire.header(wire.only(analysed.exponents)), *basis, wire.whole(rounded))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent, basis = reader.exponent(), self._first.read_basis(reader, d)
        numbers = self.second.decode(reader.inner(), self._first.count(d))
        reader.end()
        with np.errstate(over="ignore", invalid="ignore"):
            return wire.restored(self._first.synthesised(np, numbers[None, :], basis, d)[0], exponent)

    def cost(self, d: int) -> tuple[float, float]:
        bits, floats = self.second.cost(self._first.count(d))
        return 1 + self._first.basis_bits(d) + bits, floats

    def effort(self, d: int, vectors: int = 1) -> float:
        return self.first.effort(d, vectors) + self.second.effort(self._first.count(d), vectors)

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        reader = wire.Reader(message)
        reader.exponent()
        header, basis = message.bits - reader.left, self._first.basis_bits(d)
        return [(HEADER, header), (Text("what is sent", "что посылается"), basis), (self.second.label, message.bits - header - basis)]

    def alpha(self, d: int) -> float | None:
        if self._first.omega(d) is not None:
            omega = self.omega(d)
            return None if omega is None or omega >= 1 else 1 - omega
        first, second = self._first.alpha(d), self.second.alpha(self._first.count(d))
        return None if first is None or second is None else first * second

    def lost_to_float32(self, d: int) -> float:
        """What the parts lose adds up at most: (α₁ − r₁)(α₂ − r₂) ≥ α₁α₂ − r₁ − r₂."""
        if self._first.omega(d) is not None:
            return super().lost_to_float32(d)
        return self._first.lost_to_float32(d) + self.second.lost_to_float32(self._first.count(d))

    def stand_in(self, d: int) -> float | None:
        first, second = self._first.nominal_alpha(d), self.second.nominal_alpha(self._first.count(d))
        return None if first is None or second is None else first * second

    def omega(self, d: int) -> float | None:
        first, second = self._first.omega(d), self.second.omega(self._first.count(d))
        return None if first is None or second is None else (1 + first) * (1 + second) - 1

    @property
    def _first(self) -> Coordinates:
        assert isinstance(self.first, Coordinates)  # its field takes no other
        return self.first

    def _analysed(self, xp: wire.Namespace, x: Array, noise: Array | None) -> Analysed:
        vectors = xp.reshape(x, (-1, x.shape[-1]))  # (n, d)
        count = vectors.shape[0]
        rows = None if noise is None else noise.reshape(count, -1)
        own, other = composed.apart(rows, (count,), (self.first, x.shape[-1]), (self.second, self._first.count(x.shape[-1])))
        exponents = wire.exponents(xp, wire.largest_magnitude(xp, vectors))
        numbers, basis = self._first.analysed(xp, wire.scale_down(xp, vectors, exponents), own)
        return Analysed(numbers, basis, other, exponents)
