"""The visitor of this browser tab: what they asked the lab for, in words the lab understands."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import streamlit as st

from ef21lab.choices.text import Refusal
from ef21lab.jobs.admission import NoRoom
from ef21lab.jobs.lab import Lab, the_lab
from ef21lab.jobs.wishes import Wish
from ef21lab.problems.base import Facts
from ef21lab.runs.lanes import groups
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.survey import Survey

VISITOR = "_visitor"  # session state: this tab's name


def lab() -> Lab:
    """The lab of this server."""
    return the_lab()


def name() -> str:
    """This tab's name, the same until it is closed or reloaded; then the lab learns that its visitor has left."""
    return _present(str(st.session_state.setdefault(VISITOR, secrets.token_hex(8))))


@st.cache_resource(scope="session", show_spinner=False, on_release=lambda name: lab().leave(name))
def _present(name: str) -> str:
    """Held while the tab is connected."""
    return name


def facts(run: RunSpec) -> Facts:
    """What theory needs of the run's problem; computed by a worker once. Raises Refusal where it cannot be posed."""
    return lab().facts(run, owner=name())


def survey(run: RunSpec) -> Survey:
    """What there is to see of the run's data; computed by a worker once. Raises Refusal where they cannot be had."""
    return lab().survey(run, owner=name())


def submit(specs: Sequence[RunSpec]) -> list[str | Refusal]:
    """Ask for these runs and give up those this tab no longer shows; for each its key, or why it was refused."""
    lab().watch(name(), [spec.key for spec in specs])  # first, so that what is no longer shown makes room
    found: dict[int, str | Refusal] = {}
    for places in groups(specs):  # what may share lanes is computed together
        found |= zip(places, _submitted([specs[place] for place in places]), strict=True)
    return [found[place] for place in range(len(specs))]


def is_settled(key: str) -> bool:
    """Whether the run is over, so that nothing more will come of it."""
    status = lab().status(key)
    return status is not None and status.state in ("done", "failed", "cancelled")


def wish(key: str) -> Wish:
    """What this tab wants of a run that it shows."""
    return lab().wish(key, name())


def is_done(key: str) -> bool:
    """Whether the run has come to its end, and its record is whole."""
    status = lab().status(key)
    return status is not None and status.state == "done"


def _submitted(together: Sequence[RunSpec]) -> Sequence[str | Refusal]:
    """For each its key, or the refusal: what is amiss with one of them is not the others' fault, and there is room for all or none."""
    try:
        return lab().submit_many(together, name())
    except NoRoom as refusal:
        return [refusal] * len(together)
    except Refusal as refusal:
        return [refusal] if len(together) == 1 else [answer for spec in together for answer in _submitted([spec])]
