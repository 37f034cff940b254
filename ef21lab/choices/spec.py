"""Spec: a frozen choice with declared fields, each of which knows its range, its words and how to check a value.

A form, a URL, a JSON document and a Python call all make the same object, so all of them are checked here, once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self

from ef21lab.choices.answers import Answer
from ef21lab.choices.fields import Choice, Dims, Field, FileName, Integer, Json, Layout, Members, Nested, Ranks, Real, plain, shown
from ef21lab.choices.line import Line
from ef21lab.choices.plugged import Plugin
from ef21lab.choices.text import Refusal, Text


def integer(default: int, low: int, high: int, label: Text, about: Text, *, up_to_d: bool = False) -> Any:
    """A declared setting: a whole number in low..high. `up_to_d` says that a form need not offer more than the length of the vector.

    >>> @dataclass(frozen=True)
    ... class Blocks(Spec):
    ...     name = "blocks"
    ...     count: int = integer(4, 1, 9, Text("Blocks", "Блоки"), Text("How many.", "Сколько."))
    >>> print(Blocks(), Blocks(count=2.0))
    blocks(count=4) blocks(count=2)
    >>> Blocks(count=10)
    Traceback (most recent call last):
    ef21lab.choices.text.Refusal: Blocks(count=10): count must be an integer in 1..9
    """
    return _declare(default, Integer(label, about, low, high, up_to_d))


def seed_of(label: Text, about: Text) -> Any:
    """The field of a seed: 0 unless another is chosen."""
    return integer(0, 0, 2**31 - 1, label, about)


def real(default: float, low: float, high: float, label: Text, about: Text, *, above: bool = False, logarithmic: bool = False) -> Any:
    """A declared setting: a finite number in [low, high], without `low` itself where `above` is set; a form may move it in ratio."""
    return _declare(default, Real(label, about, low, high, above, logarithmic))


def choice(default: str, options: Mapping[str, Text], label: Text, about: Text) -> Any:
    """A declared setting: one of a few words, each with its label."""
    return _declare(default, Choice(label, about, options))


def dims(default: str | tuple[int, ...], label: Text, about: Text, *, order: int | None = None) -> Any:
    """A declared setting: the sides of a fold, "natural" or "auto"; exactly `order` sides where that is given."""
    return _declare(default, Dims(label, about, order))


def ranks(default: int | tuple[int, ...], label: Text, about: Text, *, places: Literal["modes", "bonds", "whole"] = "modes") -> Any:
    """A declared setting: one rank for all places of a decomposition, or a list with one for each."""
    return _declare(default, Ranks(label, about, places))


def file_name(default: str, label: Text, about: Text) -> Any:
    return _declare(default, FileName(label, about))


def nested(
    default: Spec,
    family: Callable[[], Members],
    fits: Callable[[type[Spec]], bool],
    label: Text,
    about: Text,
    *,
    sees: Callable[[Layout], Layout] = tuple,
) -> Any:
    """A declared setting: a member of a family, one that `fits`; of a problem's layout it is about the tensors that it `sees`."""
    return _declare(default, Nested(label, about, family, fits, sees))


def bound(default: Any) -> Any:
    """What a member learns of the problem that it is fitted to: no setting, so in no form, address or JSON."""
    return dataclasses.field(default=default)


@dataclass(frozen=True)
class Spec:
    """A frozen, checked choice: `name` says which member of its family, the declared fields say how it is set."""

    name: ClassVar[str]
    label: ClassVar[Text]
    about: ClassVar[Text]
    order: ClassVar[int] = 100  # place in menus; ties go by name
    offered: ClassVar[bool] = True  # by menus; one that is not stays where a link names it
    folded: ClassVar[tuple[str, ...]] = ()  # fields that a form folds away
    outdated: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({})  # field → those that are left out where it alone is set anew
    line: ClassVar[Line | None] = None  # of its curves; without one a colour is found by its name
    plugin: ClassVar[Plugin | None] = None  # who has brought it along; None of the lab's own
    revision: ClassVar[int] = 1  # raised when this member would give other numbers than it did: only keys of what needs it change
    answers: ClassVar[Mapping[str, Answer]] = MappingProxyType(
        {}
    )  # what methods of a family return, by their names: plugins are held to it
    unnamed: ClassVar[Text | None] = None  # why no JSON makes it again: it is a function or an array of a program
    unwritten: ClassVar[Text] = Text("its base asks for them", "их требует базовый класс")  # to one who has left out a method

    _lacking: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._lacking = tuple(name for name in dir(cls) if getattr(getattr(cls, name), "__isabstractmethod__", False))

    def __post_init__(self) -> None:
        self.check_written()
        for name, field in type(self).fields().items():
            object.__setattr__(self, name, field.check(getattr(self, name), type(self).__name__, name))

    @classmethod
    def check_written(cls) -> None:
        """Raises Refusal where a method is missing that the base leaves to its members."""
        if cls._lacking:
            words = Text("{who} lacks {missing}: {why}", "{who}: не хватает {missing}; {why}")
            raise Refusal(words.format(who=cls.__name__, missing=", ".join(f"{name}()" for name in cls._lacking), why=cls.unwritten))

    @classmethod
    def fields(cls) -> dict[str, Field]:
        """Every declared setting by its name, in the order of the class."""
        return {f.name: f.metadata["field"] for f in dataclasses.fields(cls) if "field" in f.metadata}

    @classmethod
    def defaults(cls) -> dict[str, Json]:
        return {f.name: f.default for f in dataclasses.fields(cls) if "field" in f.metadata}

    @classmethod
    def make(cls, settings: Mapping[str, Json]) -> Self:
        """The member with these settings and defaults for the rest.

        Raises Refusal on an unknown field, whose words name the known ones, and on a value that its field does not allow.
        """
        known = cls.fields()
        for field in settings:
            if field not in known:
                raise Refusal(
                    Text("{name} has no field {field}; its fields: {known}", "у {name} нет поля {field}; есть поля: {known}").format(
                        name=cls.name, field=shown(field), known=", ".join(known) or "—"
                    )
                )
        return cls(**settings)

    def replace(self, **settings: Json) -> Self:
        """The same with other values in these fields. Raises Refusal on one that its field does not allow."""
        return dataclasses.replace(self, **settings)

    def settings(self) -> dict[str, Json]:
        """The fields as JSON values, defaults included."""
        return {name: field.plain(getattr(self, name)) for name, field in type(self).fields().items()}

    def kept_here(self) -> Text | None:
        """What of it only this machine has, so that no link takes it elsewhere; None of most."""
        return None

    def plugins(self) -> Iterator[Plugin]:
        """Those that have brought it along, or a member inside it."""
        if self.plugin is not None:
            yield self.plugin
        for name in type(self).fields():
            if isinstance(inside := getattr(self, name), Spec):
                yield from inside.plugins()

    def revisions(self) -> Iterator[tuple[str, int]]:
        """Its name and revision, and those of members inside it, where these are not the first."""
        if self.revision > 1:
            yield self.name, self.revision
        for name in type(self).fields():
            if isinstance(inside := getattr(self, name), Spec):
                yield from inside.revisions()

    def __str__(self) -> str:
        own = {name: getattr(self, name) for name in type(self).fields()}
        inside = ", ".join(f"{name}={plain(value)}" for name, value in own.items())
        return f"{self.name}({inside})"


def _declare(default: Json, field: Field) -> Any:
    return dataclasses.field(default=default, metadata={"field": field})
