"""Notes on curves: those that the address has, and a few controls that make one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ef21lab.address.controls import VIEW
from ef21lab.address.notes import KEYS, LONGEST, MOST, Note, line, note_of
from ef21lab.choices.fields import Choice
from ef21lab.choices.text import Text, same
from ef21lab.runs.names import titles
from ef21lab.ui.experiment.entries import Entry
from ef21lab.ui.kit import visitor
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link

WHO, WHEN, WORDS = "teach.who", "teach.when", "teach.words"  # of the note that is being written; in no address


def shown(link: Link) -> list[dict[str, Any]]:
    """The notes of the page, which stay in its address, as the chart takes them."""
    return [
        {"place": note.letter, "axis": note.axis, "at": note.at, "words": note.words}
        for key in KEYS
        for written in [_held(key, link)]
        if written
        for note in [note_of(written)]
    ]


def controls(racing: Sequence[Entry], axis: str, link: Link) -> None:
    """Write another note, and take those away that are there."""
    there = {key: words for key in KEYS if (words := Link.shows(key))}
    names = titles([entry.best.spec for entry in racing])
    named = {entry.contender.letter: name for entry, name in zip(racing, names, strict=True)}
    if len(there) < MOST:
        _written(racing, {letter: plain(name) for letter, name in named.items()}, axis, link, next(key for key in KEYS if key not in there))
    for key, words in there.items():
        note = note_of(words)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(plain(NOTED.format(who=named.get(note.letter, note.letter), words=note.words)))
            st.button(
                "",
                key=f"teach.drop.{key}",
                icon=":material/close:",
                help=say(Text("Take this note away", "Убрать заметку")),
                type="tertiary",
                disabled=Link.locks(key),
                on_click=Link.put,
                args=({key: ""},),
            )


def _written(racing: Sequence[Entry], named: dict[str, str], axis: str, link: Link, key: str) -> None:
    """Whose curve, at which record, which words."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = link.current(WHO, next(iter(named)), Choice(same(""), same(""), dict.fromkeys(named, same(""))))
        at = link.among(WHO, asked if asked in named else next(iter(named)), named)
        letter = st.selectbox(say(Text("Note at the curve of", "Заметка у кривой")), list(named), format_func=named.__getitem__, **at)
        link.keep(WHO, letter)
        entry = next((entry for entry in racing if entry.contender.letter == letter), racing[0])
        rounds = max(entry.best.spec.rounds, 1)
        round = st.slider(say(Text("at round", "на раунде")), 0, rounds, rounds // 3, key=f"{WHEN}.{rounds}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(say(Text("Words", "Слова")), key=WORDS, max_chars=LONGEST, placeholder=say(FEW.format(n=LONGEST)))
        place = _place(entry, axis, int(round))
        st.button(
            say(Text("Put it on the chart", "Поставить на график")),
            icon=":material/add_comment:",
            disabled=Link.locks(key),
            on_click=_put,
            args=(key, str(letter), *place),
        )


def _place(entry: Entry, axis: str, round: int) -> tuple[str, float]:
    """Where a round lies on the axis of the chart; on that of rounds where the record does not tell."""
    trace = visitor.lab().trace(entry.best.spec.key)
    if axis not in trace.columns or not len(trace) or trace["round"][-1] < round:
        return "round", float(round)
    return axis, float(trace[axis][trace["round"] >= round][0])


def _put(key: str, letter: str, axis: str, at: float) -> None:
    words = " ".join(str(st.session_state.get(WORDS) or "").split())
    try:
        found = VIEW[key].field.accept(line(Note(letter, axis, at, words)))
    except ValueError:  # no words
        return
    Link.put({key: found})
    st.session_state[WORDS] = ""


def _held(key: str, link: Link) -> str:
    field, default = VIEW[key]
    found = str(link.first(key, default, field))
    link.hold(key, found, default)
    return found


NOTED = same("{who}: {words}")
FEW = Text("at most {n:character|characters}", "не больше {n:знака|знаков|знаков}")
