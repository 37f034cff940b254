"""The plain runs that a contender enters with: every step of its grid, which grows if it must, each from as many starts as are asked for.

The step is tuned on all repeats: on the median of what they need.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ef21lab.runs.repeats import repeats as repeats_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import JUDGED, Repeats
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import best, candidates, goal_of, widened

Tried = tuple[tuple[RunSpec, ...], ...]  # (candidates)(repeats): every step, the shortest first, and its repeats
Known = Callable[[RunSpec], Trace | None]  # the whole trace of a run that has come to its end; None where it has not


def tried(spec: RunSpec, repeats: int) -> Tried:
    """The plain runs that a contender stands for: every step of its grid, each from so many starts."""
    return tuple(zip(*(candidates(repeat) for repeat in repeats_of(spec, repeats)), strict=True))


def grown(spec: RunSpec, goal: float, repeats: int, most: int, known: Known) -> Tried:
    """With as many octaves as it takes for the best of those that are done not to lie at the edge of the grid, and as there is room for.

    `goal` is the ε of the chart, 0 where it is the usual one; `most` bounds the runs.
    """
    group = tried(spec, repeats)
    if len(group) < 2 or (traces := known_of(group, known)) is None:
        return group
    wider = widened(spec, traces, epsilon_of(spec, traces, goal))
    if wider is None or len(candidates(wider)) * repeats > most or candidates(wider) == candidates(spec):
        return group
    return grown(wider, goal, repeats, most, known)


def known_of(group: Tried, known: Known) -> list[list[Trace]] | None:
    """The traces of all of them; None as soon as one of them has not come to its end."""
    found: list[list[Trace]] = []
    for steps in group:
        found.append([])
        for run in steps:
            trace = known(run)
            if trace is None:
                return None
            found[-1].append(trace.of(run))
    return found


def place_of_best(spec: RunSpec, traces: Sequence[Repeats], goal: float) -> int:
    """Which of its steps is the best so far: the first while one of them has no record."""
    if len(traces) < 2 or not all(len(trace) for repeats in traces for trace in repeats):
        return 0
    return best(traces, epsilon_of(spec, traces, goal)).place


def epsilon_of(spec: RunSpec, traces: Sequence[Repeats], goal: float) -> float:
    """The ε at which its steps are compared."""
    return goal_of(spec, float(traces[0][0][JUDGED][0]), goal)
