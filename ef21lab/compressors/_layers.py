"""One operator for many tensors: what of its settings each of them can have, and the strength that a share of its floats buys."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

from ef21lab.choices.fields import Dims, Integer, Layout, Ranks
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor, Shape
from ef21lab.compressors.low_rank.fold import native, near_cubic

COUNT, RANKS = "k", "ranks"  # the fields that say how much of a vector is sent


class Layer(NamedTuple):
    """One tensor of the layout: where its numbers stand in the vector, and its operator."""

    place: int  # from 0
    shape: Shape
    start: int
    stop: int
    operator: Compressor

    @property
    def size(self) -> int:
        return self.stop - self.start

    @property
    def label(self) -> Text:
        """'3: 64 × 32 × 3 × 3'."""
        return same("{place}: {sides}").format(place=self.place + 1, sides=" × ".join(map(str, self.shape)) or "1")


def is_vector(shape: Shape) -> bool:
    """A bias, a norm: at most one side above 1."""
    return sum(side > 1 for side in shape) < 2


def largest(layout: Layout) -> tuple[Shape]:
    """The layout of its largest tensor alone, of equal ones the first: what the form of an operator for all of them is about."""
    return (max(layout, key=math.prod),)


def alone(operator: Any, shape: Shape, order: int) -> Compressor:
    """The operator for a problem of one tensor, as it would be by itself; where its dims are "natural", of that order at most."""
    if getattr(operator, "dims", None) == "natural":
        own = native(tuple(side for side in shape if side > 1), _most_sides(operator, order))
        operator = operator if own is None else operator.replace(dims=own)
    fitted: Compressor = operator.fitted((shape,))
    return fitted


def among(operator: Any, shape: Shape, order: int) -> Compressor:
    """The operator for one tensor of several: in its native shape, of that order at most, and with no more ranks or numbers than it has.

    A list of ranks goes by the first sides; where it is too short, its last one serves the rest.
    """
    settings: dict[str, Any] = {}
    if "dims" in operator.fields():
        settings["dims"] = native(shape, _most_sides(operator, order)) or near_cubic(math.prod(shape), operator.fields()["dims"].order or 3)
    if isinstance(field := operator.fields().get(RANKS), Ranks) and isinstance(operator.ranks, tuple):
        most = field.most(settings["dims"])
        asked = (*operator.ranks, *operator.ranks[-1:] * len(most))
        settings[RANKS] = [min(pair) for pair in zip(asked, most, strict=False)]
    if isinstance(field := operator.fields().get(COUNT), Integer) and field.up_to_d:
        settings[COUNT] = min(operator.k, math.prod(shape))
    bound: Compressor = operator.replace(**settings)
    return bound


def has_strength(operator: Compressor) -> bool:
    """Whether a share of floats can be bought: it has a number of coordinates or fixed ranks."""
    fields: Any = operator.fields()
    return (isinstance(fields.get(COUNT), Integer) and fields[COUNT].up_to_d) or (
        isinstance(fields.get(RANKS), Ranks) and not getattr(operator, "tolerance", 0.0)
    )


def bought(operator: Compressor, size: int, share: float) -> Compressor:
    """The strongest setting whose message has at most share · size floats, one rank for all sides; the weakest where none has so few."""
    field, most = _strength(operator, size)
    strengths: Sequence[int] = range(1, most + 1)
    floats = bisect_right(strengths, share * size, key=lambda strength: operator.replace(**{field: strength}).cost(size)[1])
    return operator.replace(**{field: strengths[max(0, floats - 1)]})


def _strength(operator: Any, size: int) -> tuple[str, int]:
    """The field that says how much is sent, and its largest value of use."""
    if COUNT in operator.fields():
        return COUNT, size
    return RANKS, max(operator.fields()[RANKS].most(operator.dims))


def _most_sides(operator: Any, order: int) -> int:
    """No more than the operator takes."""
    field = operator.fields().get("dims")
    own = field.order if isinstance(field, Dims) else None
    return min(order, own or order)
