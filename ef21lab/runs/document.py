"""A run written down: `family.field=value` changes one setting of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ef21lab.choices.fields import Choice, Field, FileName, Json, Nested
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.strict import is_json, parse
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.choices.written import read
from ef21lab.problems.base import Objective, objectives
from ef21lab.runs.spec import FAMILIES, LATER, NUMBERS, RunSpec, usual


def changed(document: Json, assignments: Sequence[str]) -> Json:
    """`document` after assignments such as "compressor.k=4", "step.rule=fixed", "dataset=digits" or "rounds=100", left to right.

    A value is written as in an address (4x4x7) or as JSON ([4, 4, 7]). Choosing another member of a family keeps those settings of the
    old one that the new one has too and drops the others. What stands inside a member is reached by one more name:
    "compressor.first.k=3". Raises Refusal for a path that leads nowhere.

    >>> changed({"compressor": "st_hosvd"}, ["compressor.dims=4x4x7", "rounds=100"])
    {'compressor': {'name': 'st_hosvd', 'dims': [4, 4, 7]}, 'rounds': 100}
    """
    if not isinstance(document, Mapping):
        RunSpec.make(document)  # says what is wrong with it
    for given in assignments:
        head, path, words = _split(given)
        if head in FAMILIES:
            value = _member(FAMILIES[head], document.get(head, usual(head, _objective(document))), path, words, given)
        else:
            value = _value(words, {**NUMBERS, **LATER}.get(head), given)
        document = {**document, head: value}
    return document


def _objective(document: Mapping[str, Json]) -> type[Objective] | None:
    """The objective that the document names; None where that is the usual one, or none."""
    named = document.get("objective")
    return objectives.members.get(named.get("name") if isinstance(named, Mapping) else str(named))  # type: ignore[arg-type]


def _split(given: str) -> tuple[str, list[str], str]:
    """A field of the run, the names that lead on inside it, and the value."""
    left, equals, words = given.partition("=")
    head, *path = left.strip().split(".")
    if not equals or not all((head, *path)) or (path and head not in FAMILIES):
        raise _leads_nowhere(given)
    return head, path, words


def _member(family: Family, old: Json, path: Sequence[str], words: str, given: str) -> Json:
    """The new JSON of a family's member."""
    field, *deeper = path or [family.tag]
    value = _value(words, None, given) if field == family.tag else None
    if not path and not isinstance(value, str):
        return value
    settings = {family.tag: old} if isinstance(old, str) else old
    if not isinstance(settings, Mapping):
        family.make(old)  # says what is wrong with it
    if field == family.tag and not deeper:
        return {**_kept(settings, family, value), field: value}
    kind = _kind(family, settings.get(family.tag))
    declared = kind.fields().get(field) if kind else None
    if kind and isinstance(declared, Nested):
        inside = settings.get(field, declared.plain(kind.defaults()[field]))
        family_inside: Any = declared.family()
        return {**settings, field: _member(family_inside, inside, deeper, words, given)}
    if deeper:
        raise _leads_nowhere(given)
    outdated = kind.outdated.get(field, ()) if kind else ()
    return {**{name: old for name, old in settings.items() if name not in outdated}, field: _value(words, declared, given)}


def _value(words: str, field: Field | None, given: str) -> Json:
    """What is given, as JSON or as an address has it; words that nobody has declared are JSON where they can be."""
    spoken = parse(words, quoted(f"--set {given[:80]}")) if is_json(words) else words
    if isinstance(spoken, str):
        return read(spoken, field) if field else spoken
    return words if isinstance(field, (Choice, FileName)) else spoken  # a file may be called 7


def _kept(settings: Mapping[str, Json], family: Family, name: Json) -> dict[str, Json]:
    """The settings that the member `name` has too; a name that nobody bears keeps nothing and is refused later."""
    kind = _kind(family, name)
    return {field: value for field, value in settings.items() if kind is not None and field in kind.fields()}


def _kind(family: Family, name: Json) -> type[Spec] | None:
    return family.members.get(name) if isinstance(name, str) else None


def _leads_nowhere(given: str) -> Refusal:
    return Refusal(
        Text(
            "--set {given}: expected FAMILY.FIELD=VALUE with one of {families}, or FIELD=VALUE with one of {numbers}",
            "--set {given}: нужно СЕМЕЙСТВО.ПОЛЕ=ЗНАЧЕНИЕ, где семейство — {families}, либо ПОЛЕ=ЗНАЧЕНИЕ, где поле — {numbers}",
        ).format(given=given[:80], families=", ".join(FAMILIES), numbers=", ".join((*NUMBERS, *LATER)))
    )
