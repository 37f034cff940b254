"""How weak and how strong an operator can be: found from its declared fields, whatever the operator is."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ef21lab.choices.fields import Integer, Json, Ranks, Real
from ef21lab.compressors.base import Compressor, Shape, compressors

RUNGS = 40  # of a ladder
MOST_LEVELS = 65_536  # of an integer that is not a count of coordinates
_HEADER = 13  # bits
_OF_REALS = 4  # the rank of a real number among knobs
_PROBE = 3  # a field that changes the cost has changed it at its fourth value


class Scale(Sequence[Compressor]):
    """The strengths of an operator, weakest first, made as they are asked for: one of its fields runs through `values`."""

    def __init__(self, compressor: Compressor, field: str | None = None, values: Sequence[Json] = (None,)) -> None:
        self.compressor, self.field, self.values = compressor, field, values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, place: Any) -> Any:  # an operator for an int, a Scale for a slice
        if isinstance(place, slice):
            return Scale(self.compressor, self.field, self.values[place])
        return self.compressor if self.field is None else self.compressor.replace(**{self.field: self.values[place]})


class _Knob(NamedTuple):
    """A field that may change the strength; the least `rank` is tried first."""

    rank: int
    field: str
    values: Sequence[Json]


@lru_cache(maxsize=512)
def scale(compressor: Compressor, d: int) -> Scale:
    """Every strength of an operator at length d, along the first of its fields that changes what a message costs.

    Fields are tried in this order: a count of coordinates, ranks (one for all modes), a part that is an operator itself, another
    integer, a real number. An operator without such a field is its own only strength. A message longer than the vector itself in
    float32 is no strength, unless it is the shortest that there is.
    """
    for knob in sorted(_knobs(compressor, d), key=lambda knob: knob.rank):
        if (strengths := _by_cost(compressor, knob, d)) is not None:
            return strengths
    return Scale(compressor)


@lru_cache(maxsize=512)
def ladder(given: str | Compressor, d: int, layout: tuple[Shape, ...] | None = None) -> tuple[Compressor, ...]:
    """At most RUNGS strengths of an operator, weakest to strongest, evenly in ratio; each costs more than the one before.

    The cost is cost(d), that of a Gaussian vector where it depends on the data. Empty where the operator cannot take such vectors.
    """
    strengths = scale(compressors.make(given).fitted(layout or ((d,),)), d)
    dearest, kept = -1.0, []
    for place in spread(len(strengths), RUNGS):
        bits = cost(strengths[place], d)
        if dearest < bits < math.inf:
            dearest = bits
            kept.append(strengths[place])
    return tuple(kept)


def spread(count: int, most: int) -> list[int]:
    """All places of 0..count−1, or where they are more than `most`, so many of them from the first to the last, evenly in ratio."""
    if count <= most:
        return list(range(count))
    return sorted({round(float(place)) - 1 for place in np.geomspace(1, count, most)})


def _knobs(compressor: Compressor, d: int) -> Iterator[_Knob]:
    dims = getattr(compressor, "dims", (d,))
    for name, field in type(compressor).fields().items():
        value = getattr(compressor, name)
        if isinstance(value, Compressor):
            yield _Knob(2, name, scale(value, d))
        elif isinstance(field, Integer):
            yield _Knob(0 if field.up_to_d else 3, name, range(field.low, min(field.high, d if field.up_to_d else MOST_LEVELS) + 1))
        elif isinstance(field, Ranks):
            yield _Knob(1, name, range(1, max(field.most(dims)) + 1))
        elif isinstance(field, Real):
            yield _Knob(_OF_REALS, name, _reals(field))


def _by_cost(compressor: Compressor, knob: _Knob, d: int) -> Scale | None:
    """The scale of this knob with the cheap end first; None where it does not change the cost."""
    strengths = Scale(compressor, knob.field, knob.values)
    low, high = (cost(strengths[place], d) for place in (0, min(_PROBE, len(strengths) - 1)))
    if low == high and knob.rank == _OF_REALS:  # a share of a network's floats must first reach the second rank of some layer
        high = cost(strengths[-1], d)
    if low == high or math.inf in (low, high):
        return None
    ordered = strengths if low < high else Scale(compressor, knob.field, knob.values[::-1])
    useful = bisect_right(range(len(ordered)), uncompressed(d), key=lambda place: cost(ordered[place], d))
    return Scale(compressor, knob.field, ordered.values[: max(useful, 1)])


def uncompressed(d: int) -> float:
    """Bits of the vector itself in float32."""
    return float(32 * d + _HEADER)


@lru_cache(maxsize=8192)
def cost(compressor: Compressor, d: int) -> float:
    """Bits of one message of this length (of a Gaussian vector, where they depend on the data); infinite where it is refused."""
    return compressor.cost(d)[0] if compressor.misfit(d) is None else math.inf


def _reals(field: Real) -> tuple[float, ...]:
    """Evenly in ratio from the lowest value, or from a thousandth of the highest where that is not positive."""
    low = field.low if field.low > 0 else field.high / 1000
    return tuple(map(float, np.geomspace(low, field.high, RUNGS)))
