"""What a grid shows: what is looked at, and the figures of one case under it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from ef21lab.choices.fields import Choice, Integer, Real
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, number, same
from ef21lab.plots.palette import lines
from ef21lab.plots.tuning import TuningCurve, tuning
from ef21lab.runs.names import contender_named, drawn_as
from ef21lab.sweeps.grid import CONTENDER
from ef21lab.ui.kit import language, visitor
from ef21lab.ui.kit.figure import draw
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.kit.theme import theme
from ef21lab.ui.sweep.asked import MULTIPLE, AskedGrid, GridRun, case_named
from ef21lab.ui.sweep.results import Results, contender_of, results, usual_epsilon

MOST_CASES = 10_000
BITS, FINAL = "bits", "final"
EPSILONS = tuple(float(f"{digit}e{power}") for power in range(-24, 3) for digit in (1, 3))


class LookedAt(NamedTuple):
    """What is looked at."""

    case: int
    epsilon: float | None  # None where nothing of the case is done
    height: str  # of the tuning curve: BITS or FINAL


def controls(asked: AskedGrid, link: Link) -> LookedAt:
    """What is looked at; of a case of which nothing is done there is nothing to choose."""
    case = _case(asked, link)
    if (first := first_done(asked, case)) is None:
        keep(link)
        return LookedAt(case, None, BITS)
    return LookedAt(case, _epsilon(case, usual_epsilon(first), link), _height(link))


def first_done(asked: AskedGrid, case: int) -> GridRun | None:
    """A finished run of a case."""
    return next((place for place in asked.places if place.case == case and visitor.is_done(place.spec.key)), None)


def keep(link: Link) -> None:
    """What was picked stays in the address while there is nothing to look at."""
    link.hold("reach", link.first("reach", 0.0, REACH), 0.0)
    link.hold("shows", link.first("shows", BITS, SHOWS), BITS)


def show(asked: AskedGrid, shown: LookedAt) -> None:
    """The figures of the case."""
    found = None if shown.epsilon is None else results(asked, shown.case, shown.epsilon)
    if found is None:
        st.info(say(NOTHING_YET), icon=":material/grid_on:")
        return
    looks = look_of(asked)
    st.subheader(say(TUNING))
    draw("sweep-tuning", tuning(_curves(asked, found, shown, looks), HEIGHTS[shown.height], language.current(), theme()))


def look_of(asked: AskedGrid) -> dict[str, Line]:
    """The line of every contender, by its letter."""
    firsts = {strong.letter: strong.posed for strong in reversed(asked.strong)}
    return dict(zip(firsts, lines([drawn_as(run) for run in firsts.values()]), strict=True))


def _curves(asked: AskedGrid, found: Results, shown: LookedAt, looks: dict[str, Line]) -> list[TuningCurve]:
    """Of every contender, at the strength with which it is best."""
    named = {contender_of(strong): contender_named(strong.posed) for strong in asked.strong}
    column = "cost" if shown.height == BITS else "final"
    curves = []
    for letter, best in found.best.items():
        rows = found.of(best[CONTENDER])
        median, low, high = (np.array([row[name] for row in rows]) for name in (column, f"{column}_low", f"{column}_high"))
        diverged = np.array([np.isinf(row["final"]) for row in rows])
        multiples = np.array([row[MULTIPLE] for row in rows])
        curves.append(TuningCurve(named[best[CONTENDER]], multiples, median, low, high, diverged, looks[letter]))
    return sorted(curves, key=lambda curve: curve.label.en)


def _case(asked: AskedGrid, link: Link) -> int:
    places = range(len(asked.cases))
    current = min(int(link.current("case", 0, Integer(CASE, same(""), 0, MOST_CASES))), len(places) - 1)
    if len(places) == 1:
        link.hold("case", 0, 0)
        return 0
    labels = [plain(case_named(case, asked.cases)) for case in asked.cases]
    at = link.among("case", current, list(places))
    case = int(st.selectbox(say(CASE), places, **at, format_func=labels.__getitem__))
    link.hold("case", case, 0)
    return case


def _epsilon(case: int, usual: float, link: Link) -> float:
    """Every case has a slider of its own, since what is usual differs."""
    part = f".{case}"
    start = float(link.first("reach", 0.0, REACH)) or usual
    current = float(link.part("reach", part, start))
    options = sorted({*EPSILONS, current})
    labels = {value: plain(number(value)) for value in options}
    at = link.at("reach", current, part=part)
    value = float(st.select_slider(say(REACH.label), options, **at, format_func=labels.__getitem__, help=say(REACH.about)))
    link.hold("reach", 0.0 if value == usual else value, 0.0)
    return value


def _height(link: Link) -> str:
    current = link.current("shows", BITS, SHOWS)
    labels = {name: plain(text) for name, text in HEIGHTS.items()}
    value = st.segmented_control(
        say(SHOWS.label), list(labels), **link.at("shows", current, default="default"), format_func=labels.__getitem__, required=True
    )
    link.hold("shows", value, BITS)
    return str(value)


HEIGHTS = {BITS: Text("bits to ε from a node", "бит с узла до ε"), FINAL: Text("‖∇f‖² at the end", "‖∇f‖² в конце")}
SHOWS = Choice(Text("The tuning curve shows", "На кривой подбора шага"), same(""), HEIGHTS)
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
TUNING = Text("What the step does to each contender", "Как шаг влияет на каждого участника")
NOTHING_YET = Text(
    "Nothing is computed of this grid yet. Choose its values on the left and press **Start**; every run that is done appears here at once.",
    "Из этой сетки ещё ничего не посчитано. Задайте значения слева и нажмите «**Начать**»: каждый готовый запуск появится здесь сразу.",
)
