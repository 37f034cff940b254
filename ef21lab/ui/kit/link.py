"""Controls and the address: a link holds every control that differs from its default, and seeds them when it is opened.

Values travel as codes (`top_k`, `4x4x7`), never as labels, so a link made in one language opens in the other. What a link gets
wrong is said on the page and the default is taken. What a page does not have, the contenders on the data page, travels with the
address all the same, so that a reload there loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import streamlit as st

from ef21lab.address import locks, places, versions
from ef21lab.address.complaints import USUAL, Complaint, stray
from ef21lab.address.reading import Reading, understood
from ef21lab.choices.fields import Field, Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.choices.written import written
from ef21lab.ui.kit import language, visit


class Link:
    """One run of a page.

    A control takes three steps: `current` is what it is to show, `at` or `among` are the arguments that make its widget show it,
    `hold` takes note of what it shows. `write` puts all of it into the address.
    """

    def __init__(self) -> None:
        self._visit = visit.current()
        self._visit.begin_once()
        self._visit.run = self
        self._held: dict[str, str] = {}  # what differs from its default
        self._drawn: set[str] = set()
        self._widgets: dict[str, list[str]] = {}

    @property
    def opened(self) -> int:
        """A number that changes when the page is to show something else than the browser has."""
        return self._visit.turn

    @property
    def complaints(self) -> list[Text]:
        """What the address got wrong; each is said until its control is used."""
        unknown = self._visit.unknown
        return [*self._visit.complaints.values(), *([stray(unknown).said] if unknown else [])]

    def complain(self, key: str, complaint: Complaint) -> None:
        self._visit.complaints[key] = complaint.said

    def current(self, key: str, default: Json, field: Field) -> Json:
        """What a control is to show: what the browser says of it, else what is remembered or linked, else the default."""
        held = st.session_state.get(self._visit.name(key))
        return self.first(key, default, field) if held is None else held

    def first(self, key: str, default: Json, field: Field) -> Json:
        """What a control starts from."""
        words = self.asked(key)
        if words is None:
            return default
        try:
            return understood(key, words, field)
        except Refusal as refusal:
            self.complain(key, Complaint(refusal.text, USUAL))
            self._visit.memory.pop(key, None)
            return default

    def asked(self, key: str) -> str | None:
        """What is remembered of a control, else what the link means where it leaves it out; None: today's default."""
        return self._visit.memory.get(key, versions.meant(key, self._visit.version))

    def at(self, key: str, value: Json, *, part: str = "", default: str = "value") -> dict[str, Any]:
        """The arguments by which a widget is this control and shows this value; `part` sets the widgets of one control apart."""
        name = self._visit.name(key, part)
        self._widgets.setdefault(key, []).append(name)
        held, common = st.session_state.get(name), {"key": name, **({"disabled": True} if self._visit.locked(key) else {})}
        if held is None or held == value:
            return {**common, default: value}
        st.session_state[name] = value  # the browser has another, that the page cannot show
        return common

    def usual_seen(self, key: str) -> str:
        """The member in a menu of the microscope where nobody has chosen one."""
        return places.usual_seen(key, self._visit.address)

    def follow(self, key: str) -> None:
        """A control whose default is another when the address says other things: the default that it showed then is not remembered."""
        if key not in self._visit.address and not self._visit.drew(key):
            self._visit.memory.pop(key, None)

    def among(self, key: str, value: Json, labels: Mapping[Any, str]) -> dict[str, Any]:
        """The same for a menu of options that are called so; where one of them has come to be called otherwise, the menu is a new one.

        The browser would go on showing the label that was picked.
        """
        self._visit.call(key, labels)
        arguments = self.at(key, value, default="index")
        return {**arguments, "index": list(labels).index(value)} if "index" in arguments else arguments

    def part(self, key: str, part: str, start: Json) -> Json:
        """What one widget of a control is to show."""
        return st.session_state.get(self._visit.name(key, part), start)

    def hold(self, key: str, value: Json, default: Json) -> None:
        """Note what the control shows now; a default needs no place in the address."""
        self.keep(key, value)
        if value != default:
            self._held[key] = written(value)

    def keep(self, key: str, value: Json) -> None:
        """Note what the control shows now, for the other pages alone."""
        if self._visit.run is not self:  # another run has begun; what this one knows is old
            return
        words = written(value)
        if self._visit.drew(key) and words != self._visit.memory.get(key, words):  # it was used, not only fitted to the page
            self._visit.complaints.pop(key, None)
            self._visit.unknown.clear()
        self._visit.unknown.discard(key)
        self._visit.note(key, words, self._widgets.pop(key, ()))
        self._drawn.add(key)

    def holds(self, except_for: Collection[str] = ()) -> dict[str, str]:
        """What differs from its default on this page, as the address will hold it."""
        return {key: words for key, words in self._held.items() if key not in except_for}

    def carry(self, belongs: Callable[[str], bool]) -> None:
        """Controls that stand beside those of this page on another one: what the address says of them stays in it."""
        self._held |= {key: words for key, words in self._visit.address.items() if belongs(key) and key not in self._drawn}

    def news(self, component: str, said: Any) -> dict[str, Any] | None:
        """What a component says, where it has not said just that before; a page that was opened since knows better."""
        before, self._visit.said[component] = self._visit.said.get(component), said
        return None if said is None or said == before else dict(said)

    @staticmethod
    def reopen(codes: dict[str, str]) -> None:
        """Show these controls, and of the page's others their defaults; for callbacks, before the page is drawn."""
        tab = visit.current()
        stays = {key: words for key, words in tab.address.items() if places.room(key) not in tab.rooms or tab.locked(key)}
        moved = {key: words for key, words in codes.items() if not tab.locked(key)}
        tab.open({**stays, **moved, versions.KEY: str(versions.VERSION)})

    @staticmethod
    def reset() -> None:
        """Show what the link said that was opened here; for callbacks."""
        tab = visit.current()
        tab.open(tab.linked)

    @staticmethod
    def locks(key: str) -> bool:
        """Whether the link holds this control where it is."""
        return visit.current().locked(key)

    @staticmethod
    def strays() -> bool:
        """Whether the page shows anything else than the link that was opened here said."""
        tab = visit.current()
        return tab.address != Reading(tab.linked).words

    @staticmethod
    def shows(key: str) -> str | None:
        """What a control showed last; for callbacks."""
        return visit.current().memory.get(key)

    @staticmethod
    def put(codes: dict[str, str]) -> None:
        """Move these controls and leave the others; for callbacks, before the page is drawn."""
        visit.current().put(codes)

    @staticmethod
    def copy(source: str, target: str) -> None:
        """Make the controls whose names begin with `target` show what those that begin with `source` do; for callbacks."""
        shown = visit.current().memory
        Link.put({target + key.removeprefix(source): words for key, words in shown.items() if key.split(".")[0] == source})

    def made(self, more: Mapping[str, str]) -> dict[str, str]:
        """The words of an address that shows this page as it is now, with these besides."""
        words = {key: value for key, value in {**self._held, **more}.items() if value}
        spoken = {language.KEY: language.current()} if language.chosen_by_hand() else {}
        return {**locks.sealed(words), versions.KEY: str(versions.VERSION), **spoken}

    def write(self, *, whole: bool = True) -> None:
        """Make the address say what the page shows; where only part of the controls could be drawn, the rest of it stays."""
        if self._visit.run is not self:
            return
        here = frozenset(map(places.room, self._drawn))
        elsewhere = {
            key: words
            for key, words in self._visit.address.items()
            if key not in self._drawn and (not whole or places.room(key) not in here)
        }
        elsewhere.pop(language.KEY, None)
        address = {**elsewhere, **self._held}
        marked = {**locks.sealed(address), versions.KEY: str(versions.VERSION)} if address else {}
        if language.chosen_by_hand():
            address[language.KEY] = marked[language.KEY] = language.current()
        self._visit.wrote(address, marked, here if whole else self._visit.rooms)
        if st.query_params.to_dict() != marked:
            st.query_params.from_dict(marked)
