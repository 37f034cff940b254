"""The parts that a message may be declared of: what each takes in bits, how it is written, and how it is read again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.compressors.base import Array
from ef21lab.compressors.wire import support
from ef21lab.compressors.wire.bits import Bits, Reader, each, floats
from ef21lab.compressors.wire.refusals import LARGEST_SENT, malformed, malformed_index
from ef21lab.compressors.wire.subsets import subset, subset_bits, subset_code


@dataclass(frozen=True)
class Part(ABC):
    """`count` numbers of one kind: a number, the name of an earlier part that has as many, or None where the numbers themselves say."""

    count: int | str | None
    label: ClassVar[Text]  # what stands beside its bits
    scalars: ClassVar[bool] = True  # each of its numbers counts among the `floats` of a message

    @property
    @abstractmethod
    def allowed(self) -> Text:
        """What its numbers must be, as the end of a sentence."""

    @abstractmethod
    def received(self, numbers: Array) -> Array:
        """Numbers (count,) as they arrive; raises ValueError where they are not allowed."""

    @abstractmethod
    def bits(self, numbers: Array | None = None) -> int:
        """What these `received` numbers take, or any `count` numbers."""

    @abstractmethod
    def code(self, numbers: Array) -> list[Bits]:
        """The `received` numbers as they are written."""

    @abstractmethod
    def read(self, reader: Reader, count: int) -> Array:
        """The inverse of `code`; raises Refusal on what it could not have written."""


@dataclass(frozen=True)
class Each(Part):
    """Numbers of `width` bits, one after the other."""

    @property
    @abstractmethod
    def width(self) -> int:
        """Bits of one number."""

    def bits(self, numbers: Array | None = None) -> int:
        count = self.count if numbers is None else len(numbers)
        assert isinstance(count, int)
        return self.width * count


@dataclass(frozen=True)
class Floats(Each):
    """Real numbers as float32, of magnitude at most 2^100."""

    label = Text("values", "значения")
    width = 32
    allowed = Text("finite and at most 2^100 in magnitude", "конечными и по модулю не больше 2^100")

    def received(self, numbers: Array) -> Array:
        with np.errstate(over="ignore"):
            sent = numbers.astype(np.float32).astype(np.float64)
        if not np.all(np.abs(sent) <= LARGEST_SENT):
            raise ValueError
        return sent

    def code(self, numbers: Array) -> list[Bits]:
        return [floats(numbers)]

    def read(self, reader: Reader, count: int) -> Array:
        return reader.floats(count)


@dataclass(frozen=True)
class Levels(Each):
    """Whole numbers in −most..most, each in ⌈log₂(2 · most + 1)⌉ bits."""

    most: int
    label = Text("levels", "уровни")

    @property
    def width(self) -> int:
        return (2 * self.most).bit_length()

    @property
    def allowed(self) -> Text:
        return Text("whole numbers from −{most} to {most}", "целыми числами от −{most} до {most}").format(most=self.most)

    def received(self, numbers: Array) -> Array:
        return _whole(numbers, -self.most, self.most)

    def code(self, numbers: Array) -> list[Bits]:
        return [each(numbers + self.most, self.width)]

    def read(self, reader: Reader, count: int) -> Array:
        levels = reader.take_each(count, self.width) - self.most
        if np.any(levels > self.most):
            raise malformed(Text("a level in it is beyond {most}", "один из уровней в нём больше {most}").format(most=self.most))
        return levels


@dataclass(frozen=True)
class Signs(Each):
    """Numbers that are 1 or −1, one bit each."""

    label = Text("signs", "знаки")
    width = 1
    allowed = Text("1 or −1", "равными 1 или −1")

    def received(self, numbers: Array) -> Array:
        if not np.all(np.abs(numbers) == 1):
            raise ValueError
        return _whole(numbers, -1, 1)

    def code(self, numbers: Array) -> list[Bits]:
        return [each(numbers < 0, 1)]

    def read(self, reader: Reader, count: int) -> Array:
        return 1 - 2 * reader.take_each(count, 1)


@dataclass(frozen=True)
class Indices(Part):
    """Different indices out of 0..among − 1, ascending: ⌈log₂ C(among, count)⌉ bits, or where their count is None the shortest of four
    codes, which says it (see `support`).
    """

    among: int
    label = Text("indices", "номера координат")
    scalars = False

    @property
    def allowed(self) -> Text:
        words = Text("ascending whole numbers from 0 to {last}", "возрастающими целыми числами от 0 до {last}")
        return words.format(last=self.among - 1)

    def received(self, numbers: Array) -> Array:
        indices = _whole(numbers, 0, self.among - 1)
        if np.any(np.diff(indices) <= 0):
            raise ValueError
        return indices

    def bits(self, numbers: Array | None = None) -> int:
        if isinstance(self.count, int):
            return subset_bits(self.among, self.count)
        return sum(field.width for field in self.code(numbers))

    def code(self, numbers: Array) -> list[Bits]:
        return support.code(numbers, self.among) if self.count is None else [subset_code(numbers, self.among)]

    def read(self, reader: Reader, count: int) -> Array:
        if self.count is None:
            return support.read(reader, self.among)
        if count > self.among:
            raise malformed_index()
        return subset(reader.take(subset_bits(self.among, count)), self.among, count)


def _whole(numbers: Array, low: int, high: int) -> Array:
    """Whole numbers as int64, each in low..high; ValueError where they are not."""
    if not np.all((numbers == np.round(numbers)) & (numbers >= low) & (numbers <= high)):
        raise ValueError
    return numbers.astype(np.int64)
