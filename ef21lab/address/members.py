"""A member of a family and the words of its controls: one for the menu, one for each field, and what a problem makes of both.

The control of a field stands at `menu.member.field`, so that the words for one member never speak of another. A problem whose x has these
tensor shapes (its layout) fits what is asked for: folds that hold x, ranks that they have, no more coordinates than there are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

from ef21lab.choices.fields import Dims, Field, Integer, Json, Layout, Nested, Ranks
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.written import written
from ef21lab.compressors.low_rank.fold import folds, resolved

S = TypeVar("S", bound=Spec)


def codes(key: str, member: Spec) -> dict[str, str]:
    """A member and all its settings as an address holds them."""
    found = {key: member.name}
    for name in type(member).fields():
        place, value = f"{key}.{member.name}.{name}", getattr(member, name)
        found |= codes(place, value) if isinstance(value, Spec) else {place: written(value)}
    return found


def differing(key: str, member: Spec, default: Spec, layout: Layout | None = None) -> dict[str, str]:
    """What of a member an address needs to hold where this default is meant by one that is silent."""
    found = {} if member.name == default.name else {key: member.name}
    base = settings_of(type(member), default)
    beside: dict[str, Json] = {}
    for name, field in type(member).fields().items():
        place, value = f"{key}.{member.name}.{name}", getattr(member, name)
        if isinstance(field, Nested):
            found |= differing(place, value, _family(field).make(base[name]), layout and field.sees(layout))
        elif field.accept(value) != usual(field, base[name], layout, beside):
            found[place] = written(value)
        beside[name] = value
    return found


def settings_of(kind: type[Spec], default: Spec) -> dict[str, Json]:
    """What the fields of a member are where nothing is said: those of the default where that is of this kind, else the member's own."""
    return default.settings() if kind.name == default.name else kind.defaults()


def usual(field: Field, default: Json, layout: Layout | None, beside: dict[str, Json]) -> Json:
    """What is meant where the control is left out: the natural fold of x, and as many ranks as it has places, each the default's."""
    if isinstance(field, Dims) and default == "auto":
        return "natural" if layout is None else resolved("natural", layout, field.order)
    dims = beside.get("dims")
    if isinstance(field, Ranks) and layout is not None and isinstance(dims, (list, tuple)):
        return field.accept([one_of(default)] * len(field.most(dims)))
    return field.accept(default)


def fitted(member: S, layout: Layout) -> S:
    """The member as the pages take it to a problem of this layout; there its settings are all numbers."""
    found: dict[str, Json] = {}
    for name, field in type(member).fields().items():
        found[name] = fit(field, getattr(member, name), layout, found)
    return member.replace(**found)


def fit(field: Field, value: Json, layout: Layout, beside: dict[str, Json]) -> Json:
    """One setting of it; `beside` are those before it."""
    if isinstance(field, Nested):
        return fitted(value, field.sees(layout))
    if isinstance(field, Dims):
        return fold_for(field, value, layout)
    dims = beside.get("dims")
    if isinstance(field, Ranks) and isinstance(dims, (list, tuple)):
        return field.accept([min(rank, most) for rank, most in zip(spread(field, value, dims), field.most(dims), strict=True)])
    return within(field, value, length(layout)) if isinstance(field, Integer) else value


def fold_for(field: Dims, value: Json, layout: Layout) -> tuple[int, ...]:
    """The sides of a fold that holds x without waste; one that was made for another length gives way to the natural one."""
    sides = resolved(value if isinstance(value, str) else tuple(value), layout, field.order)
    d = length(layout)
    return sides if d <= math.prod(sides) <= 4 * d else folds(d, layout, field.order)[0].dims


def spread(field: Ranks, value: Json, dims: Sequence[int]) -> list[int]:
    """A rank for each place of the fold; one number serves all, and so does the least of a list that was made for another fold."""
    places = len(field.most(dims))
    return list(value) if isinstance(value, (list, tuple)) and len(value) == places else [one_of(value)] * places


def within(field: Integer, value: int, d: int | None) -> int:
    """No number of coordinates is above that of x."""
    return min(max(value, field.low), highest(field, d))


def highest(field: Integer, d: int | None) -> int:
    return min(field.high, d) if field.up_to_d and d else field.high


def one_of(ranks: Json) -> int:
    return int(ranks if isinstance(ranks, int) else min(ranks))


def length(layout: Layout) -> int:
    """d, of vectors that have these shapes one after another."""
    return sum(map(math.prod, layout))


def _family(field: Nested) -> Family[Any]:
    family: Any = field.family()
    return family
