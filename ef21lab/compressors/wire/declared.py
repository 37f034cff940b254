"""A message made of declared parts: its bits, its bytes and what arrives follow from what the parts are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from array_api_compat import device

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Message
from ef21lab.compressors.wire import claims
from ef21lab.compressors.wire.bits import Reader, header, header_bits, pack
from ef21lab.compressors.wire.parts import Part
from ef21lab.compressors.wire.scaling import (
    admitted,
    exponents,
    floating,
    largest_magnitude,
    on_host,
    only,
    restored,
    scale_down,
    scale_up,
    stacked,
)

Parts = Mapping[str, Array]  # what is sent of one vector, each part under its name


@dataclass(frozen=True)
class Declared(Compressor):
    """A compressor written as mathematics, for one vector at a time: C(x) = rebuild(sends(x)).

    `message` says of what parts a message is made. Each travels as its kind says: `Floats` as float32, `Indices` as one number that is the
    place of their set. From that follow `compress`, `encode`, `decode`, `cost` and the table of what bits are spent on. A stack of vectors
    takes a loop; where speed matters, write `compress` for stacks as top_k.py does. What a method returns that it must not is a Refusal.

    >>> from ef21lab.compressors.wire import Floats, Indices
    >>> @dataclass(frozen=True)
    ... class Largest(Declared):
    ...     name = "largest"
    ...
    ...     def message(self, d):
    ...         return {"place": Indices(1, among=d), "value": Floats(1)}
    ...
    ...     def sends(self, x, noise):
    ...         place = np.argmax(np.abs(x))
    ...         return {"place": place, "value": x[place]}
    ...
    ...     def rebuild(self, sent, d):
    ...         values = np.zeros(d)
    ...         values[sent["place"]] = sent["value"]
    ...         return values
    >>> x = np.array([3.0, -1.0, 0.0, -4.0])
    >>> Largest().compress(x).values.tolist(), Largest().encode(x).bits  # a header of 1 bit, 2 for the place among 4, 32 for the value
    ([0.0, 0.0, 0.0, -4.0], 35)
    >>> Largest().decode(Largest().encode(x), d=4).tolist()
    [0.0, 0.0, 0.0, -4.0]
    """

    @abstractmethod
    def message(self, d: int) -> Mapping[str, Part]:
        """The parts of the message of a vector of length d, in the order in which they are written."""

    @abstractmethod
    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array | float]:
        """The numbers of each part for x (d,) in float64, whose largest entry lies in [2^-60, 2^60] or is zero; noise is that of `draw`.

        Both are its own: it may change them.
        """

    @abstractmethod
    def rebuild(self, sent: Parts, d: int) -> Array:
        """C(x) (d,) from the parts as they arrive, each (count,), which are its own too; it must hold for any that the parts allow."""

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        given = x
        xp, x = admitted(self, x, noise)
        d = x.shape[-1]
        vectors = np.asarray(on_host(x)).reshape(-1, d)  # (n, d)
        n, shifts = len(vectors), exponents(np, largest_magnitude(np, vectors))
        noises = [None] * n if noise is None else np.asarray(on_host(noise)).reshape(n, *noise.shape[x.ndim - 1 :])
        sent = [self._sent(*pair) for pair in zip(scale_down(np, vectors, shifts), noises, strict=True)]
        values = self._received(np.array([self._rebuilt(own, d) for own in sent]).reshape(n, d), shifts)
        declared = self._declared(d)
        bits = header_bits(shifts) + np.array([sum(part.bits(own[name]) for name, part in declared.items()) for own in sent], dtype=int)
        floats = np.array([sum(len(own[name]) for name, part in declared.items() if part.scalars) for own in sent], dtype=int)
        received = xp.asarray(values.reshape(x.shape), dtype=floating(xp, given), device=device(x))
        return Compressed(received, stacked(xp, bits, x), stacked(xp, floats, x))

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        _, x = admitted(self, x, noise)
        vector = np.asarray(on_host(x))
        shift = only(exponents(np, largest_magnitude(np, vector[None, :])))
        sent = self._sent(scale_down(np, vector, np.asarray(shift)), None if noise is None else on_host(noise))
        return pack(header(shift), *(field for name, part in self._declared(len(vector)).items() for field in part.code(sent[name])))

    def decode(self, message: Message, d: int) -> Array:
        reader = Reader(message)
        shift, sent = reader.exponent(), self._read(reader, d)
        reader.end()
        return restored(self._rebuilt(sent, d), shift)

    def cost(self, d: int) -> tuple[float, float]:
        """Exact where every part has a count of its own; elsewhere the member must say it. Raises Refusal where it does not."""
        declared = self._declared(d)
        if not all(isinstance(part.count, int) for part in declared.values()):
            raise Refusal(NO_COST.format(who=self.name))
        floats = sum(part.count for part in declared.values() if part.scalars and isinstance(part.count, int))
        return 1.0 + sum(part.bits() for part in declared.values()), float(floats)

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        reader = Reader(message)
        reader.exponent()
        sent, declared = self._read(reader, d), self._declared(d)
        spent = [(part.label, part.bits(sent[name])) for name, part in declared.items()]
        return [(HEADER, message.bits - sum(bits for _, bits in spent)), *spent]

    def _declared(self, d: int) -> Mapping[str, Part]:
        """`message(d)`, if it is one."""
        try:
            parts = self.message(d)
        except Refusal as refusal:  # of a part that cannot be
            raise Refusal(NO_MESSAGE.format(who=self.name, d=d, why=refusal.text)) from None
        return claims.declared(self.name, d, parts)

    def _sent(self, x: Array, noise: Array | None) -> Parts:
        """What is sent of one vector, as it arrives. The member is given a copy: what it does to it is seen by nobody."""
        declared, arrives = self._declared(len(x)), dict[str, Array]()
        given = claims.sent(self.name, declared, self.sends(np.array(x), None if noise is None else np.array(noise)))
        for name, part in declared.items():
            numbers = claims.real_numbers(given[name])
            count = _count(part, arrives, default=0 if numbers is None else numbers.size)
            try:
                if numbers is None or numbers.size != count:
                    raise ValueError
                arrives[name] = part.received(numbers.reshape(-1))
            except ValueError:
                words = {"given": shown(given[name]), "allowed": part.allowed}
                raise Refusal(NOT_ALLOWED.format(who=self.name, part=name, n=count, **words)) from None
        return arrives

    def _read(self, reader: Reader, d: int) -> Parts:
        sent = dict[str, Array]()
        for name, part in self._declared(d).items():
            sent[name] = part.read(reader, _count(part, sent, default=0))
        return sent

    def _rebuilt(self, sent: Parts, d: int) -> Array:
        """C(x), which may be NaN or infinite; the member is given copies, since what was sent is billed too."""
        with np.errstate(over="ignore", invalid="ignore"):
            return claims.rebuilt(self.name, d, self.rebuild({name: np.array(numbers) for name, numbers in sent.items()}, d))

    def _received(self, rebuilt: Array, shifts: Array | None) -> Array:
        """C(x) of vectors (n, d) in their own scale."""
        with np.errstate(over="ignore", invalid="ignore"):
            values = scale_up(np, rebuilt, shifts)
        lies = ~np.all(np.isfinite(values), axis=-1)
        if np.any(lies):
            raise Refusal(NOT_FINITE.format(who=self.name, given=shown(rebuilt[np.argmax(lies)])))
        return values


def _count(part: Part, sent: Parts, default: int) -> int:
    """How many numbers a part holds, given the parts before it."""
    if isinstance(part.count, str):
        return len(sent[part.count])
    return default if part.count is None else part.count


NO_COST = Text(
    "{who}: how many numbers a message holds depends on the vector, so its mean cost must be said: define cost(d)",
    "{who}: сколько чисел в сообщении, зависит от вектора, поэтому его среднюю цену нужно указать: определите cost(d)",
)
NO_MESSAGE = Text("{who}: message({d}) declares no message: {why}", "{who}: message({d}) не объявляет сообщения: {why}")
NOT_ALLOWED = Text(
    "{who}: part {part} must be {n:number|numbers}, {allowed}; sends() gives {given}",
    "{who}: часть {part} — {n:число|числа|чисел}, и быть им {allowed}; sends() возвращает {given}",
)
NOT_FINITE = Text(
    "{who}: rebuild() must give finite numbers for whatever sends() gives, got {given}",
    "{who}: rebuild() возвращает конечные числа при любых числах из sends(), а получено {given}",
)
