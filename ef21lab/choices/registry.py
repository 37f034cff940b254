"""A family of specs that is discovered: from the files of its package, one more member is one more file, and from what plugins add."""

from __future__ import annotations

import difflib
import importlib
import inspect
import json
import pkgutil
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import ModuleType
from typing import Any, Generic, TypeVar

from ef21lab.choices import answers, plugged
from ef21lab.choices.fields import Json, shown
from ef21lab.choices.plugged import Extension
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text, joined, same

S = TypeVar("S", bound=Spec)


class Family(Generic[S]):
    """The members of one kind, by name. `tag` is the JSON key that carries the name.

    Two members of one name, a file that hides another of its name, or a setting called like the tag are a Refusal that names both; so is
    a member without a method that its base asks for. That is said of the lab's own files; a plugin of which it holds is left out.
    """

    def __init__(self, base: type[S], noun: Text, package: str, tag: str = "name") -> None:
        self.base, self.noun, self.tag = base, noun, tag
        self.package = package
        self._own: dict[str, type[S]] = {}
        self._asking: int | None = None  # the thread that loads plugins, which may ask for members itself

    @property
    def members(self) -> Mapping[str, type[S]]:
        """Every concrete class by its name, in menu order. Raises Refusal where two are of one name, or one is not whole."""
        return self._own if self._asking == threading.get_ident() else self._members

    @cached_property
    def _members(self) -> dict[str, type[S]]:
        found = self._own = self._in_order(self._discovered())
        self._asking = threading.get_ident()
        try:
            added = self._plugged(found)
        finally:
            self._asking = None
        return dict(sorted({**found, **added}.items(), key=lambda item: (item[1].order, item[0])))

    def _in_order(self, discovered: Iterable[type[S]]) -> dict[str, type[S]]:
        found: dict[str, type[S]] = {}
        for member in sorted({*discovered}, key=lambda member: (member.order, member.name, _whereabouts(member))):
            self._admit(member, found)
            found[member.name] = member
        return found

    def menu(self, *named: str | None) -> list[str]:
        """The names that stand in a menu: of members that are offered, and those that are `named` all the same."""
        return [name for name, member in self.members.items() if member.offered or name in named]

    def _admit(self, member: type[S], found: Mapping[str, type[S]]) -> None:
        """Raises Refusal where the member cannot stand beside those that were found."""
        if member.name in found:
            name = Text("the name {name}", "имя {name}").format(name=member.name)
            raise self._ambiguous(name, _whereabouts(found[member.name]), _whereabouts(member))
        member.check_written()
        if self.tag in member.fields():
            key = Text("the key {name}", "ключ {name}").format(name=self.tag)
            raise self._ambiguous(key, self.base.__name__, f"{_whereabouts(member)}.{self.tag}")

    def _plugged(self, own: Mapping[str, type[S]]) -> dict[str, type[S]]:
        """The members that plugins add; those that break a rule are left out, with words of theirs."""
        added: dict[str, type[S]] = {}

        def take(offer: Extension, loaded: object) -> None:
            offered = [*self._offered(loaded)]
            if not offered:
                raise Refusal(NOTHING_OFFERED.format(base=self.base.__name__))
            for member in offered:
                try:
                    self._check(member)
                    self._admit(member, {**own, **added})
                except Exception as error:  # noqa: PERF203 - of several members one may be wrong
                    plugged.leave_out(offer, error)
                else:
                    member.plugin = offer.plugin
                    answers.guard(member, offer.plugin, member.answers)
                    added[member.name] = member

        plugged.taken_in(self.package, take)
        return added

    def _offered(self, loaded: object) -> Iterable[Any]:
        """A class itself, whatever it is; of a module those that would be members if it were a file of the family."""
        return self._written_in(loaded) if isinstance(loaded, ModuleType) else [loaded]

    def _check(self, member: Any) -> None:
        """Raises Refusal, or whatever the member raises, where it does not keep to what forms, addresses and JSON rely on."""
        if not (inspect.isclass(member) and issubclass(member, self.base)):
            raise Refusal(NO_MEMBER.format(given=shown(member), base=self.base.__name__))
        name = vars(member).get("name")
        if not isinstance(name, str) or not re.fullmatch(NAMED, name):
            raise Refusal(NO_NAME.format(member=_whereabouts(member), name=shown(name)))
        for said, kind in _declared(member):
            if kind == "Text" and not isinstance(getattr(member, said, None), Text):
                raise Refusal(NO_WORDS.format(member=_whereabouts(member), words=said))
            if not hasattr(member, said):
                raise Refusal(NOT_SAID.format(member=_whereabouts(member), what=said))
        if not isinstance(member.order, int):
            raise Refusal(NO_ORDER.format(member=_whereabouts(member), order=shown(member.order)))
        member.check_written()
        plain = member()
        if callable(absence := getattr(plain, "absence", None)) and not isinstance(why := absence(), (Text, type(None))):
            raise Refusal(NO_ABSENCE.format(member=_whereabouts(member), why=shown(why)))  # every menu asks it of every member
        if member.make(json.loads(json.dumps(plain.settings()))) != plain:
            raise Refusal(NO_WAY_BACK.format(member=_whereabouts(member)))

    def make(self, given: Json, **settings: Json) -> S:
        """A member from a spec object, its name, or a mapping with its name and settings; `settings` go before what is given there.

        Raises Refusal, which says what is wrong.
        """
        if isinstance(given, self.base):
            return type(given).make({**given.settings(), **settings}) if settings else given
        if isinstance(given, str):
            given = {self.tag: given}
        if settings and isinstance(given, Mapping):
            given = {**given, **settings}
        if not isinstance(given, Mapping):
            raise Refusal(
                Text(
                    '{noun}: expected an object such as {{"{tag}": "{example}"}}, got {given}',
                    '{noun}: нужен объект вида {{"{tag}": "{example}"}}, а получено {given}',
                ).format(noun=self.noun, tag=self.tag, example=next(iter(self.members)), given=shown(given))
            )
        if self.tag not in given:
            raise Refusal(
                Text('{noun}: "{tag}" is missing; one of {known}', '{noun}: нет поля "{tag}"; возможны {known}').format(
                    noun=self.noun, tag=self.tag, known=", ".join(self.members)
                )
            )
        return self._named(given[self.tag]).make({key: value for key, value in given.items() if key != self.tag})

    def json(self, member: S) -> dict[str, Json]:
        """The inverse of `make`: name first, then every field."""
        return {self.tag: member.name, **member.settings()}

    def _named(self, name: Json) -> type[S]:
        if isinstance(name, str) and name in self.members:
            return self.members[name]
        near = difflib.get_close_matches(name, self.members, n=1) if isinstance(name, str) else []
        hint = Text(" — did you mean {name}?", " — может быть, {name}?").format(name=near[0]) if near else same("")
        hint = joined([hint, *(one.text for one in plugged.broken(self.package))], "; ")
        raise Refusal(
            Text("{noun} {name} is unknown; one of {known}{hint}", "{noun} {name}: такого нет; возможны {known}{hint}").format(
                noun=self.noun, name=shown(name), known=", ".join(self.members), hint=hint
            )
        )

    def _discovered(self) -> Iterable[type[S]]:
        for name in self._files():
            yield from self._written_in(importlib.import_module(f"{self.package}.{name}"))

    def _written_in(self, module: ModuleType) -> Iterator[type[S]]:
        for _, member in inspect.getmembers(module, inspect.isclass):
            if issubclass(member, self.base) and member.__module__ == module.__name__ and "name" in vars(member):
                yield member

    def _files(self) -> Iterable[str]:
        """The modules of the package that may hold members, in all directories that it is spread over."""
        seen: dict[str, str] = {}
        for directory in importlib.import_module(self.package).__path__:
            for _, name, _ in pkgutil.iter_modules([directory]):
                if name == "base" or name.startswith("_"):
                    continue
                if name in seen:
                    raise self._ambiguous(Text("the file {name}", "файл {name}").format(name=name), seen[name], directory)
                seen[name] = directory
        return seen

    def _ambiguous(self, what: Text, one: str, other: str) -> Refusal:
        return Refusal(
            Text(
                "{noun}: {what} is taken twice, by {one} and by {other}; rename one of them",
                "{noun}: {what} встречается дважды, в {one} и в {other}; переименуйте одно из двух",
            ).format(noun=self.noun, what=what, one=one, other=other)
        )


