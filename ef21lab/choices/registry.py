"""A family of specs that is discovered from the files of its package: one more member is one more file."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Generic, TypeVar

from ef21lab.choices.fields import Json, shown
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text, same

S = TypeVar("S", bound=Spec)


class Family(Generic[S]):
    """The members of one kind, by name. `tag` is the JSON key that carries the name.

    Two members of one name, a file that hides another of its name, or a setting called like the tag are a Refusal that names both; so is
    a member without a method that its base asks for.
    """

    def __init__(self, base: type[S], noun: Text, package: str, tag: str = "name") -> None:
        self.base, self.noun, self.tag = base, noun, tag
        self._package = package

    @cached_property
    def members(self) -> dict[str, type[S]]:
        """Every concrete class by its name, in menu order. Raises Refusal where two are of one name, or one is not whole."""
        found: dict[str, type[S]] = {}
        for member in sorted({*self._discovered()}, key=lambda member: (member.order, member.name, _whereabouts(member))):
            if found.setdefault(member.name, member) is not member:
                name = Text("the name {name}", "имя {name}").format(name=member.name)
                raise self._ambiguous(name, _whereabouts(found[member.name]), _whereabouts(member))
            member.check_written()
            if self.tag in member.fields():
                key = Text("the key {name}", "ключ {name}").format(name=self.tag)
                raise self._ambiguous(key, self.base.__name__, f"{_whereabouts(member)}.{self.tag}")
        return found

    def make(self, given: Json) -> S:
        """A member from a spec object, its name, or a mapping with its name and settings. Raises Refusal, which says what is wrong."""
        if isinstance(given, self.base):
            return given
        if isinstance(given, str):
            given = {self.tag: given}
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
        raise Refusal(
            Text("{noun} {name} is unknown; one of {known}{hint}", "{noun} {name}: такого нет; возможны {known}{hint}").format(
                noun=self.noun, name=shown(name), known=", ".join(self.members), hint=hint
            )
        )

    def _discovered(self) -> Iterable[type[S]]:
        for name in self._files():
            module = importlib.import_module(f"{self._package}.{name}")
            for _, member in inspect.getmembers(module, inspect.isclass):
                if issubclass(member, self.base) and member.__module__ == module.__name__ and "name" in vars(member):
                    yield member

    def _files(self) -> Iterable[str]:
        """The modules of the package that may hold members, in all directories that it is spread over."""
        seen: dict[str, str] = {}
        for directory in importlib.import_module(self._package).__path__:
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


def _whereabouts(member: type[Spec]) -> str:
    return f"{member.__module__}.{member.__qualname__}"
