"""Portions of a sweep in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ef21lab.choices.text import Refusal
from ef21lab.runs.spec import RunSpec
from ef21lab.sweeps.pool import Question, Unanswered, is_of_here, pool
from ef21lab.sweeps.work import Ended, outcomes, portions


class Done(NamedTuple):
    """What became of the run at a place."""

    place: int
    outcome: Ended


def computed(specs: Sequence[RunSpec], workers: int, snapshots: bool) -> Iterator[Done]:
    """Every run, as they are ready: here where there is one worker, else in as many processes as there is work for."""
    asked = portions(specs, workers)
    away = [portion for portion in asked if not any(is_of_here(specs[place]) for place in portion)] if workers > 1 else []
    here = [portion for portion in asked if portion not in away]
    if len(away) > 1:
        yield from _among(specs, away, min(workers, len(away)), snapshots)
    else:
        here = asked
    for portion in here:
        yield from map(Done, portion, outcomes([specs[place] for place in portion], snapshots))


def _among(specs: Sequence[RunSpec], asked: Sequence[Sequence[int]], workers: int, snapshots: bool) -> Iterator[Done]:
    with pool(workers) as processes:
        assert processes is not None  # there are several
        for at, portion in enumerate(asked):
            processes.ask(at, Question(answered, ([specs[place].json() for place in portion], snapshots)))
        for _ in asked:
            at, answer = processes.next()
            yield from map(Done, asked[at], _ended([specs[place] for place in asked[at]], answer, snapshots))


def _ended(asked: Sequence[RunSpec], answer: Any, snapshots: bool) -> Sequence[Ended]:
    """Of a portion: one that no process knows is computed here, one whose process has ended has no trace."""
    if isinstance(answer, Unanswered):
        return [Ended(None, answer.why, spec) for spec in asked]
    if answer is None:
        return outcomes(asked, snapshots)
    return [Ended(trace, error, RunSpec.make(ran)) for trace, error, ran in answer]


def answered(documents: Sequence[Mapping[str, Any]], snapshots: bool) -> list[tuple[Any, str | None, Any]] | None:
    """What a worker says to a portion: of every run its trace, why there is none, and the run itself as JSON.

    None where it does not know a member that is meant: whoever asks may have added it by himself.
    """
    try:
        specs = [RunSpec.make(one) for one in documents]
    except Refusal:
        return None
    return [(trace, error, ran.json()) for trace, error, ran in outcomes(specs, snapshots)]
