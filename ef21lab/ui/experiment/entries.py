"""The runs that contenders enter with: one for a step of one's own, and for a tuned step every step of its grid, which grows if it must."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from ef21lab.address.controls import VIEW
from ef21lab.choices.text import Text
from ef21lab.runs.names import title
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import JUDGED, best, candidates, widened
from ef21lab.ui.experiment.contenders import Contender
from ef21lab.ui.kit import visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link

GOAL = "goal"  # ε of the chart: its word in the address


class Entry(NamedTuple):
    """A contender that races: all its runs, and itself with the best of them so far."""

    contender: Contender
    runs: tuple[RunSpec, ...]
    best: Contender

    @property
    def keys(self) -> list[str]:
        return [run.key for run in self.runs]


def entered(racing: Sequence[Contender], link: Link) -> list[Entry]:
    """Ask for the runs of those that can race; what the lab refuses is said on the page."""
    goal = float(link.first(GOAL, VIEW[GOAL].default, VIEW[GOAL].field))
    able = [contender for contender in racing if contender.can_race]
    groups = [candidates(_grown(contender.spec, goal)) for contender in able]
    answers = iter(visitor.submit([run for runs in groups for run in runs]))
    found = []
    for contender, runs in zip(able, groups, strict=True):
        told = {run: next(answers) for run in runs}
        refusals = [answer for answer in told.values() if isinstance(answer, Text)]
        accepted = tuple(run for run in runs if not isinstance(told[run], Text))
        if accepted:
            found.append(Entry(contender, accepted, with_best(contender, accepted, goal)))
        else:
            st.error(f"{say(title(contender.spec))}: {say(refusals[0])}")
    return found


def with_best(contender: Contender, runs: Sequence[RunSpec], goal: float) -> Contender:
    """The contender as the plain run that is the best of these so far."""
    traces = [visitor.lab().trace(run.key) for run in runs] if len(runs) > 1 else []
    known = len(traces) > 1 and all(map(len, traces))
    place = best(traces, _epsilon(contender.spec, traces, goal)).place if known else 0
    return Contender(contender.letter, plan(runs[place], contender.planned.facts), contender.head)


def _grown(spec: RunSpec, goal: float) -> RunSpec:
    """With as many octaves as it takes for the best of those that are done not to lie at the edge of the grid."""
    runs = candidates(spec)
    if len(runs) < 2 or not all(visitor.is_done(run.key) for run in runs):
        return spec
    traces = [visitor.lab().trace(run.key) for run in runs]
    wider = widened(spec, traces, _epsilon(spec, traces, goal))
    return spec if wider is None or candidates(wider) == runs else _grown(wider, goal)


def _epsilon(spec: RunSpec, traces: Sequence[Trace], goal: float) -> float:
    return spec.step.goal(float(traces[0][JUDGED][0]), goal)
