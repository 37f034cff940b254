"""A grid under way: begun, paused and ended by the word that its address holds, so that whoever opens it again goes on.

While the page is open it feeds the lab; once it is closed the lab goes on by itself (`jobs.errands`).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import streamlit as st

from ef21lab.choices.fields import Choice, Words
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.jobs.grids import LabGrid
from ef21lab.jobs.knowledge import NotReady
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit import feeding, visitor
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep import tending

TENDED = "_tended"  # session state: the name of the grid that this tab has going
BARRED = "_barred"  # session state: why some runs can never be, by what they have in common
GO, PAUSED = "go", "paused"
MOST = 3000  # runs of one page
NAME = Words(same(""), same(""))
ON_OFF = Choice(same(""), same(""), dict.fromkeys(("on", "off"), same("")))


class Underway(NamedTuple):
    """Whether this grid was begun, and whether it stands still."""

    begun: bool
    paused: bool


def state(specs: Sequence[RunSpec], link: Link) -> Underway:
    """What the address says of just these runs; of others it says nothing."""
    name = name_of(specs)
    begun = link.first(GO, "", NAME) == name
    tending.supersede(TENDED, name)
    paused = begun and link.first(PAUSED, "off", ON_OFF) == "on"
    link.hold(GO, name if begun else "", "")
    link.hold(PAUSED, "on" if paused else "off", "off")
    return Underway(begun, paused)


def keep(link: Link) -> None:
    """There is no grid to go on with."""
    link.hold(GO, link.first(GO, "", NAME), "")
    link.hold(PAUSED, link.first(PAUSED, "off", ON_OFF), "off")


def begin(specs: Sequence[RunSpec]) -> None:
    """For callbacks, as those below."""
    feeding.again(specs)
    st.session_state.pop(BARRED, None)
    Link.put({GO: name_of(specs), PAUSED: "off"})


def pause(specs: Sequence[RunSpec]) -> None:
    tending.give_up(TENDED, name_of(specs), specs)
    Link.put({PAUSED: "on"})


def cancel(specs: Sequence[RunSpec]) -> None:
    """What is done stays."""
    tending.give_up(TENDED, name_of(specs), specs)
    Link.put({GO: "", PAUSED: "off"})


def name_of(specs: Sequence[RunSpec]) -> str:
    """12 hexadecimal digits: another for other runs."""
    return sha256("".join(spec.key for spec in specs).encode()).hexdigest()[:12]


def progress(specs: Sequence[RunSpec]) -> feeding.Progress:
    """How far they are; nothing is begun."""
    barred = _barred()
    now = feeding.progress([spec for spec in specs if spec.key not in barred])
    kept = {spec.key: barred[spec.key] for spec in specs if spec.key in barred}
    return now._replace(all=len(specs), failed={**now.failed, **kept})


def feed(specs: Sequence[RunSpec]) -> feeding.Progress:
    """Begin as many more as this visitor may have going; one that can never be does not hold up the others."""
    able: list[RunSpec] = []
    known, held_up = st.session_state.setdefault(feeding.SETTLED, {}), None
    for spec in specs:
        if len(able) == visitor.lab().limits.running:
            break
        if spec.key in known or spec.key in _barred():
            continue
        try:
            why = _why_not(spec)
        except NotReady as refusal:
            held_up = refusal.text
            break
        if why is None:
            able.append(spec)
        else:
            _barred()[spec.key] = why
    fed = feeding.feed(able)
    now = progress(specs)._replace(held_up=fed.held_up or held_up)
    tending.tend(TENDED, name_of(specs), LabGrid(specs), now.over)
    return now


def _why_not(spec: RunSpec) -> Text | None:
    """Why there can be no such run here. Raises NotReady where that is not known yet."""
    try:
        visitor.lab().check(spec, visitor.name())
    except NotReady:
        raise
    except Refusal as refusal:
        return refusal.text
    return None


def _barred() -> dict[str, Text]:
    found: dict[str, Text] = st.session_state.setdefault(BARRED, {})
    return found
