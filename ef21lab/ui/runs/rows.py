"""The list: a line and its small print for each run, with a box to choose it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from ef21lab.choices.text import Text, count, joined, number, quoted, same
from ef21lab.jobs.catalogue import FinishedRun
from ef21lab.jobs.marks import NONE, Said
from ef21lab.runs.caption import posed
from ef21lab.runs.names import title
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit import visitor
from ef21lab.ui.kit.language import say

CHOSEN = "_runs.chosen"  # session state: the keys that are chosen, in the order of choosing
MOST = 60  # that may be chosen at a time


def chosen() -> list[str]:
    """The runs that are chosen, on whichever page of the list; those that are gone meanwhile are none."""
    catalogue = visitor.lab().store.catalogue
    kept = [key for key in st.session_state.get(CHOSEN, []) if catalogue.get(key) is not None]
    st.session_state[CHOSEN] = kept
    return kept


def draw(found: Sequence[FinishedRun], marks: Mapping[str, Said], common: Mapping[str, Said]) -> None:
    """These runs, with what the visitor's list and the record itself say of each."""
    picked, zone = chosen(), _zone()
    for run in found:
        name = f"runs.pick.{run.key}"
        st.session_state[name] = run.key in picked
        spec = visitor.lab().store.spec(run.key)
        with st.container(gap=None):
            full = len(picked) >= MOST and run.key not in picked
            st.checkbox(say(_name(run, spec)), key=name, on_change=_choose, args=(run.key, name), disabled=full)
            st.caption(say(_told(run, spec, zone, marks.get(run.key, NONE), common.get(run.key, NONE))))


def forget() -> None:
    """Nothing is chosen any more; for callbacks."""
    st.session_state[CHOSEN] = []


def _choose(key: str, name: str) -> None:
    others = [other for other in st.session_state.get(CHOSEN, []) if other != key]
    st.session_state[CHOSEN] = [*others, key] if st.session_state[name] else others


def _name(run: FinishedRun, spec: RunSpec | None) -> Text:
    return quoted(f"{run.method}: {run.compressor}") if spec is None else title(spec, in_full=True)


def _told(run: FinishedRun, spec: RunSpec | None, zone: tzinfo, own: Said, common: Said) -> Text:
    """What it came to, the problem, and what is said of it."""
    when = datetime.fromtimestamp(run.finished, zone)
    told = [_ends(run), quoted(f"{when:%Y-%m-%d %H:%M}"), quoted(run.dataset) if spec is None else posed(spec)]
    if spec is not None and spec.key != run.key:
        told.append(EARLIER)
    if own.pinned or common.pinned:
        told.append(PINNED)
    tags = dict.fromkeys((*own.tags, *common.tags))
    told += [same(":material/label: ") + quoted(tag) for tag in tags]
    told += [same(":material/notes: ") + quoted(note) for note in dict.fromkeys((own.note, common.note)) if note]
    return joined(told, " · ")


def _ends(run: FinishedRun) -> Text:
    if run.grad_norm_sq == float("inf"):
        return DIVERGED
    bits = Text("{n:bit|bits}", "{n:бит|бита|бит}").format(n=int(run.bits_up))
    return joined([same("‖∇f‖² = ") + number(run.grad_norm_sq), same("f = ") + number(run.loss), bits], " · ")


def _zone() -> tzinfo:
    """The browser's."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def how_many(first: int, shown: int, of_all: int) -> Text:
    """'21–40 of 1,000 runs'."""
    places = count(first + 1) + same("–") + count(first + shown)
    return Text("{places} of {n:run|runs}", "{places} из {n:запуска|запусков|запусков}").format(places=places, n=of_all)


PINNED = Text(":material/keep: pinned", ":material/keep: закреплён")
DIVERGED = Text("diverged", "разошёлся")
EARLIER = Text("of an earlier version, with other numbers", "из прежней версии, с другими числами")
