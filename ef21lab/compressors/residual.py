"""Residual: a second operator on what the first has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _composed as composed
from ef21lab.compressors import wire
from ef21lab.compressors._composed import Composed
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Message, Shape
from ef21lab.compressors.sign import Sign
from ef21lab.compressors.top_k import TopK


@dataclass(frozen=True)
class Residual(Composed):
    """C(x) = C₁(x) + C₂(x − C₁(x)). Sent: both messages, one after the other.

    With E‖x − C₁(x)‖² ≤ (1 − α₁)‖x‖² and the same of C₂, E‖x − C(x)‖² ≤ (1 − α₂) E‖x − C₁(x)‖² ≤ (1 − α₁)(1 − α₂)‖x‖², so
    α = 1 − (1 − α₁)(1 − α₂); an unbiased part without α counts with ω in place of 1 − α. If C₂ is unbiased, so is C, with variance
    (1 − α₁)ω₂ (Horváth, Richtárik 2021, "A better alternative to error feedback for communication-efficient distributed learning").
    """

    name = "residual"
    label = Text("Residual: first + second", "Остаток: первый + второй")
    about = Text(
        "Sends what the first operator sends, and then what the second makes of all that the first has left: low rank plus sparse, say.",
        "Посылает сообщение первого оператора, а затем сообщение второго о том, что первый оставил: скажем, малый ранг плюс Top-k.",
    )
    source = Text(
        "α = 1 − (1 − α₁)(1 − α₂): each operator leaves at most its share of what it was given.",
        "α = 1 − (1 − α₁)(1 − α₂): каждый оператор оставляет не больше своей доли того, что получил.",
    )
    order = 82
    line = Line("#3E7C4F", "longdash")

    first: Compressor = spec.nested(
        TopK(), composed.family, composed.simple, Text("First", "Первый"), Text("It sees the vector.", "Получает сам вектор.")
    )
    second: Compressor = spec.nested(
        Sign(),
        composed.family,
        composed.simple,
        Text("Second", "Второй"),
        Text("It sees what the first has left.", "Получает то, что оставил первый."),
    )

    def fitted(self, layout: Sequence[Shape]) -> Self:
        return self.replace(first=self.first.fitted(layout), second=self.second.fitted(layout))

    def refusal(self, d: int) -> Text | None:
        if self.first.remembers or self.second.remembers:
            return FORGETS.format(who=self.name)
        return self.first.misfit(d) or self.second.misfit(d)

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array | None:
        return composed.beside(shape[:-1], self.first.draw(rng, shape), self.second.draw(rng, shape))

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        given = x
        xp, x = wire.admitted(self, x, noise)
        noises = composed.apart(noise, x.shape[:-1], (self.first, x.shape[-1]), (self.second, x.shape[-1]))
        exponents = wire.exponents(xp, wire.largest_magnitude(xp, x))
        scaled = wire.scale_down(xp, x, exponents)
        first = self.first.compress(scaled, noises[0])
        second = self.second.compress(scaled - first.values, noises[1])
        values = wire.as_given(xp, wire.scale_up(xp, first.values + second.values, exponents), given)
        return Compressed(values, wire.header_bits(exponents) + first.bits + second.bits, first.floats + second.floats)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x, noise)
        noises = composed.apart(noise, x.shape[:-1], (self.first, x.shape[-1]), (self.second, x.shape[-1]))
        exponents = wire.exponents(xp, wire.largest_magnitude(xp, x))
        scaled = wire.scale_down(xp, x, exponents)
        left = scaled - self.first.compress(scaled, noises[0]).values
        messages = self.first.encode(scaled, noises[0]), self.second.encode(left, noises[1])
        return wire.pack(wire.header(wire.only(exponents)), *map(wire.whole, messages))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent = reader.exponent()
        first, second = self.first.decode(reader.inner(), d), self.second.decode(reader.inner(), d)
        reader.end()
        with np.errstate(over="ignore"):
            return wire.restored(first + second, exponent)

    def cost(self, d: int) -> tuple[float, float]:
        """As if what the first leaves were Gaussian too."""
        (first_bits, first_floats), (second_bits, second_floats) = self.first.cost(d), self.second.cost(d)
        return 1 + first_bits + second_bits, first_floats + second_floats

    def effort(self, d: int, vectors: int = 1) -> float:
        return self.first.effort(d, vectors) + self.second.effort(d, vectors)

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        reader = wire.Reader(message)
        reader.exponent()
        header = message.bits - reader.left
        self.first.decode(reader.inner(), d)
        second = reader.left
        return [(HEADER, header), (self.first.label, message.bits - header - second), (self.second.label, second)]

    def alpha(self, d: int) -> float | None:
        left = self._left(d)
        return None if left is None or left >= 1 else 1 - left

    def lost_to_float32(self, d: int) -> float:
        """What the parts leave more adds up at most: (1 − α₁ + r₁)(1 − α₂ + r₂) ≤ (1 − α₁)(1 − α₂) + r₁ + r₂ where rᵢ ≤ αᵢ."""
        parts = (self.first, self.second)
        if any(part.received_alpha(d) is None for part in parts):
            return super().lost_to_float32(d)
        return sum(part.lost_to_float32(d) for part in parts)

    def stand_in(self, d: int) -> float | None:
        first, second = self.first.nominal_alpha(d), self.second.nominal_alpha(d)
        return None if first is None or second is None else first + (1 - first) * second

    def omega(self, d: int) -> float | None:
        return self._left(d) if self.second.omega(d) is not None else None

    def _left(self, d: int) -> float | None:
        """q with E‖x − C(x)‖² ≤ q‖x‖²."""
        first, second = composed.loss(self.first, d), composed.loss(self.second, d)
        return None if first is None or second is None else first * second


FORGETS = Text(
    "{who}: nothing is remembered inside a composition, so a part of it has no warm start: warm = off",
    "{who}: внутри композиции ничего не запоминается, поэтому тёплого старта у её частей нет: warm = off",
)
