"""The parts that a message may be declared of: what each takes in bits, how it is written, and how it is read again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ef21lab.choices.fields import shown, whole
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.compressors.base import Array
from ef21lab.compressors.wire import support
from ef21lab.compressors.wire.bits import Bits, Reader, each, floats
from ef21lab.compressors.wire.refusals import LARGEST_SENT, malformed, malformed_index
from ef21lab.compressors.wire.subsets import subset, subset_bits, subset_code

MOST = 2**53  # whole numbers up to here are exact in float64, which is what a member's numbers are taken as
MOST_SAID = 2**31 - 1  # …, and up to here a set can be coded that says its own size (see `support`)


@dataclass(frozen=True)
class Part(ABC):
    """`count` numbers of one kind: a number, the name of an earlier part that has as many, or None where the code itself says how many.

    Raises Refusal where the count is none of these.
    """

    count: int | str | None
    label: ClassVar[Text]  # what stands beside its bits
    scalars: ClassVar[bool] = True  # each of its numbers counts among the `floats` of a message
    says_count: ClassVar[bool] = False  # its code tells the receiver how many numbers it holds: only then may `count` be None

    def __post_init__(self) -> None:
        if not isinstance(self.count, str) and not (self.count is None and self.says_count):
            self._take("count", self.most_numbers, NO_COUNT if not self.says_count else NO_COUNT_OF_INDICES)

    @property
    def most_numbers(self) -> int:
        """The largest `count`."""
        return MOST

    def _take(self, name: str, most: int, allowed: Text, least: int = 0) -> None:
        """A field as a whole number in least..most, or a Refusal."""
        given = getattr(self, name)
        try:
            object.__setattr__(self, name, whole(given, least, most))
        except (ValueError, TypeError, OverflowError):
            its_range = allowed.format(least=least, most=same("2^53") if most == MOST else most)
            raise Refusal(AMISS.format(part=type(self).__name__, name=name, given=shown(given), allowed=its_range)) from None

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
    """Whole numbers in −most..most, each in ⌈log₂(2 · most + 1)⌉ bits; most is at most 2^53."""

    most: int
    label = Text("levels", "уровни")

    def __post_init__(self) -> None:
        super().__post_init__()
        self._take("most", MOST, WHOLE)

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
    says_count = True

    def __post_init__(self) -> None:
        self._take("among", MOST if self.count is not None else MOST_SAID, WHOLE, least=1)
        super().__post_init__()

    @property
    def most_numbers(self) -> int:
        return self.among

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


AMISS = Text("{part}({name}={given}): {name} must be {allowed}", "{part}({name}={given}): {name} — это {allowed}")
WHOLE = Text("an integer in {least}..{most}", "целое число от {least} до {most}")
NO_COUNT = WHOLE + Text(
    " or the name of an earlier part (its code does not say how many numbers there are)",
    " или имя одной из предыдущих частей (сама запись не говорит, сколько в ней чисел)",
)
NO_COUNT_OF_INDICES = WHOLE + Text(
    ", the name of an earlier part, or None where the code is to say it",
    ", имя одной из предыдущих частей или None — тогда это скажет сама запись",
)
