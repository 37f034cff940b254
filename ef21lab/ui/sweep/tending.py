"""What a tab has going, a grid or a race: the lab goes on with it once the tab is closed, and ends it when its visitor says so."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ef21lab.jobs.errands import Work
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit import visitor


def tend(key: str, name: str, work: Work, over: bool) -> None:
    """This page is there; once it is closed the lab goes on with what is not over. `key` is the tab's note of the kind, in its state."""
    st.session_state[key] = name
    if over:
        visitor.lab().errands.drop(name)
    else:
        visitor.lab().errands.tend(name, work)


def supersede(key: str, name: str) -> None:
    """The page shows this one: another that the tab had going is not to go on."""
    if (before := st.session_state.get(key, name)) != name:
        give_up(key, before, ())


def give_up(key: str, name: str, runs: Sequence[RunSpec]) -> None:
    """It is not to go on. Of its `runs` those end too that a closed tab has left to finish."""
    st.session_state.pop(key, None)
    lab = visitor.lab()
    lab.errands.drop(name)
    lab.watch(visitor.name(), [run.key for run in runs])
    lab.watch(visitor.name(), [])
