"""Controls and the address: a link holds every control that differs from its default, and seeds them when it is opened.

Values travel as codes (`top_k`, `4x4x7`), never as labels, so a link made in one language opens in the other. What a link gets
wrong is said on the page and the default is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import streamlit as st

from ef21lab.spec import Dims, Field, Integer, Json, Ranks, Real
from ef21lab.text import Refusal, Text
from ef21lab.ui import language

REMEMBERED = "_controls"  # session state: the address form of every control this session has shown
REOPENED = "_reopened"  # session state: the address that the page is being opened anew at, until it has been drawn
LAST_REOPENED = "_last_reopened"  # session state: how that ended, while nobody has used the page since
COMPLAINTS = "_complaints"  # session state: what the address got wrong, by control
STALE_FOR = 5.0  # seconds after a reopening in which the browser may still speak of the page before
LONGEST = 200  # characters of one value in an address


class Reopened(NamedTuple):
    """Where a page is opened anew, and the controls that it forgets."""

    address: dict[str, str]
    controls: frozenset[str]


class LastReopened(NamedTuple):
    """A reopening that came to its end: when, and what the page showed then."""

    reopened: Reopened
    drawn: float
    shown: dict[str, str]


class Link:
    """One run of a page: `value` seeds a control, `hold` takes note of what it shows, `write` puts that into the address."""

    def __init__(self) -> None:
        reopened = st.session_state.get(REOPENED)
        if reopened:
            _forget(reopened.controls)
        self._address: dict[str, str] = reopened.address if reopened else st.query_params.to_dict()
        self._remembered: dict[str, str] = st.session_state.setdefault(REMEMBERED, {})
        self._complaints: dict[str, Text] = st.session_state.setdefault(COMPLAINTS, {})
        self._shown: dict[str, str] = {}

    @property
    def complaints(self) -> list[Text]:
        """What the address got wrong; each is said until its control is used."""
        return list(self._complaints.values())

    def complain(self, key: str, words: Text) -> None:
        self._complaints[key] = words

    def seed(self, key: str, default: Json, field: Field) -> None:
        """Give the widget `key` its first value: from this session, else from the address, else the default."""
        if key not in st.session_state:
            st.session_state[key] = self.first(key, default, field)

    def first(self, key: str, default: Json, field: Field) -> Json:
        """What a control starts from."""
        written = self.asked(key)
        if written is None:
            return default
        try:
            return field.check(parse(written[:LONGEST], field), "link", key)
        except Refusal as refusal:
            self.complain(key, refusal.text)
            return default

    def asked(self, key: str) -> str | None:
        """What this session has shown there, else what the address says."""
        return self._remembered.get(key, self._address.get(key))

    def hold(self, key: str, value: Json, default: Json) -> None:
        """Note what the control shows now; a default needs no place in the address."""
        words = written(value)
        if words != self._remembered.get(key, words):
            self._complaints.pop(key, None)
        self._remembered[key] = words
        if value != default:
            self._shown[key] = words

    def holds(self, except_for: Collection[str] = ()) -> dict[str, str]:
        """What differs from its default on this page, as the address will hold it."""
        return {key: words for key, words in self._shown.items() if key not in except_for}

    @staticmethod
    def reopen(address: dict[str, str]) -> None:
        """Forget every control, as if the page were opened anew at this address; for callbacks, before the page is drawn.

        A run that is cut short by another leaves the page half drawn, and the other comes with the controls as the browser still
        shows them; so they are forgotten at the start of every run until one has come to its end.
        """
        before = st.session_state.get(REOPENED)
        controls = frozenset(st.session_state.get(REMEMBERED, ())) | (before.controls if before else frozenset())
        st.session_state[REOPENED] = Reopened(address, controls)
        st.session_state.pop(LAST_REOPENED, None)

    @staticmethod
    def shows(key: str) -> str | None:
        """What a control showed last; for callbacks."""
        return dict(st.session_state.get(REMEMBERED, {})).get(key)

    @staticmethod
    def put(codes: dict[str, str]) -> None:
        """Move these controls and leave the others; for callbacks, before the page is drawn."""
        _forget(frozenset(codes), but=(REMEMBERED, COMPLAINTS))
        st.session_state.setdefault(REMEMBERED, {}).update(codes)

    def write(self, *, whole: bool = True) -> None:
        """Make the address say what the page shows; where only part of the controls could be drawn, the rest of it stays."""
        if not whole:
            self._shown = {**self._address, **self._shown}
        self._note_reopening()
        if language.chosen_by_hand():
            self._shown[language.KEY] = language.current()
        if st.query_params.to_dict() != self._shown:
            st.query_params.from_dict(self._shown)

    @staticmethod
    def keep_reopened() -> None:
        """For callbacks of what is no control: its rerun may have been asked for before the browser had the page that was just reopened.

        Such a rerun carries the controls of the page before, so they are forgotten once more.
        """
        last = st.session_state.get(LAST_REOPENED)
        if last and REOPENED not in st.session_state and time.monotonic() - last.drawn < STALE_FOR:
            st.session_state[REOPENED] = last.reopened

    def _note_reopening(self) -> None:
        """A page that is whole ends its reopening; one that shows something else than it was reopened with has been used since."""
        reopened = st.session_state.pop(REOPENED, None)
        if reopened:
            st.session_state[LAST_REOPENED] = LastReopened(reopened, time.monotonic(), dict(self._shown))
        elif (last := st.session_state.get(LAST_REOPENED)) and last.shown != self._shown:
            del st.session_state[LAST_REOPENED]


def _forget(controls: frozenset[str], but: Collection[str] = ()) -> None:
    """These controls, and the sliders that the ranks of a tensor have under their name; and what is remembered of all."""
    for key in [str(key) for key in st.session_state if key not in but]:
        if key in (REMEMBERED, COMPLAINTS) or any(key == control or key.startswith(f"{control}.") for control in controls):
            del st.session_state[key]


def written(value: Json) -> str:
    """A value as an address holds it: 4x4x7, 0.1, top_k."""
    if isinstance(value, (list, tuple)):
        return "x".join(str(item) for item in value)
    return f"{value:.15g}" if isinstance(value, float) and float(f"{value:.15g}") == value else str(value)


def parse(text: str, field: Field) -> Json:
    """The inverse of `written`, unchecked: what is not of the field's kind comes back as the text, for the field to refuse."""
    readers: dict[type[Field], Callable[[str], Any]] = {Integer: int, Real: float, Dims: _sides, Ranks: _sides}
    try:
        return readers.get(type(field), str)(text)
    except ValueError:
        return text


def _sides(text: str) -> Json:
    if text in ("auto", "natural"):
        return text
    sides = [int(part) for part in text.split("x")]
    return sides[0] if len(sides) == 1 else sides