def _declared(member: type[Spec]) -> Iterator[tuple[str, str]]:
    """What the lab's own classes above a member say of their members: the names of class attributes, and of what kind each is."""
    for base in member.__mro__:
        if base.__module__.startswith(plugged.HOME):
            for name, written in inspect.get_annotations(base).items():
                if str(written).startswith("ClassVar["):
                    yield name, str(written)[len("ClassVar[") : -1]


def _whereabouts(member: type[Spec]) -> str:
    return f"{member.__module__}.{member.__qualname__}"


NAMED = r"[a-z][a-z0-9_]*"  # what stands in addresses and in JSON
NOTHING_OFFERED = Text("no class in it is named and a {base}", "в нём нет класса с именем (name), который был бы {base}")
NO_MEMBER = Text("{given} is no {base}", "{given} — не {base}")
NO_NAME = Text(
    "{member}: name must be lower-case letters, digits and underscores, got {name}",
    "{member}: name — это строчные латинские буквы, цифры и подчёркивания, а получено {name}",
)
NO_WORDS = Text("{member}: {words} must be a Text in both languages", "{member}: {words} — это Text на двух языках")
NOT_SAID = Text("{member} must say its {what}", "в {member} нужно указать {what}")
NO_ABSENCE = Text(
    "{member}: absence() must return a Text, or None, got {why}", "{member}: absence() возвращает Text или None, а получено {why}"
)
NO_ORDER = Text("{member}: order must be an integer, got {order}", "{member}: order — это целое число, а получено {order}")
NO_WAY_BACK = Text(
    "{member}: its settings, written as JSON, do not make the same again", "{member}: из настроек в JSON получается не то же самое"
)
