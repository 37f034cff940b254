"""What a tab remembers of every control of every page, and when its controls are drawn anew.

**Why controls forgot.** Streamlit keeps a control's value under an element that belongs to one page, and beside it one map from keys to
elements. On the way back to a page the map still points to the other page's element: the key is in `st.session_state`, its value is
not that of the element about to be drawn, and a new element takes the default it is given, else its first option. The same
happens where a run is cut short after a value was set and before the browser had it, and where a menu's labels change language.

**What holds instead.** The memory here is what counts; a control is drawn with what is remembered as its default, and so
cannot begin otherwise. Where controls must show something other than the browser has (another page, Back, a ready-made setting,
another language), they are drawn under new names: whatever the browser still says of the old ones concerns nothing on the page.

**The address.** Streamlit tells a run the query string that the browser had, which lags behind what was just written, and an empty one
where a link of the menu was followed. So it is opened only where a person went somewhere: in the first run of a tab, after
Back or Forward, and where it is none of those that this tab wrote.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ef21lab.address import locks, places, versions
from ef21lab.address.controls import LANGUAGE
from ef21lab.address.reading import Reading, several
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Language, Text
from ef21lab.choices.written import written

STATE = "_visit"  # session state: the Visit
WRITTEN = 50  # addresses that the browser may still say without anybody having gone there


@dataclass(frozen=True)
class DrawnControls:
    """The widgets of a control, and what they showed."""

    widgets: tuple[str, ...]
    showed: tuple[Json, ...]


@dataclass
class Visit:
    """One tab: what its controls show, as addresses write it."""

    memory: dict[str, str] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)  # as opened or last written
    version: int = versions.VERSION  # of the defaults that the address was made under
    page: str | None = None
    rooms: frozenset[str] = frozenset()  # of the page as it was last drawn whole
    complaints: dict[str, Text] = field(default_factory=dict)  # what the address got wrong, by control
    unknown: set[str] = field(default_factory=set)  # what it said of controls that do not exist
    linked: dict[str, str] = field(default_factory=dict)  # as a person opened it
    locks: tuple[str, ...] = ()  # controls that nobody moves here, and those that nobody sees
    hides: tuple[str, ...] = ()
    said: dict[str, Any] = field(default_factory=dict)  # what each component of a page said last
    run: object = None  # the Link of the present run
    spoken: Language | None = None  # in this run, once it has been found out; asked for hundreds of times in one
    turn: int = -1  # how often all controls were drawn under new names
    _turns: dict[str, int] = field(default_factory=dict)  # the same of single controls
    _last_turn: int = -1
    _drawn: dict[str, DrawnControls] = field(default_factory=dict)
    _labels: dict[str, dict[Any, str]] = field(default_factory=dict)  # of the options of each menu, as it was drawn last
    _written: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=WRITTEN))
    _begun: bool = False

    def begin(self) -> None:
        """At the start of a run, before any word is said: open the address where a person went to it."""
        self.spoken = None
        if self.turn < 0 or _went_through_history():
            self._go_to(st.query_params.to_dict())
        elif self._was_moved(LANGUAGE):
            self.redraw()
        self._begun = True

    def arrive(self, page: str) -> None:
        """The page of this run is known: controls of the page before mean nothing on it."""
        came, left = st.query_params.to_dict(), self.page not in (None, page)
        if came not in self._written and (came or not left):
            self._go_to(came)
        elif left:
            self.redraw()
            self._written.append(came)
        self.page = page

    def begin_once(self) -> None:
        """For a page that is run without the router."""
        if not self._begun:
            self.begin()
            self.arrive(self.page or "")
        self._begun = False

    def _go_to(self, address: dict[str, str]) -> None:
        """A person went there."""
        self.linked = address
        self.open(address, _repeated())

    def open(self, address: Mapping[str, str], repeated: Collection[str] = ()) -> None:
        """Show what an address says, and nothing else; `repeated` are the controls that it sets several times."""
        opened, self._drawn = Reading(address, repeated), {}
        self.memory, self.version, self.unknown = opened.words, opened.version, opened.unknown
        self.complaints = {key: complaint.said for key, complaint in opened.complaints.items()}
        self.address = {key: words for key, words in self.memory.items() if key not in self.unknown}
        self.locks, self.hides = (_names(self.memory.get(key, "")) for key in (locks.LOCK, locks.HIDE))
        self._written.append(dict(address))
        self._rename_all()

    def locked(self, key: str) -> bool:
        """Whether the link holds this control where it is."""
        return bool(self.locks) and locks.covers(self.locks, key)

    def put(self, codes: Mapping[str, str]) -> None:
        """Move these controls, but for those that are locked; for callbacks, before the page is drawn."""
        self._gather()
        self.spoken = None
        for key, words in codes.items():
            if self.memory.get(key) != words and not self.locked(key):
                self.memory[key] = words
                if places.room(key) not in self.rooms:  # a control of another page: nothing here will write it
                    self.address = {**self.address, key: words}
                self._last_turn += 1
                self._turns[key] = self._last_turn
                self._drawn.pop(key, None)

    def redraw(self) -> None:
        """Draw every control under a new name, as it is; what was moved in the browser since the last run counts."""
        self._gather()
        self._drawn = {}
        self._rename_all()

    def name(self, key: str, part: str = "") -> str:
        """What Streamlit calls the widget of a control now."""
        turn = self._turns.get(key, self.turn)
        return f"{key}{part}@{turn}" if turn > 0 else f"{key}{part}"

    def call(self, key: str, labels: Mapping[Any, str]) -> None:
        """The options of a menu are called so; where one was called otherwise, the menu is drawn under a new name."""
        before, self._labels[key] = self._labels.get(key, {}), dict(labels)
        if any(before.get(option, words) != words for option, words in labels.items()):
            self._last_turn += 1
            self._turns[key] = self._last_turn

    def note(self, key: str, words: str, widgets: Sequence[str]) -> None:
        """A control has been drawn, and shows this."""
        self.spoken = None if key == LANGUAGE else self.spoken
        self.memory[key] = words
        self._drawn[key] = DrawnControls(tuple(widgets), tuple(st.session_state.get(widget) for widget in widgets))

    def drew(self, key: str) -> bool:
        """Whether the control has been on the page since all were last drawn anew: only then can anybody have moved it."""
        return key in self._drawn

    def wrote(self, address: dict[str, str], marked: dict[str, str], here: frozenset[str]) -> None:
        """The address holds this from now on; `marked`: with the version of its defaults."""
        self.address, self.rooms = address, here
        if marked in self._written:
            self._written.remove(marked)
        self._written.append(marked)

    def _rename_all(self) -> None:
        self._last_turn += 1
        self.turn, self._turns, self.spoken = self._last_turn, {}, None
        self._labels.clear()

    def _gather(self) -> None:
        """Take note of what was moved in the browser and not drawn since."""
        for key in list(self._drawn):
            if self._was_moved(key):
                shown = [st.session_state[widget] for widget in self._drawn[key].widgets]
                self.memory[key] = written(shown if len(shown) > 1 else shown[0])

    def _was_moved(self, key: str) -> bool:
        drawn = self._drawn.get(key)
        if drawn is None:
            return False
        now = tuple(st.session_state.get(widget) for widget in drawn.widgets)
        return None not in now and now != drawn.showed


def current() -> Visit:
    """The visit of this tab."""
    visit: Visit | None = st.session_state.get(STATE)
    if visit is None:
        visit = st.session_state[STATE] = Visit()
    return visit


def _names(words: str) -> tuple[str, ...]:
    return tuple(filter(None, words.split(",")))


def _repeated() -> set[str]:
    """The controls that the browser's address sets several times."""
    return several((key, words) for key in st.query_params for words in st.query_params.get_all(key))


def _went_through_history() -> bool:
    """Whether this run was asked for by Back or Forward."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))
