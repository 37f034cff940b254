"""Candidates brought to what a rung wants of them: those that share lanes together, a slice at a time."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from threadpoolctl import threadpool_limits

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.lanes import Advanced, advance, groups
from ef21lab.runs.spec import RunSpec
from ef21lab.searches.progress import InMemory, Reached
from ef21lab.searches.yardstick import Yardstick
from ef21lab.sweeps.pool import Pool, Question, Unanswered, is_of_here

MOST_LANES = 16  # more gain little
SLICE = 1.0  # seconds of computing: what an interruption loses


class Slice(NamedTuple):
    """What a slice of computing has come to."""

    rounds: int  # it has computed
    done: int  # how many have been brought so far


def bring(
    progress: InMemory, wanted: Sequence[tuple[RunSpec, float]], yardstick: Yardstick, processes: Pool | None = None
) -> Iterator[Slice]:
    """All records up to its budget, and one more, of every run; told after each slice.

    One thread each, so that numbers do not depend on who computes: here, or in `processes`.
    """
    progress.open([spec for spec, _ in wanted])
    asked = [
        [wanted[place] for place in group[at : at + MOST_LANES]]
        for group in groups([spec for spec, _ in wanted])
        for at in range(0, len(group), MOST_LANES)
    ]
    away = [lanes for lanes in asked if not any(is_of_here(spec) for spec, _ in lanes)] if processes is not None else []
    done = 0
    if processes is not None and len(away) > 1:
        for found in _among(progress, away, yardstick, processes):
            done = found.done
            yield found
    else:
        away = []
    for lanes in asked:
        if lanes not in away:
            while portion := _next(progress, lanes, yardstick):
                yield Slice(_take(progress, portion, _advanced_here(progress, portion)), done)
            done += len(lanes)


class _Portion(NamedTuple):
    """Lanes that stand at the same round, and how many records more of them."""

    specs: list[RunSpec]
    records: int


def _next(progress: InMemory, lanes: Sequence[tuple[RunSpec, float]], yardstick: Yardstick) -> _Portion | None:
    """What of these lanes is to be computed next; None where nothing is."""
    going = _lacking_most(progress, lanes, yardstick)
    if not going:
        return None
    records = min(_lacking(spec, progress.look(spec), budget, yardstick) for spec, budget in going)
    return _Portion([spec for spec, _ in going], records)


def _among(progress: InMemory, asked: Sequence[Sequence[tuple[RunSpec, float]]], yardstick: Yardstick, processes: Pool) -> Iterator[Slice]:
    """As many lanes at a time as there are processes, a slice of each after the other; what no process knows is computed here."""
    waiting, going, done = deque(range(len(asked))), dict[int, _Portion](), 0
    while waiting or going:
        while waiting and len(going) < processes.workers:
            at = waiting.popleft()
            if (portion := _next(progress, asked[at], yardstick)) is None:
                done += len(asked[at])
                continue
            going[at] = portion
            checkpoints = [progress.look(spec).checkpoint for spec in portion.specs]
            documents = [spec.json() for spec in portion.specs]
            processes.ask(at, Question(advanced, (documents, checkpoints, portion.records, progress.snapshots)))
        if not going:
            break
        at, answer = processes.next()
        portion = going.pop(at)
        if isinstance(answer, Unanswered):
            raise RuntimeError(answer.why)
        waiting.appendleft(at)
        found = _advanced_here(progress, portion) if answer is None else [Advanced(*lane) for lane in answer]
        yield Slice(_take(progress, portion, found), done)


def advanced(
    documents: Sequence[Mapping[str, Json]], checkpoints: Sequence[Checkpoint | None], records: int, snapshots: bool
) -> list[tuple[Any, ...]] | None:
    """A slice of lanes in a process: so many records more of each, or as many as there is time for. None where it knows no such member."""
    try:
        specs = [RunSpec.make(one) for one in documents]
    except Refusal:
        return None
    return [tuple(lane) for lane in _advance(specs, checkpoints, records, snapshots)]


def _advanced_here(progress: InMemory, portion: _Portion) -> list[Advanced]:
    checkpoints = [progress.look(spec).checkpoint for spec in portion.specs]
    return _advance(portion.specs, checkpoints, portion.records, progress.snapshots)


def _advance(specs: Sequence[RunSpec], checkpoints: Sequence[Checkpoint | None], records: int, snapshots: bool) -> list[Advanced]:
    ends = time.perf_counter() + SLICE
    with threadpool_limits(1):
        return advance(specs, checkpoints, lambda so_far: so_far >= records or time.perf_counter() >= ends, snapshots=snapshots)


def _take(progress: InMemory, portion: _Portion, found: Sequence[Advanced]) -> int:
    """Keep the next records of each; how many rounds that were."""
    before = [progress.look(spec).round for spec in portion.specs]
    for spec, lane in zip(portion.specs, found, strict=True):
        progress.take(spec, lane)
    return sum(lane.checkpoint.round - one for one, lane in zip(before, found, strict=True))


def _lacking_most(progress: InMemory, lanes: Sequence[tuple[RunSpec, float]], yardstick: Yardstick) -> list[tuple[RunSpec, float]]:
    """Of those that lack records the ones that have the fewest: they stand at the same round."""
    reached = [(spec, budget, progress.look(spec)) for spec, budget in lanes]
    lacking = [one for one in reached if not yardstick.known(one[0], one[2].trace, one[2].whole).tells(one[1])]
    least = min((known.round for _, _, known in lacking), default=-1)
    return [(spec, budget) for spec, budget, known in lacking if known.round == least]


def _lacking(spec: RunSpec, reached: Reached, budget: float, yardstick: Yardstick) -> int:
    """How many records more will tell of this budget, at the pace so far; at least one."""
    spent = yardstick.spent(spec, reached.trace)
    measured = (spent[-1] - spent[0]) / (len(spent) - 1) if len(spent) > 1 else 0.0
    each = measured or yardstick.a_round(spec) * spec.record_every
    lacking = budget - (spent[-1] if len(spent) else 0.0)
    return max(1, math.floor(min(lacking / each, spec.rounds)) + 1) if each > 0.0 else 1
