"""What is looked at in a grid: which case, at which ε, and what of it. Nothing here computes a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from ef21lab.address.controls import METRICS
from ef21lab.choices.fields import Choice, Integer
from ef21lab.choices.text import Text, same
from ef21lab.runs.names import contender_named
from ef21lab.sweeps import judged
from ef21lab.sweeps.judged import GRADIENT, SHARE, Aim
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep import cell
from ef21lab.ui.sweep.asked import AskedGrid, GridRun, case_named
from ef21lab.ui.sweep.results import is_there, trace_of

MOST_CASES = 10_000
BITS, FINAL = "bits", "final"
BY = "judged"  # of the address: the column that is to come to ε
WIDTH = 205  # pixels of a menu


class LookedAt(NamedTuple):
    """What is looked at."""

    case: int
    epsilon: float | None  # None where nothing of the case is done
    height: str  # of the tuning curve: BITS or FINAL
    seen: str  # the letter of whom the map shows
    cell: str  # of the map that was picked
    judged: Aim = GRADIENT


def controls(asked: AskedGrid, link: Link) -> LookedAt:
    """What is looked at; of a case of which nothing is done there is nothing to choose."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        case = _case(asked, link)
        first = first_done(asked, case)
        if first is None:
            return keep(link)._replace(case=case)
        known = judged.of(asked.shared)
        by = known[_one_of(BY, JUDGED_BY, {name: one.label for name, one in known.items()}, link)]
        epsilon = _epsilon(case, by, by.usual(trace_of(first.spec)), link)
        height = _one_of("shows", SHOWS, heights(by), link)
        in_full = len({one.posed.algorithm for one in asked.strong}) > 1
        letters = {one.letter: contender_named(one.posed, in_full) for one in reversed(asked.strong)}
        seen = _one_of("seen", SEEN, {letter: letters[letter] for letter in sorted(letters)}, link)
    return LookedAt(case, epsilon, height, seen, cell.picked(link), by)


def heights(by: Aim) -> dict[str, Text]:
    """What a tuning curve can show."""
    return {BITS: TO_EPSILON, FINAL: by.at_the_end}


def keep(link: Link) -> LookedAt:
    """What was picked stays in the address while there is nothing to look at."""
    link.hold("reach", link.first("reach", 0.0, GRADIENT.goal), 0.0)
    link.hold("level", link.first("level", 0.0, SHARE), 0.0)
    link.hold(BY, link.first(BY, GRADIENT.metric, Choice(JUDGED_BY, same(""), dict.fromkeys(METRICS, same("")))), GRADIENT.metric)
    shows = str(link.first("shows", BITS, Choice(SHOWS, same(""), heights(GRADIENT))))
    link.hold("shows", shows, BITS)
    link.hold("case", link.first("case", 0, Integer(CASE, same(""), 0, MOST_CASES)), 0)
    seen = str(link.first("seen", "a", Choice(SEEN, same(""), dict.fromkeys("abcdef", same("")))))
    link.hold("seen", seen, "a")
    return LookedAt(0, None, shows, seen, cell.picked(link))


def first_done(asked: AskedGrid, case: int) -> GridRun | None:
    """A finished run of a case."""
    return next((run for run in asked.places if run.case == case and is_there(run.spec)), None)


def _case(asked: AskedGrid, link: Link) -> int:
    places = list(range(len(asked.cases)))
    current = min(int(link.current("case", 0, Integer(CASE, same(""), 0, MOST_CASES))), places[-1])
    if len(places) > 1:
        labels = {place: plain(case_named(case, asked.cases)) for place, case in enumerate(asked.cases)}
        current = int(st.selectbox(say(CASE), places, **link.among("case", current, labels), format_func=labels.__getitem__, width=WIDTH))
    link.hold("case", current, 0)
    return current


def _epsilon(case: int, by: Aim, usual: float, link: Link) -> float:
    """Every case has a slider of its own, since what is usual differs, and so has every column."""
    key, other = ("level", "reach") if by.rises else ("reach", "level")
    link.hold(other, link.first(other, 0.0, GRADIENT.goal if by.rises else SHARE), 0.0)
    part = f".{case}"
    start = float(link.first(key, 0.0, by.goal)) or usual
    current = max(float(link.part(key, part, start)), by.least)
    options = sorted({*by.levels, current})
    labels = {value: plain(by.said(value)) for value in options}
    at = link.at(key, current, part=part)
    label, about = say(by.goal.label), say(by.goal.about)
    value = float(st.select_slider(label, options, **at, format_func=labels.__getitem__, help=about, width=WIDTH))
    link.hold(key, 0.0 if value == usual else value, 0.0)
    return value


def _one_of(key: str, label: Text, options: Mapping[str, Text], link: Link) -> str:
    """Of one option there is no choice."""
    first = next(iter(options))
    if len(options) == 1:
        link.hold(key, first, first)
        return first
    current = link.current(key, first, Choice(label, same(""), options))
    current = current if current in options else first
    labels = {name: plain(text) for name, text in options.items()}
    at = link.among(key, current, labels)
    value = str(st.selectbox(say(label), list(labels), **at, format_func=labels.__getitem__, width=WIDTH))
    link.hold(key, value, first)
    return value


TO_EPSILON = Text("bits from a node to ε", "бит с узла до ε")
SHOWS = Text("The tuning curve shows", "Кривая подбора шага")
SEEN = Text("The map shows", "На карте")
JUDGED_BY = Text("Judged by", "По чему судим")
CASE = Text("Problem", "Задача")
