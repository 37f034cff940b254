"""The runs that contenders enter with: one for a step of one's own, and for a tuned step every step of its grid, which grows if it must.

Each of them is repeated as often as the page says, and the step is tuned on all repeats: on the median of what they need.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from ef21lab.address.controls import VIEW
from ef21lab.choices.text import Refusal, Text
from ef21lab.runs.entered import Tried, grown, place_of_best
from ef21lab.runs.names import title
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import Repeats
from ef21lab.runs.trace import Trace
from ef21lab.ui.experiment.contenders import Contender
from ef21lab.ui.kit import refused, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link
from ef21lab.web.server.cursors import MOST_RUNS

GOAL = "goal"  # ε of the chart: its word in the address


class Entry(NamedTuple):
    """A contender that races: all its runs, and itself with the best of its steps so far."""

    contender: Contender
    tried: Tried
    best: Contender

    @property
    def runs(self) -> list[RunSpec]:
        """Every repeat of every candidate."""
        return [run for repeats in self.tried for run in repeats]

    @property
    def keys(self) -> list[str]:
        return [run.key for run in self.runs]

    @property
    def repeats(self) -> tuple[RunSpec, ...]:
        """Those of the best step."""
        return next(repeats for repeats in self.tried if repeats[0] == self.best.spec)


def entered(racing: Sequence[Contender], link: Link, repeats: int = 1) -> list[Entry]:
    """Ask for the runs of those that can race; what the lab refuses is said on the page, and what is more than a page can show."""
    goal = float(link.first(GOAL, VIEW[GOAL].default, VIEW[GOAL].field))
    able = [contender for contender in racing if contender.can_race]
    groups = _room_for([grown(contender.spec, goal, repeats, MOST_RUNS // len(able), _whole) for contender in able])
    answers = dict(zip(runs := _in_turn(groups), visitor.submit(runs), strict=True))
    found = []
    for contender, group in zip(able, groups, strict=False):
        accepted = _accepted(group, answers)
        if accepted:
            found.append(Entry(contender, accepted, with_best(contender, accepted, goal)))
        if not accepted or len(accepted[0]) < repeats:
            why = next(filter(None, (_reason(answers[run]) for run in _in_turn([group]))))
            refused.tell(why, _words(contender, accepted, repeats, why.text))
    for contender in able[len(groups) :]:
        st.error(f"{say(title(contender.spec))}: {say(PAGE_IS_FULL.format(most=MOST_RUNS))}")
    return found


def with_best(contender: Contender, group: Tried, goal: float) -> Contender:
    """The contender as the plain run that is the best of these so far: by the median over its repeats, the first of which it is."""
    traces = _traces(group) if len(group) > 1 else []
    place = place_of_best(contender.spec, traces, goal)
    return Contender(contender.letter, plan(group[place][0], contender.planned.facts), contender.head)


def _room_for(groups: Sequence[Tried]) -> list[Tried]:
    """The first of them, as many as a page can show."""
    fitting: list[Tried] = []
    for group in groups:
        if len(_in_turn([*fitting, group])) > MOST_RUNS:
            break
        fitting.append(group)
    return fitting


def _in_turn(groups: Sequence[Tried]) -> list[RunSpec]:
    """All runs of a contender, then of the next; of each the first repeats before the second ones, so that every step is seen soon."""
    return [run for group in groups for repeat in zip(*group, strict=True) for run in repeat]


def _accepted(group: Tried, answers: dict[RunSpec, str | Refusal]) -> Tried:
    """The steps that the lab takes, with as many repeats as it takes of all of these."""
    steps = [repeats for repeats in group if _reason(answers[repeats[0]]) is None]
    counts = [next((at for at, run in enumerate(repeats) if _reason(answers[run])), len(repeats)) for repeats in steps]
    return tuple(repeats[: min(counts)] for repeats in steps)


def _reason(answer: str | Refusal) -> Refusal | None:
    return answer if isinstance(answer, Refusal) else None


def _words(contender: Contender, accepted: Tried, repeats: int, why: Text) -> str:
    named = f"{say(title(contender.spec))}: "
    return named + (say(FEWER.format(n=len(accepted[0]), asked=repeats, why=why)) if accepted else say(why))


def _whole(run: RunSpec) -> Trace | None:
    """The trace of a run that has come to its end."""
    return visitor.lab().trace(run.key) if visitor.is_done(run.key) else None


def _traces(group: Tried) -> list[Repeats]:
    return [[visitor.lab().trace(run.key).of(run) for run in repeats] for repeats in group]


FEWER = Text(
    "{n:repeat|repeats} of {asked} for now. {why}",
    "пока {n:повтор|повтора|повторов} из {asked}. {why}",
)
PAGE_IS_FULL = Text(
    "it does not race: steps times repeats of all contenders make more than the {most:run|runs} that a page shows at a time — take "
    "fewer repeats, fewer contenders, or steps of their own",
    "не участвует: шаги и повторы всех участников вместе дают больше, чем {most:запуск|запуска|запусков}, а больше страница разом не "
    "показывает — уменьшите число повторов или участников либо задайте шаги сами",
)
