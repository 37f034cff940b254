"""What a grid is expected to take, and how much of it is left: by arithmetic first, then by the runs that are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ef21lab.jobs.limits import LANE, estimated_seconds
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.sweep.asked import AskedGrid, GridRun

Measured = Callable[[RunSpec], float | None]  # seconds that a finished run took; None where it is not finished
Group = tuple[int, str, int]  # runs that take about equally long: case, letter, rung


def seconds(asked: AskedGrid, left: Sequence[GridRun], measured: Measured = lambda spec: None) -> float:
    """Seconds of one worker for those that are left.

    Runs of a contender of which some are finished take as long as those did; for all others the arithmetic is corrected by the factor
    that it was wrong by.
    """
    first = {group_of(place): place for place in reversed(asked.places)}
    estimates = {group: LANE * _estimate(asked, place) for group, place in first.items()}
    taken: dict[Group, list[float]] = {}
    for place in asked.places:
        if (took := measured(place.spec)) is not None:
            taken.setdefault(group_of(place), []).append(took)
    known = {group: sum(times) / len(times) for group, times in taken.items()}
    expected = sum(estimates[group] for group in known)
    factor = sum(known.values()) / expected if expected > 0.0 else 1.0
    return sum(known.get(group_of(place), factor * estimates[group_of(place)]) for place in left)


def group_of(place: GridRun) -> Group:
    return place.case, place.strong.letter, place.strong.rung


def _estimate(asked: AskedGrid, place: GridRun) -> float:
    """Of a run alone. The problem of another split is taken to be like that of the first."""
    facts = asked.facts[asked.ranges.datasets.index(place.spec.dataset)]
    return estimated_seconds(replace(plan(place.spec, facts), facts=facts._replace(nodes=place.spec.partition.nodes)))
