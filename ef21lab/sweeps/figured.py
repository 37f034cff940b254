"""Figures of the literature over the record of runs: what is there is not computed again, and what is computed stays there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.figures import base
from ef21lab.figures.base import Figure, Outcome, figures
from ef21lab.figures.overview import KnownCase, Overview
from ef21lab.jobs.limits import seconds_together
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.sweeps.kept import Keeper, keeper
from ef21lab.sweeps.pool import number_of
from ef21lab.sweeps.sweep import Watch, outcomes_of


def figure(given: Figure | Json, store: bool | str | Path = False, workers: int = 1, watch: Watch | None = None) -> Outcome:
    """A published figure computed here, and which of its claims hold: `outcome.claims`, `.holds`, `.panels`, `.tables`, `.compared`.

    `given` is its name, or a mapping with settings: {"name": "talk", "ranks": 2}. More than one of `workers` are processes of their own;
    results do not depend on them. With `store`, as in `run`, what is known is taken from the record of runs, that of the pages, and what
    is new is kept there, so that a figure that was interrupted goes on. `watch` is told how many runs are done. Raises Refusal where there
    is no such figure, or no data for it.

    >>> figure("divergence").holds
    True
    """
    with keeper(store, messages=False) as kept:
        return base.figure(given, lambda specs: _computed(specs, number_of(workers), kept, store is not False, watch))


def overview(
    given: Figure | Json,
    store: bool | str | Path = True,
    compute: bool = False,
    workers: int = 1,
    watch: Watch | None = None,
) -> Overview:
    """A figure on every dataset and at every budget beside each other: `.cases`, `.frame()` for pandas, `.table()` in words.

    Of the cases whose runs are all in the record of runs it has the factors, of the others what is missing; with `compute` these are
    computed first, and kept. Raises Refusal as `figure` does, and for a figure of which there is only one case.
    """
    one = figures.make(given)
    if not one.cases():
        raise Refusal(ONE_CASE.format(name=quoted(one.name)))
    with keeper(store, messages=False) as kept:
        return Overview(tuple(_case(case, kept, store is not False, compute, number_of(workers), watch) for case in one.cases()))


def _case(case: Figure, kept: Keeper, keeps: bool, compute: bool, workers: int, watch: Watch | None) -> KnownCase:
    if (absence := case.absence()) is not None:
        return KnownCase(case, None, absence=absence)
    facts = problem_of(case.problem()).facts
    runs = case.runs(facts)
    if compute:
        return KnownCase(case, case.read(facts, dict(zip(runs, _computed(runs, workers, kept, keeps, watch), strict=True))), runs)
    known = {run: ended.trace for run in runs if (ended := kept.get(run)) is not None and ended.trace is not None}
    missing = tuple(run for run in runs if run not in known)
    return KnownCase(case, None if missing else case.read(facts, known), runs, missing, seconds_together(missing, facts))


def _computed(specs: Sequence[RunSpec], workers: int, kept: Keeper, keeps: bool, watch: Watch | None) -> list[Trace]:
    """The whole traces; those of the record have their messages, as pages show them. Raises Refusal for a run that fails."""
    found = []
    for ended in outcomes_of(specs, workers, keeps, kept, watch):
        if ended.trace is None:
            raise Refusal(FAILED.format(why=ended.error))
        found.append(ended.trace)
    return found


FAILED = Text("a run of the figure failed: {why}", "запуск для рисунка не удался: {why}")
ONE_CASE = Text("{name}: there is only one case of this figure", "{name}: у этого рисунка всего один случай")
