"""What a budget of bits buys from every operator, and the whole frontier of error against bits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from ef21lab.compressors.base import Compressor, compressors
from ef21lab.microscope.look import Certificates, Trial, certificates, trial
from ef21lab.microscope.strength import Scale, scale, spread
from ef21lab.text import Text
from ef21lab.vectors.base import Sample

POINTS = 16  # of a curve


class Point(NamedTuple):
    """An operator at one strength and what it made of the vector."""

    compressor: Compressor
    trial: Trial


class Row(NamedTuple):
    """The strongest setting of one operator within a budget; where there is none, `reason` says why and the point is None."""

    name: str
    point: Point | None
    certificates: Certificates | None
    reason: Text | None


class Curve(NamedTuple):
    """One operator from weak to strong; no point costs as much as the next."""

    name: str
    points: tuple[Point, ...]
    reason: Text | None  # why there are no points


def at_budget(sample: Sample, bits: int, seed: int = 0) -> list[Row]:
    """For every operator of the registry, the rest of its fields at their defaults: the strongest whose message takes at most `bits`."""
    return [_row(name, sample, bits, seed) for name in compressors.members]


def frontier(sample: Sample, seed: int = 0, points: int = POINTS) -> list[Curve]:
    """(bits, error) of every operator of the registry at up to `points` strengths, evenly in ratio."""
    return [_curve(name, sample, seed, points) for name in compressors.members]


def strongest(compressor: Compressor, sample: Sample, bits: int, seed: int = 0) -> Point | Text:
    """The strongest setting of this operator whose message for this vector takes at most `bits`; why there is none otherwise.

    Along a scale the message is taken to grow; a strength that costs no more than a weaker one is that one again.
    """
    strengths = scale(compressor.bound(sample.layout), len(sample.values))
    if (why := strengths[0].refusal(len(sample.values))) is not None:
        return why
    tried = _trials(strengths, sample, seed)

    def cost(place: int) -> int:
        return tried(place).bits

    if cost(0) > bits:
        return OVER.format(least=cost(0), bits=bits)
    place = bisect_right(range(_first_over(cost, len(strengths), bits)), bits, key=cost) - 1
    place = bisect_left(range(place + 1), cost(place), key=cost)
    return Point(strengths[place], tried(place))


def _first_over(cost: Callable[[int], int], count: int, bits: int) -> int:
    """A place over the budget, or `count`: steps that double, so that nothing much dearer than the budget is ever computed."""
    place = 1
    while place < count and cost(place) <= bits:
        place *= 2
    return min(place, count)


def _trials(strengths: Scale, sample: Sample, seed: int) -> Callable[[int], Trial]:
    return cache(lambda place: trial(strengths[place], sample.values, seed))


def _row(name: str, sample: Sample, bits: int, seed: int) -> Row:
    found = strongest(compressors.make(name), sample, bits, seed)
    if isinstance(found, Text):
        return Row(name, None, None, found)
    return Row(name, found, certificates(found.compressor, len(sample.values)), None)


def _curve(name: str, sample: Sample, seed: int, points: int) -> Curve:
    strengths, d = scale(compressors.make(name).bound(sample.layout), len(sample.values)), len(sample.values)
    if (why := strengths[0].refusal(d)) is not None:
        return Curve(name, (), why)
    rungs = [strengths[place] for place in spread(len(strengths), points)]
    found = [Point(rung, trial(rung, sample.values, seed)) for rung in rungs if rung.refusal(d) is None]
    cheapest = {point.trial.bits: point for point in reversed(found)}  # of equal cost the weakest
    return Curve(name, tuple(cheapest[bits] for bits in sorted(cheapest)), None)


OVER = Text(
    "even the weakest message takes {least} bits, the budget is {bits}",
    "даже самое короткое сообщение занимает {least} бит, а бюджет — {bits}",
)
