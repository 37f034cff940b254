"""Candidates brought to what a rung wants of them: those that share lanes together, a slice at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from ef21lab.runs.lanes import advance, groups
from ef21lab.runs.spec import RunSpec
from ef21lab.searches.progress import InMemory, Reached
from ef21lab.searches.yardstick import Yardstick

MOST_LANES = 16  # more gain little
SLICE = 1.0  # seconds of computing: what an interruption loses


class Slice(NamedTuple):
    """What a slice of computing has come to."""

    rounds: int  # it has computed
    done: int  # how many have been brought so far


def bring(progress: InMemory, wanted: Sequence[tuple[RunSpec, float]], yardstick: Yardstick) -> Iterator[Slice]:
    """All records up to its budget, and one more, of every run; told after each slice.

    One thread, so that numbers do not depend on who computes.
    """
    progress.open([spec for spec, _ in wanted])
    done = 0
    for group in groups([spec for spec, _ in wanted]):
        for at in range(0, len(group), MOST_LANES):
            lanes = [wanted[place] for place in group[at : at + MOST_LANES]]
            while going := _lacking_most(progress, lanes, yardstick):
                records = min(_lacking(spec, progress.look(spec), budget, yardstick) for spec, budget in going)
                yield Slice(_advance(progress, [spec for spec, _ in going], records), done)
            done += len(lanes)


def _lacking_most(progress: InMemory, lanes: Sequence[tuple[RunSpec, float]], yardstick: Yardstick) -> list[tuple[RunSpec, float]]:
    """Of those that lack records the ones that have the fewest: they stand at the same round."""
    reached = [(spec, budget, progress.look(spec)) for spec, budget in lanes]
    lacking = [one for one in reached if not yardstick.known(one[0], one[2].trace, one[2].whole).tells(one[1])]
    least = min((known.round for _, _, known in lacking), default=-1)
    return [(spec, budget) for spec, budget, known in lacking if known.round == least]


def _advance(progress: InMemory, lanes: Sequence[RunSpec], records: int) -> int:
    """So many records more of each, or as many as there is time for; how many rounds that were."""
    before = [progress.look(spec) for spec in lanes]
    ends = time.perf_counter() + SLICE
    with threadpool_limits(1):
        found = advance(
            lanes,
            [one.checkpoint for one in before],
            lambda so_far: so_far >= records or time.perf_counter() >= ends,
            snapshots=progress.snapshots,
        )
    for spec, lane in zip(lanes, found, strict=True):
        progress.take(spec, lane)
    return sum(lane.checkpoint.round - one.round for one, lane in zip(before, found, strict=True))


def _lacking(spec: RunSpec, reached: Reached, budget: float, yardstick: Yardstick) -> int:
    """How many records more will tell of this budget, at the pace so far; at least one."""
    spent = yardstick.spent(spec, reached.trace)
    measured = (spent[-1] - spent[0]) / (len(spent) - 1) if len(spent) > 1 else 0.0
    each = measured or yardstick.a_round(spec) * spec.record_every
    lacking = budget - (spent[-1] if len(spent) else 0.0)
    return max(1, math.floor(min(lacking / each, spec.rounds)) + 1) if each > 0.0 else 1
