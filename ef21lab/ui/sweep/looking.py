"""What is looked at in a grid: which case, at which ε, and what of it. Nothing here computes a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from ef21lab.choices.fields import Choice, Integer, Real
from ef21lab.choices.text import Text, number, same
from ef21lab.runs.names import contender_named
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep import cell
from ef21lab.ui.sweep.asked import AskedGrid, GridRun, case_named
from ef21lab.ui.sweep.results import is_there, usual_epsilon

MOST_CASES = 10_000
BITS, FINAL = "bits", "final"
EPSILONS = tuple(float(f"{digit}e{power}") for power in range(-24, 3) for digit in (1, 3))
WIDTH = 205  # pixels of a menu


class LookedAt(NamedTuple):
    """What is looked at."""

    case: int
    epsilon: float | None  # None where nothing of the case is done
    height: str  # of the tuning curve: BITS or FINAL
    seen: str  # the letter of whom the map shows
    cell: str  # of the map that was picked


def controls(asked: AskedGrid, link: Link) -> LookedAt:
    """What is looked at; of a case of which nothing is done there is nothing to choose."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        case = _case(asked, link)
        first = first_done(asked, case)
        if first is None:
            return keep(link)._replace(case=case)
        epsilon = _epsilon(case, usual_epsilon(first), link)
        height = _one_of("shows", SHOWS, HEIGHTS, link)
        in_full = len({one.posed.algorithm for one in asked.strong}) > 1
        letters = {one.letter: contender_named(one.posed, in_full) for one in reversed(asked.strong)}
        seen = _one_of("seen", SEEN, {letter: letters[letter] for letter in sorted(letters)}, link)
    return LookedAt(case, epsilon, height, seen, cell.picked(link))


def keep(link: Link) -> LookedAt:
    """What was picked stays in the address while there is nothing to look at."""
    link.hold("reach", link.first("reach", 0.0, REACH), 0.0)
    shows = str(link.first("shows", BITS, Choice(SHOWS, same(""), HEIGHTS)))
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


def _epsilon(case: int, usual: float, link: Link) -> float:
    """Every case has a slider of its own, since what is usual differs."""
    part = f".{case}"
    start = float(link.first("reach", 0.0, REACH)) or usual
    current = float(link.part("reach", part, start))
    options = sorted({*EPSILONS, current})
    labels = {value: plain(number(value)) for value in options}
    at = link.at("reach", current, part=part)
    value = float(st.select_slider(say(REACH.label), options, **at, format_func=labels.__getitem__, help=say(REACH.about), width=WIDTH))
    link.hold("reach", 0.0 if value == usual else value, 0.0)
    return value


def _one_of(key: str, label: Text, options: Mapping[str, Text], link: Link) -> str:
    first = next(iter(options))
    current = link.current(key, first, Choice(label, same(""), options))
    current = current if current in options else first
    labels = {name: plain(text) for name, text in options.items()}
    at = link.among(key, current, labels)
    value = str(st.selectbox(say(label), list(labels), **at, format_func=labels.__getitem__, width=WIDTH))
    link.hold(key, value, first)
    return value


HEIGHTS = {BITS: Text("bits from a node to ε", "бит с узла до ε"), FINAL: Text("‖∇f‖² at the end", "‖∇f‖² в конце")}
SHOWS = Text("The tuning curve shows", "Кривая подбора шага")
SEEN = Text("The map shows", "На карте")
REACH = Real(
    Text("Accuracy ε of ‖∇f‖²", "Точность ε по ‖∇f‖²"),
    Text(
        "A run has come to ε at the record from which on ‖∇f‖² stays at or below it to the end. Moving ε computes no run.",
        "Запуск дошёл до ε на той записи, начиная с которой ‖∇f‖² до конца не больше ε. Сдвиг ε ничего не пересчитывает.",
    ),
    0.0,
    1e300,
)
CASE = Text("Problem", "Задача")
