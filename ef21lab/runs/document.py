"""A run written down: JSON text becomes a plain mapping, and `family.field=value` changes one setting of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn

from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Json
from ef21lab.choices.text import Refusal, Text, quoted, same
from ef21lab.runs.spec import DEFAULTS, FAMILIES, NUMBERS, RunSpec

LONGEST_INTEGER = 400  # digits; no setting comes near, and Python itself refuses to read thousands


def parse(words: str, source: Text) -> Json:
    """What the JSON text says. A Refusal names `source` and the place where it is not JSON.

    Stricter than json.loads: a key given twice, NaN and Infinity are refused, not resolved in silence.
    """
    try:
        return json.loads(words, object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise Refusal(
            Text(
                "{source}, line {line}, column {column}: not JSON: {why}",
                "{source}, строка {line}, столбец {column}: здесь нарушен синтаксис JSON",
            ).format(source=source, line=error.lineno, column=error.colno, why=error.msg)
        ) from None
    except RecursionError:
        raise Refusal(source + Text(": nested too deeply", ": слишком глубокая вложенность")) from None
    except Refusal as refusal:
        raise Refusal(source + same(": ") + refusal.text) from None


def changed(document: Json, assignments: Sequence[str]) -> Json:
    """`document` after assignments such as "compressor.k=4", "step.rule=fixed", "dataset=digits" or "rounds=100", left to right.

    The value is JSON where it parses as such, else a word. Choosing another member of a family keeps those settings of the
    old one that the new one has too and drops the others. Raises Refusal for a path that leads nowhere.
    """
    if not isinstance(document, Mapping):
        RunSpec.make(document)  # says what is wrong with it
    for assignment in assignments:
        path, value = _split(assignment)
        document = {**document, path[0]: _member(document, path, value) if path[0] in FAMILIES else value}
    return document


def _split(assignment: str) -> tuple[list[str], Json]:
    """The path, one name or a family and its field, and the value."""
    left, equals, right = assignment.partition("=")
    path = left.strip().split(".")
    if not equals or len(path) > 2 or not all(path) or (len(path) == 2 and path[0] not in FAMILIES):
        raise Refusal(
            Text(
                "--set {given}: expected FAMILY.FIELD=VALUE with one of {families}, or FIELD=VALUE with one of {numbers}",
                "--set {given}: нужно СЕМЕЙСТВО.ПОЛЕ=ЗНАЧЕНИЕ, где семейство — {families}, либо ПОЛЕ=ЗНАЧЕНИЕ, где поле — {numbers}",
            ).format(given=assignment[:80], families=", ".join(FAMILIES), numbers=", ".join(NUMBERS))
        )
    return path, _value(right, assignment)


def _value(words: str, assignment: str) -> Json:
    try:
        json.loads(words, parse_int=str)
    except (ValueError, RecursionError):
        return words
    return parse(words, quoted(f"--set {assignment[:80]}"))


def _member(document: Mapping[str, Json], path: list[str], value: Json) -> Json:
    """The new JSON of one family's member."""
    noun, family = path[0], FAMILIES[path[0]]
    field = path[1] if len(path) == 2 else family.tag
    if len(path) == 1 and not isinstance(value, str):
        return value
    old = document.get(noun, DEFAULTS[noun])
    settings = {family.tag: old} if isinstance(old, str) else old
    if not isinstance(settings, Mapping):
        family.make(old)  # says what is wrong with it
    kept = _kept(settings, family, value) if field == family.tag else settings
    return {**kept, field: value}


def _kept(settings: Mapping[str, Json], family: Family, name: Json) -> dict[str, Json]:
    """The settings that the member `name` has too; a name that nobody bears keeps nothing and is refused later."""
    member = family.members.get(name) if isinstance(name, str) else None
    return {field: value for field, value in settings.items() if member is not None and field in member.fields()}


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Refusal(Text('the key "{key}" is given twice', "ключ «{key}» встречается дважды").format(key=twice[:80]))
    return found


def _no_constant(name: str) -> NoReturn:
    raise Refusal(Text("{name} is not a number in JSON", "{name} — не число в JSON").format(name=name))


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER:
        words = Text("an integer of {n:digit|digits} is too long", "целое число из {n:цифры|цифр|цифр} слишком длинное")
        raise Refusal(words.format(n=len(digits)))
    return int(digits)
