"""What one setting may be: its range, its words, and how a value is checked."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real as RealNumber
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from ef21lab.choices.text import Refusal, Text

if TYPE_CHECKING:
    from ef21lab.choices.spec import Spec

Json = Any  # whatever json.loads may return
Layout = Sequence[tuple[int, ...]]  # the shapes of tensors that stand one after another in a vector
LONGEST_SIDE = 1_000_000  # of a tensor, and its largest rank


@dataclass(frozen=True)
class Field(ABC):
    """What one setting may be: its label, one sentence about it, and `check`."""

    longest_words: ClassVar[int] = 200  # characters of a value in an address

    label: Text
    about: Text

    @property
    @abstractmethod
    def allowed(self) -> Text:
        """What a value must be, as the end of a sentence: 'an integer in 1..112'."""

    def plain(self, value: Json) -> Json:
        """An accepted value as JSON."""
        return plain(value)

    @abstractmethod
    def accept(self, value: Json) -> Json:
        """The value in its canonical form; raises ValueError, TypeError or OverflowError where it is not allowed."""

    def check(self, value: Json, owner: str, name: str) -> Json:
        """The canonical value, or a Refusal that says who, what came and what is allowed."""
        try:
            return self.accept(value)
        except (ValueError, TypeError, OverflowError):
            raise Refusal(self.refused(value, owner, name)) from None

    def refused(self, value: Json, owner: str, name: str) -> Text:
        """Who, what came and what is allowed."""
        return Text("{owner}({name}={value}): {name} must be {allowed}", "{owner}({name}={value}): {name} — это {allowed}").format(
            owner=owner, name=name, value=shown(value), allowed=self.allowed
        )


@dataclass(frozen=True)
class Integer(Field):
    """A whole number in low..high."""

    low: int
    high: int
    up_to_d: bool = False  # a form need not offer more than the length of the vector

    @property
    def allowed(self) -> Text:
        words = Text("an integer in {low}..{high}", "целое число от {low} до {high}")
        return words.format(low=self.low, high=self.high)

    def accept(self, value: Json) -> int:
        return whole(value, self.low, self.high)


@dataclass(frozen=True)
class Real(Field):
    """A finite number in [low, high]; `low` itself is left out where `above` is set."""

    low: float
    high: float
    above: bool = False
    logarithmic: bool = False

    @property
    def allowed(self) -> Text:
        words = Text("a number in {left}{low}, {high}]", "число из {left}{low}; {high}]")
        return words.format(left="(" if self.above else "[", low=self.low, high=self.high)

    def accept(self, value: Json) -> float:
        if isinstance(value, (bool, str)):
            raise TypeError
        number = float(value)
        if not math.isfinite(number) or not self.low <= number <= self.high or (self.above and number == self.low):
            raise ValueError
        return number + 0.0  # −0.0 becomes 0.0: equal specs are written alike


@dataclass(frozen=True)
class Choice(Field):
    """One of a few words, each with its label."""

    options: Mapping[str, Text]

    def __hash__(self) -> int:
        return hash(tuple(self.options))

    @property
    def allowed(self) -> Text:
        return Text("one of {options}", "одно из: {options}").format(options=", ".join(self.options))

    def accept(self, value: Json) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise ValueError
        return value


@dataclass(frozen=True)
class Several(Field):
    """Any of a few words, each with its label: a tuple of them in the order of the options."""

    options: Mapping[str, Text]

    def __hash__(self) -> int:
        return hash(tuple(self.options))

    @property
    def allowed(self) -> Text:
        words = Text("any of {options}, with commas between", "любые из: {options}, через запятую")
        return words.format(options=", ".join(self.options))

    def accept(self, value: Json) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not set(value) <= set(self.options):
            raise ValueError
        return tuple(option for option in self.options if option in value)


ON, OFF = "on", "off"


class Switch(Choice):
    """On or off, as a word or as a truth value."""

    def accept(self, value: Json) -> str:
        return super().accept((ON if value else OFF) if isinstance(value, bool) else value)


@dataclass(frozen=True)
class Dims(Field):
    """How a vector is folded into a tensor: a list of 2..8 sides, "natural" (the problem's own shape) or "auto" (near-cubic)."""

    order: int | None = None  # the number of sides, where an operator takes no other

    @property
    def allowed(self) -> Text:
        sides = Text("{n:side|sides}", "{n:стороны|сторон|сторон}").format(n=self.order) if self.order else Text("2..8 sides", "2–8 сторон")
        return Text(
            'a list of {sides}, each an integer in 1..{most}, or "natural" or "auto"',
            'список из {sides} (целые числа от 1 до {most}) либо "natural" или "auto"',
        ).format(sides=sides, most=LONGEST_SIDE)

    def accept(self, value: Json) -> str | tuple[int, ...]:
        if value in ("natural", "auto"):
            return str(value)
        return _whole_list(value, self.order or 2, self.order or 8, LONGEST_SIDE)


@dataclass(frozen=True)
class Ranks(Field):
    """Ranks of a decomposition: one integer for all places, or a list with one for each.

    The places: the modes of the fold, the bonds between neighbouring modes, or the decomposition as a whole.
    """

    places: Literal["modes", "bonds", "whole"] = "modes"

    @property
    def allowed(self) -> Text:
        number = Text("an integer in 1..{most}", "целое число от 1 до {most}").format(most=LONGEST_SIDE)
        return (
            number
            + {
                "modes": Text(", or a list with one for each mode", " или список по одному на каждую моду"),
                "bonds": Text(
                    ", or a list with one for each pair of neighbouring modes", " или список по одному на каждую пару соседних мод"
                ),
                "whole": Text("", ""),
            }[self.places]
        )

    def accept(self, value: Json) -> int | tuple[int, ...]:
        if not isinstance(value, (Sequence, set)) and not hasattr(value, "shape"):
            return whole(value, 1, LONGEST_SIDE)
        if self.places == "whole":
            return _whole_list(value, 1, 1, LONGEST_SIDE)[0]
        return _whole_list(value, 1, 8, LONGEST_SIDE)

    def most(self, dims: Sequence[int]) -> tuple[int, ...]:
        """The largest rank of use at each place of a fold."""
        total, cuts = math.prod(dims), range(1, len(dims))
        if self.places == "modes":
            return tuple(min(side, total // side) for side in dims)
        if self.places == "bonds":
            return tuple(min(math.prod(dims[:cut]), math.prod(dims[cut:])) for cut in cuts)
        return (total // max(dims),)


@dataclass(frozen=True)
class FileName(Field):
    """The name of a file in a directory that the field's owner knows; empty where none has been chosen."""

    longest: ClassVar[int] = 80

    @property
    def allowed(self) -> Text:
        return Text(
            "a file name of at most {n:character|characters}, without a path", "имя файла не длиннее {n:знака|знаков|знаков}, без пути"
        ).format(n=self.longest)

    def accept(self, value: Json) -> str:
        if not isinstance(value, str) or len(value) > self.longest or not value.isprintable():
            raise ValueError
        if value.startswith(".") or set(value) & set("/\\:"):
            raise ValueError
        return value


@dataclass(frozen=True)
class Words(Field):
    """A few words of a person, in one line; empty where there are none."""

    longest: ClassVar[int] = 200

    @property
    def allowed(self) -> Text:
        words = Text("at most {n:character|characters} in one line", "не больше {n:знака|знаков|знаков} в одной строке")
        return words.format(n=self.longest)

    def accept(self, value: Json) -> str:
        if not isinstance(value, str) or len(value) > self.longest or not value.isprintable():
            raise ValueError
        return value


class Members(Protocol):
    """What a nested field needs of a family; registry.Family is one."""

    @property
    def members(self) -> Mapping[str, type[Spec]]: ...
    def make(self, given: Json) -> Any: ...
    def json(self, member: Any) -> dict[str, Json]: ...


@dataclass(frozen=True)
class Nested(Field):
    """A member of a family inside another spec; `fits` says which members may stand here."""

    family: Callable[[], Members]  # a function, since a family is not yet there when its members are written
    fits: Callable[[type[Spec]], bool]
    sees: Callable[[Layout], Layout] = tuple  # of a problem's layout, the one whose tensors it works on

    @property
    def names(self) -> tuple[str, ...]:
        """The members that may stand here, in menu order."""
        return tuple(name for name, member in self.family().members.items() if self.fits(member))

    @property
    def allowed(self) -> Text:
        words = Text("an object with its name, one of {names}", "объект с его именем, одним из: {names}")
        return words.format(names=", ".join(self.names))

    def check(self, value: Json, owner: str, name: str) -> Json:
        """As for any field: the canonical value. Raises Refusal; where the member itself refuses its settings, its words follow."""
        try:
            return self.accept(value)
        except Refusal as refusal:
            why = Text(": ", ": ") + refusal.text
        except (ValueError, TypeError):
            why = Text("", "")
        raise Refusal(self.refused(value, owner, name) + why)

    def accept(self, value: Json) -> Spec:
        member = self.family().make(value)
        if not self.fits(type(member)):
            raise ValueError
        return member

    def plain(self, value: Spec) -> Json:
        return self.family().json(value)


def whole(value: Json, low: int, high: int) -> int:
    """`value` as an int in low..high; a float counts where it is whole, a bool or a string does not.

    Raises TypeError or ValueError on anything else.
    """
    if isinstance(value, (bool, str)):
        raise TypeError
    number = int(value)
    if number != value or not low <= number <= high:
        raise ValueError
    return number


def is_number(value: Any) -> bool:
    """Whether it is a real number, of Python or NumPy; a truth value is none, nor is nan."""
    return isinstance(value, RealNumber) and not isinstance(value, bool) and not math.isnan(value)


def _whole_list(value: Json, shortest: int, longest: int, high: int) -> tuple[int, ...]:
    if isinstance(value, (str, Mapping)):
        raise TypeError
    items = tuple(whole(item, 1, high) for item in value)
    if not shortest <= len(items) <= longest:
        raise ValueError
    return items


def plain(value: Json) -> Json:
    """An accepted value as JSON."""
    return list(value) if isinstance(value, tuple) else value


def shown(value: Json) -> str:
    """Anything as a short piece of an error message, also what has no repr: an integer of 5000 digits, a list 5000 deep."""
    try:
        words = repr(plain(value))
    except (ValueError, RecursionError):
        words = f"<{type(value).__name__}>"
    words = " ".join(words.split()) if "\n" in words else words  # of an array
    return words if len(words) <= 80 else words[:77] + "..."
