"""What of the figures this tab has asked for: begun, followed, stopped, gone on with."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ef21lab.choices.text import Text
from ef21lab.figures.base import Figure
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit import feeding, visitor
from ef21lab.ui.kit.language import say

ASKED = "_figure"  # session state: the figures that are being computed, one or all cases of one
REFRESH = 1.0  # seconds between looks at runs that go on


def asked() -> tuple[Figure, ...]:
    """What is being computed; nothing where nothing is."""
    found: tuple[Figure, ...] = st.session_state.get(ASKED, ())
    return found


def begin(wanted: tuple[Figure, ...]) -> None:
    """For callbacks."""
    st.session_state[ASKED] = wanted


def begin_again(wanted: tuple[Figure, ...], runs: Sequence[RunSpec]) -> None:
    """What did not end well is tried anew; for callbacks."""
    feeding.again(runs)
    begin(wanted)


def follow(runs: Sequence[RunSpec]) -> None:
    """Feeds the lab and says how far it is, until all are over or somebody stops it."""

    @st.fragment(run_every=REFRESH)
    def go_on() -> None:
        now = feeding.feed(runs)
        if now.over:
            st.rerun()
        st.progress(now.done / now.all, say(SO_FAR.format(done=now.done, all=now.all)))
        if now.held_up:
            st.caption(say(feeding.HELD_UP.format(why=now.held_up)))

    go_on()
    st.button(say(STOP), key="figure-stop", on_click=_stop, icon=":material/stop:")
    st.caption(say(KEPT))


def _stop() -> None:
    """What is going is given up, what is done is kept."""
    st.session_state.pop(ASKED, None)
    visitor.lab().watch(visitor.name(), [])


STOP = Text("Stop", "Стоп")
SO_FAR = Text("{done} of {all:run|runs}", "{done} из {all:запуска|запусков|запусков}")
KEPT = Text(
    "What is computed is kept: leave the page and come back, and it goes on from there.",
    "Посчитанное не пропадёт: уйдите со страницы и вернитесь, и счёт продолжится с того же места.",
)
