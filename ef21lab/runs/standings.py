"""Who comes to ε for how much: contenders in the order of what that takes them, and where the lead changes as ε does.

What one needs for ε is the median over its repeats; a repeat that does not come to stay at ε needs infinitely much. Of a metric that rises
as a run gets better, such as accuracy, to be at ε is to be at least that. Of runs that were to end at some ‖∇f‖² nothing is told below it:
by how much the last record of one lies under that bound is chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ef21lab.runs.record import rises
from ef21lab.runs.trace import Trace

Repeats = Sequence[Trace]  # of one contender
JUDGED = "grad_norm_sq"  # what is to reach ε, unless another is named


class Standing(NamedTuple):
    """One contender at one ε."""

    place: int  # among those given
    cost: float  # median over the repeats; inf where not even half of them come to ε
    costs: tuple[float, ...]  # of every repeat, in their order
    final: float  # median of where they end; inf for one that diverges, −inf where the metric rises
    ratio: float  # of the cost to that of the first; inf where either does not come to ε


class Change(NamedTuple):
    """Another takes the lead: `above` leads at ε and a little above it, `below` just under it."""

    epsilon: float
    above: int
    below: int


def standings(contenders: Sequence[Repeats], epsilon: float, metric: str = JUDGED, axis: str = "bits_up") -> list[Standing]:
    """Who comes to ε for the least of `axis` first; those that do not come to it last, by where they end; ties as they were given."""
    found = []
    for place, repeats in enumerate(contenders):
        costs = tuple(_cost(trace, epsilon, metric, axis) for trace in repeats)
        finals = [_end(trace, metric) for trace in repeats]
        found.append(Standing(place, _median(costs), costs, _median(finals), math.inf))
    found.sort(key=lambda one: rank(one, metric))
    least = found[0].cost
    return [one._replace(ratio=_ratio(one.cost, least)) for one in found]


def rank(one: Standing, metric: str = "grad_norm_sq") -> tuple[float, float]:
    """Less is better: who comes to ε by what that takes, the others by where they end."""
    return one.cost, 0.0 if math.isfinite(one.cost) else _sign(metric) * one.final


def changes(
    contenders: Sequence[Sequence[Repeats]], metric: str = JUDGED, axis: str = "bits_up", levels: Sequence[float] | None = None
) -> list[Change]:
    """Every ε under which (of a rising metric, over which) another contender has the lead than at it, the easiest first.

    A contender may have several candidates, each with its repeats: at every ε it is as good as the best of them. Who leads goes on
    leading while it is level with others. With `levels`, the lead is looked at there only: a change lies between the one that it names
    and the next.
    """
    curves = [[[_Curve.of(trace, metric, axis) for trace in repeats] for repeats in candidates] for candidates in contenders]
    sign = _sign(metric)
    heights = [curve.levels for candidates in curves for repeats in candidates for curve in repeats] if levels is None else []
    looked_at = np.unique(np.concatenate([*heights, sign * np.array([] if levels is None else levels)]))[::-1]  # where any cost changes
    looked_at = looked_at[np.isfinite(looked_at)]
    costs = np.array([_least(candidates, looked_at) for candidates in curves])  # (contenders, levels)
    found: list[Change] = []
    leader: int | None = None
    for at in range(len(looked_at)):
        least = costs[:, at].min()
        if math.isinf(least):
            break
        if leader is not None and costs[leader, at] > least:
            found.append(Change(sign * float(looked_at[at - 1]), leader, int(costs[:, at].argmin())))
        if leader is None or costs[leader, at] > least:
            leader = int(costs[:, at].argmin())
    return found


def begun(contenders: Sequence[Sequence[Repeats]], metric: str) -> float:
    """The highest value at which any run of any candidate begins; −inf where none has begun."""
    firsts = [float(value) for candidates in contenders for repeats in candidates for trace in repeats for value in trace[metric][:1]]
    return max((value for value in firsts if math.isfinite(value)), default=-math.inf)


def reached(candidates: Sequence[Repeats], metric: str) -> float:
    """Where the lowest of a contender's candidates ends, by the median of its repeats."""
    return min(_median([_end(trace, metric) for trace in repeats]) for repeats in candidates)


class _Curve(NamedTuple):
    """What one run needs for every ε: its values, of a rising metric their opposites, give way to the greatest that is still to come."""

    levels: np.ndarray  # (records,) descending
    spent: np.ndarray  # (records,)

    @staticmethod
    def of(trace: Trace, metric: str, axis: str) -> _Curve:
        values = np.where(np.isnan(trace[metric]) | trace.diverged, math.inf, _sign(metric) * trace[metric])
        levels = np.maximum.accumulate(values[::-1])[::-1]
        return _Curve(np.maximum(levels, _bound(trace, metric)), np.append(trace[axis], math.inf))

    def cost(self, epsilons: np.ndarray) -> np.ndarray:
        """(epsilons,) what had been spent when it came to each of them to stay; inf where it does not."""
        return self.spent[len(self.levels) - np.searchsorted(self.levels[::-1], epsilons, side="right")]


def _cost(trace: Trace, epsilon: float, metric: str, axis: str) -> float:
    """What a run needs for ε; inf where it does not come to it, or is not known to."""
    return math.inf if trace.diverged or epsilon < _bound(trace, metric) else trace.bits_to(epsilon, metric, axis=axis)


def _bound(trace: Trace, metric: str) -> float:
    """Below which it tells nothing."""
    return (trace.stopped_at or -math.inf) if metric == JUDGED else -math.inf


def _least(candidates: Sequence[Sequence[_Curve]], levels: np.ndarray) -> np.ndarray:
    """(levels,) what the best candidate for each of them needs."""
    least: np.ndarray = np.min([np.median([curve.cost(levels) for curve in repeats], axis=0) for repeats in candidates], axis=0)
    return least


def _end(trace: Trace, metric: str) -> float:
    final = float(trace[metric][-1])
    return _sign(metric) * math.inf if trace.diverged or math.isnan(final) else final


def _sign(metric: str) -> float:
    """What its values are multiplied by, so that less is better."""
    return -1.0 if rises(metric) else 1.0


def _median(values: Sequence[float]) -> float:
    """The middle one, or half-way between the two in the middle."""
    ascending = sorted(values)
    low, high = ascending[(len(ascending) - 1) // 2], ascending[len(ascending) // 2]
    return low if low == high else (low + high) / 2


def _ratio(cost: float, least: float) -> float:
    if math.isinf(cost):
        return math.inf
    return cost / least if least > 0.0 else 1.0 if cost == least else math.inf
