"""What a budget of bits buys from every operator, and the whole frontier of error against bits."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Any, NamedTuple, cast

from ef21lab.choices.answers import Failed, blaming
from ef21lab.choices.fields import Dims
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.compressors.low_rank.fold import Fold
from ef21lab.microscope import work
from ef21lab.microscope.folds import unfoldings
from ef21lab.microscope.search import best_choices, least_bits, searched
from ef21lab.microscope.strength import Scale, cost, scale, spread
from ef21lab.microscope.trials import Certificates, Trial, certificates, trial
from ef21lab.microscope.unfoldings import Unfoldings
from ef21lab.vectors.base import Sample

POINTS = 16  # of a curve
SECONDS = 2.0  # about, of one core, for one curve

Ways = Mapping[int | None, Sequence[Unfoldings]]  # one vector in every fold, by the order that an operator needs (None: any)


class TriedPoint(NamedTuple):
    """An operator at one strength and what it made of the vector."""

    compressor: Compressor
    trial: Trial


class BudgetRow(NamedTuple):
    """The strongest setting of one operator within a budget; where there is none, `reason` says why and the point is None."""

    name: str
    point: TriedPoint | None
    certificates: Certificates | None
    reason: Text | None


class Curve(NamedTuple):
    """One operator from weak to strong; no point costs as much as the next."""

    name: str
    points: tuple[TriedPoint, ...]
    reason: Text | None  # why there are no points, or no more of them


def at_budget(sample: Sample, bits: int, seed: int = 0) -> list[BudgetRow]:
    """For every operator of the registry, the rest of its fields at their defaults: the strongest whose message takes at most `bits`."""
    ways = {order: unfoldings(sample, order) for order in (None, 2)}
    return [_row(name, sample, bits, seed, ways) for name in compressors.members]


def frontier(sample: Sample, seed: int = 0, points: int = POINTS) -> list[Curve]:
    """(bits, error) of every operator of the registry at up to `points` strengths, evenly in ratio: along one fold, with equal ranks.

    From the weakest on, as many as take about SECONDS of computing; a curve that ends sooner than it could says so.
    """
    return [_curve(name, sample, seed, points) for name in compressors.members]


def strongest(compressor: Compressor, sample: Sample, bits: int, seed: int = 0, ways: Ways | None = None) -> TriedPoint | Text:
    """The strongest setting of this operator whose message for this vector takes at most `bits`; why there is none otherwise.

    Where it folds the vector: the least error over its ranks, and over folds where its dims are "auto". Else along its scale, where the
    message is taken to grow; a strength that costs no more than a weaker one is that one again.
    """
    if searched(compressor):
        return _best_fold(compressor, sample, bits, seed, ways or {})
    return _along_scale(compressor, sample, bits, seed)


def _best_fold(compressor: Compressor, sample: Sample, bits: int, seed: int, ways: Ways) -> TriedPoint | Text:
    d, order = len(sample.values), cast(Dims, type(compressor).fields()["dims"]).order
    fitted: Any = compressor.fitted(sample.layout)
    if (why := fitted.replace(ranks=1).refusal(d)) is not None:
        return cast(Text, why)
    if compressor.settings()["dims"] == "auto":
        own = ways.get(order) or unfoldings(sample, order)
    else:
        own = [Unfoldings(sample.values, Fold(fitted.dims, math.prod(fitted.dims) - d))]
    best = next(iter(best_choices(compressor, own, bits, seed)), None)
    if best is None or best.compressor is None or best.trial is None:
        return OVER.format(least=int(least_bits(compressor, [way.fold for way in own], d)), bits=bits)
    return TriedPoint(best.compressor, best.trial)


def _along_scale(compressor: Compressor, sample: Sample, bits: int, seed: int) -> TriedPoint | Text:
    d = len(sample.values)
    strengths = scale(compressor.fitted(sample.layout), d)
    if (why := strengths[0].misfit(d)) is not None:
        return why
    if not work.bearable(strengths[0], d):
        return TOO_MUCH
    tried = _trials(strengths, sample, seed)
    expected = bisect_right(range(len(strengths)), float(bits), key=lambda place: cost(strengths[place], d)) - 1
    place = _last_within(lambda place: work.bearable(strengths[place], d) and tried(place).bits <= bits, max(expected, 0), len(strengths))
    if place < 0:
        return OVER.format(least=tried(0).bits, bits=bits)
    while place and cost(strengths[place - 1], d) == cost(strengths[place], d):
        place -= 1
    return TriedPoint(strengths[place], tried(place))


def _last_within(fits: Callable[[int], bool], guess: int, count: int) -> int:
    """The last place of 0..count−1 that fits, −1 where none does; steps away from the guess double, so a good guess costs two trials."""
    low, high, step = -1, count, 1
    place = guess
    while low < place < high:
        if fits(place):
            low, place = place, place + step
        else:
            high, place = place, place - step
        step *= 2
    return bisect_left(range(low + 1, high), True, key=lambda place: not fits(place)) + low


def _trials(strengths: Scale, sample: Sample, seed: int) -> Callable[[int], Trial]:
    return cache(lambda place: trial(strengths[place], sample.values, seed))


def _row(name: str, sample: Sample, bits: int, seed: int, ways: Ways) -> BudgetRow:
    try:
        with blaming():
            found = strongest(compressors.make(name), sample, bits, seed, ways)
            if not isinstance(found, Text):
                return BudgetRow(name, found, certificates(found.compressor, len(sample.values)), None)
    except Failed as failed:  # code of others: all other rows are as they are
        found = failed.text
    return BudgetRow(name, None, None, found)


def _curve(name: str, sample: Sample, seed: int, points: int) -> Curve:
    try:
        with blaming():
            return _drawn(name, sample, seed, points)
    except Failed as failed:
        return Curve(name, (), failed.text)


def _drawn(name: str, sample: Sample, seed: int, points: int) -> Curve:
    strengths, d = scale(compressors.make(name).fitted(sample.layout), len(sample.values)), len(sample.values)
    if (why := strengths[0].misfit(d)) is not None:
        return Curve(name, (), why)
    rungs = [rung for place in spread(len(strengths), points) if (rung := strengths[place]).refusal(d) is None]
    affordable = max(1, bisect_right(list(accumulate(rung.effort(d) for rung in rungs)), SECONDS))
    found = [TriedPoint(rung, trial(rung, sample.values, seed)) for rung in rungs[:affordable] if work.bearable(rung, d)]
    cheapest = {point.trial.bits: point for point in reversed(found)}  # of equal cost the weakest
    return Curve(name, tuple(cheapest[bits] for bits in sorted(cheapest)), TOO_MUCH if len(found) < len(rungs) else None)


TOO_MUCH = Text("stronger settings would compute for too long here", "более сильные настройки здесь считались бы слишком долго")
OVER = Text(
    "even the weakest message takes {least:bit|bits}, the budget is {bits}",
    "даже самое короткое сообщение занимает {least:бит|бита|бит}, а бюджет — {bits}",
)
