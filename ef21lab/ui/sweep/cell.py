"""The cell of the map that was picked: what its runs came to, and the way to each of them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ef21lab.address.links import link as link_to
from ef21lab.choices.fields import Words
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.ui.kit import place
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep.asked import MULTIPLE, GridRun
from ef21lab.ui.sweep.drawn import Cast
from ef21lab.ui.sweep.results import Results, contender_of, trace_of

CELL = "cell"  # of the address: contender, strength and step, as b2.4
MOST_LINKS = 20
NAME = Words(same(""), same(""))


def picked(link: Link) -> str:
    """The word of the cell that was picked last; it stays in the address."""
    word = str(link.first(CELL, "", NAME))
    link.hold(CELL, word, "")
    return word


def take(widget: str, letter: str) -> None:
    """Note what was clicked on a map; for its callback."""
    points: Any = st.session_state[widget].selection.points
    if points:
        row, column = points[0]["customdata"]
        Link.put({CELL: f"{letter}{row}.{column}"})


def show(word: str, found: Results, cast: Cast, letter: str) -> None:
    """The runs of the cell where it is one of this map; else how to pick one."""
    runs = [run for run in found.places if word_of(run, cast) == word and run.strong.letter == letter]
    if not runs:
        st.caption(say(CLICK))
        return
    with st.container(border=True):
        first = runs[0]
        name = cast.at_step(contender_of(first.strong), first.multiple)
        row = next(row for row in found.of(contender_of(first.strong)) if row[MULTIPLE] == first.multiple)
        st.markdown(say(same("**{name}**").format(name=name)))
        st.caption(say(THESE.format(starts=len(runs), label=found.judged.label, final=found.judged.said(row["final"]))))
        with st.container(horizontal=True):
            for run in runs[:MOST_LINKS]:
                _open(run, found)


def _open(run: GridRun, found: Results) -> None:
    bits = trace_of(run.spec).bits_to(found.epsilon, found.judged.metric)
    words = START_AT.format(n=run.repeat + 1, bits=int(bits)) if bits < float("inf") else START_LOST.format(n=run.repeat + 1)
    try:
        st.link_button(say(words), link_to(run.spec, place.lab()), icon=":material/open_in_new:", help=say(OPEN))
    except Refusal as refusal:  # a run that no page shows
        st.caption(say(refusal.text))


def word_of(run: GridRun, cast: Cast) -> str:
    return f"{contender_of(run.strong)}.{cast.multiples.index(run.multiple)}"


CLICK = Text("Click a cell to open its runs on the experiment page.", "Щёлкните клетку, чтобы открыть её запуски на странице эксперимента.")
OPEN = Text("Opens this run on the experiment page.", "Откроет этот запуск на странице эксперимента.")
THESE = Text(
    "{starts:start|starts}; the median at the end: {label} = {final}", "{starts:старт|старта|стартов}; медиана в конце: {label} = {final}"
)
START_AT = Text("Start {n}: {bits:bit|bits} to ε", "Старт {n}: {bits:бит|бита|бит} до ε")
START_LOST = Text("Start {n}: not at ε", "Старт {n}: не у ε")
