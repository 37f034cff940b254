"""The best of several steps: which runs a spec with a tuned step stands for, and which of them it means.

A RunSpec is one run; one with a tuned step stands for several, its candidates. These are plain runs under their own keys, so what is
known of them is shared with whoever asks for one of them alone. Where every candidate has repeats from several starts, the step is tuned
on all of them: on the median of what each repeat needs to come to ε.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Text
from ef21lab.problems.base import Facts
from ef21lab.runs.lanes import run_many
from ef21lab.runs.planned import Planned, plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import JUDGED, Repeats, rank, standings
from ef21lab.runs.trace import Trace

Compute = Callable[[Sequence[RunSpec]], list[Trace]]  # the whole traces of plain runs


class Chosen(NamedTuple):
    """The best of some runs."""

    place: int  # among them
    cost: float  # what `axis` had counted when it reached ε to stay, the median over its repeats; inf where it did not
    final: float  # where it ended, the median too


class Tuned(NamedTuple):
    """What a tuned step came to."""

    spec: RunSpec  # of the winner, a plain run
    trace: Trace
    chosen: Chosen
    candidates: tuple[RunSpec, ...]  # all that were tried, the shortest step first
    epsilon: float


def is_several(spec: RunSpec) -> bool:
    """Whether this stands for several runs."""
    return spec.step.candidates() != (spec.step,)


def candidates(spec: RunSpec) -> tuple[RunSpec, ...]:
    """The plain runs that a spec stands for, the shortest step first; of a plain run itself."""
    return tuple(replace(spec, step=step) for step in spec.step.candidates())


def first_planned(spec: RunSpec, facts: Facts) -> Planned:
    """The run with the shortest step, settled: what it says of everything but γ holds for all."""
    return plan(candidates(spec)[0], facts)


def goal_of(spec: RunSpec, start: float, asked: float = 0.0) -> float:
    """ε by which the candidates of a run are compared, where ‖∇f(x⁰)‖² = `start`: as its step says, but not below where they stop."""
    return max(spec.step.goal(start, asked), spec.stop_at)


def best(traces: Sequence[Trace | Repeats], epsilon: float, metric: str = JUDGED, axis: str = "bits_up") -> Chosen:
    """The best of runs that stand in the order of their steps, the shortest first; each a trace, or its repeats from several starts.

    That is the one that reaches ε, and stays there, for the least of `axis`; where none does, the one that ends lowest. One that has
    diverged loses, and the shorter step wins a tie. Of repeats the median counts, of what they need as of where they end.
    """
    first = standings([_repeats(one) for one in traces], epsilon, metric, axis)[0]
    return Chosen(first.place, first.cost, first.final)


def widened(
    spec: RunSpec, traces: Sequence[Trace | Repeats], epsilon: float, metric: str = JUDGED, axis: str = "bits_up"
) -> RunSpec | None:
    """The same with one more octave where the best of its candidates is the first or the last of them; None where it lies between.

    Also None at the bound of the grid, and where a longer step would only be as good as a shorter one. Where even the shortest step
    diverges, shorter ones are tried.
    """
    order = standings([_repeats(one) for one in traces], epsilon, metric, axis)
    place, last = order[0].place, len(order) - 1
    found = {one.place: one for one in order}
    if place == last > 0:
        step = spec.step.wider(longer=True)
    elif place == 0 and (rank(found[0], metric) < rank(found[min(1, last)], metric) or math.isinf(found[0].final)):
        step = spec.step.wider(longer=False)
    else:
        return None
    return None if step is None else replace(spec, step=step)


def tune(given: RunSpec | Mapping[str, Json], compute: Compute = run_many) -> Tuned:
    """Compute all candidates in this process, as lanes, and give the best; the grid grows while the best lies at its edge.

    Raises Refusal where there can be no such run.
    """
    spec = RunSpec.here(given)
    known: dict[RunSpec, Trace] = {}
    while True:
        runs = candidates(spec)
        fresh = [run for run in runs if run not in known]
        known |= zip(fresh, compute(fresh), strict=True)
        traces = [known[run] for run in runs]
        epsilon = goal_of(spec, float(traces[0][JUDGED][0]))
        wider = widened(spec, traces, epsilon)
        if wider is None or candidates(wider) == runs:
            chosen = best(traces, epsilon)
            return Tuned(runs[chosen.place], traces[chosen.place], chosen, runs, epsilon)
        spec = wider


def told(found: Tuned) -> Text:
    """Which step it was and why, in one line."""
    words = REACHED if math.isfinite(found.chosen.cost) else LOWEST
    return words.format(
        step=found.spec.step.in_short(),
        n=len(found.candidates),
        epsilon=found.epsilon,
        bits=found.chosen.cost,
        final=found.chosen.final,
    )


def _repeats(one: Trace | Repeats) -> Repeats:
    return (one,) if isinstance(one, Trace) else one


REACHED = Text(
    "tuned step: {step}, the best of {n}: {bits:bit|bits} from a node, and ‖∇f‖² stays at or below {epsilon}",
    "подобранный шаг: {step}, лучший из {n}: {bits:бит|бита|бит} с узла, и ‖∇f‖² остаётся не больше {epsilon}",
)
LOWEST = Text(
    "tuned step: {step}, the best of {n}: it ends lowest, at {final}; none comes to ‖∇f‖² = {epsilon} to stay",
    "подобранный шаг: {step}, лучший из {n}: закончил ниже всех, на {final}; ни один не удержался у ‖∇f‖² = {epsilon}",
)
