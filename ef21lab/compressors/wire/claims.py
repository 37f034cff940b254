"""What a member of `Declared` says of its message, checked: what it must not return is refused in words that name the member."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Array
from ef21lab.compressors.wire.parts import Part

Returned = Any  # by a method of a member that anybody may have written


def declared(who: str, d: int, returned: Returned) -> Mapping[str, Part]:
    """The parts that message(d) returns. Raises Refusal where they are none, or where one has as many numbers as no part before it."""
    if not isinstance(returned, Mapping):
        raise Refusal(NO_PARTS.format(who=who, d=d, given=shown(returned)))
    before: list[str] = []
    for name, part in returned.items():
        if not isinstance(name, str) or not isinstance(part, Part):
            raise Refusal(NO_PART.format(who=who, d=d, name=shown(name), given=shown(part)))
        if isinstance(part.count, str) and part.count not in before:
            raise Refusal(NOT_BEFORE.format(who=who, d=d, name=name, count=shown(part.count)))
        before.append(name)
    return returned


def sent(who: str, parts: Mapping[str, Part], returned: Returned) -> Mapping[str, Returned]:
    """What sends() returns, under the names that message() declares. Raises Refusal where it is anything else."""
    if not isinstance(returned, Mapping):
        raise Refusal(NOTHING_SENT.format(who=who, given=shown(returned)))
    if set(returned) != set(parts):
        given = ", ".join(map(str, returned))
        raise Refusal(OTHER_PARTS.format(who=who, given=given or "—", parts=", ".join(parts) or "—"))
    return returned


def real_numbers(returned: Returned) -> Array | None:
    """As an array of float64; None for what does not consist of real numbers."""
    try:
        found = np.asarray(returned)
    except (ValueError, TypeError, RuntimeError):  # ragged lists; an array that is not in this machine's memory
        return None
    return found.astype(np.float64) if found.dtype.kind in "biuf" else None


def rebuilt(who: str, d: int, returned: Returned) -> Array:
    """C(x) (d,) as rebuild() returns it. Raises Refusal where it is no vector of that length; NaN is for the caller to see."""
    values = real_numbers(returned)
    if values is None:
        raise Refusal(NO_VECTOR.format(who=who, given=shown(returned), d=d))
    if values.shape != (d,):
        raise Refusal(OTHER_SHAPE.format(who=who, given=values.shape, d=d))
    return values


NO_PARTS = Text(
    "{who}: message({d}) must return the parts of a message by their names, got {given}",
    "{who}: message({d}) возвращает части сообщения по их именам, а получено {given}",
)
NO_PART = Text(
    "{who}: message({d}) names its parts by words, and each is Floats, Indices, Levels or Signs; got {name}: {given}",
    "{who}: в message({d}) имена частей — слова, а сами части — Floats, Indices, Levels или Signs; получено {name}: {given}",
)
NOT_BEFORE = Text(
    "{who}: message({d}) gives part “{name}” the count of {count}, and no part before it is called so",
    "{who}: по message({d}) чисел в части «{name}» — сколько в {count}, но перед ней нет части с таким именем",
)
NOTHING_SENT = Text(
    "{who}: sends() must return the numbers of every part by its name, got {given}",
    "{who}: sends() возвращает числа каждой части по её имени, а получено {given}",
)
OTHER_PARTS = Text(
    "{who}: sends() gives the parts {given}, and message() declares {parts}",
    "{who}: sends() возвращает части {given}, а в message() объявлены {parts}",
)
NO_VECTOR = Text(
    "{who}: rebuild() must give an array of {d:real number|real numbers}, got {given}",
    "{who}: rebuild() возвращает массив из {d:вещественного числа|вещественных чисел|вещественных чисел}, а получено {given}",
)
OTHER_SHAPE = Text(
    "{who}: rebuild() must give the shape ({d},), got {given}", "{who}: rebuild() возвращает форму ({d},), а получена {given}"
)
