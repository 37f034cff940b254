"""Many runs for one page: a portion at a time, so that a visitor's bound holds and others have their turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from ef21lab.choices.text import Refusal, Text
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit import visitor

HELD_UP = Text("Waiting: {why}", "Ждём: {why}")
SETTLED = "_settled"  # session state: keys of runs that are known to be over


class Progress(NamedTuple):
    """Of some runs: how many are done, why others never will be, and what keeps the rest waiting, where something does."""

    done: int
    all: int
    failed: dict[str, Text]  # by key
    held_up: Text | None = None

    @property
    def over(self) -> bool:
        return self.done + len(self.failed) == self.all


def progress(specs: Sequence[RunSpec]) -> Progress:
    """How far they are; nothing is begun. One that was cancelled is as good as never begun."""
    known: dict[str, Text | None] = st.session_state.setdefault(SETTLED, {})
    for spec in specs:
        status = None if spec.key in known else visitor.lab().status(spec.key)
        if status is not None and status.state in ("done", "failed"):
            known[spec.key] = None if status.state == "done" else status.reason or FAILED
    mine = {spec.key: known[spec.key] for spec in specs if spec.key in known}
    failed = {key: why for key, why in mine.items() if why is not None}
    return Progress(len(mine) - len(failed), len(specs), failed)


def ended_well(spec: RunSpec) -> bool:
    """Whether `progress` has found it done; no question to the record."""
    return st.session_state.get(SETTLED, {}).get(spec.key, FAILED) is None


def feed(specs: Sequence[RunSpec]) -> Progress:
    """Begin as many more as this visitor may have going; those that differ only in step, start and seed stand together in `specs`."""
    now = progress(specs)
    portion = [spec for spec in specs if spec.key not in st.session_state[SETTLED]][: visitor.lab().limits.running]
    try:
        visitor.lab().watch(visitor.name(), [spec.key for spec in portion])
        visitor.lab().submit_many(portion, visitor.name())
    except Refusal as refusal:
        return now._replace(held_up=refusal.text)
    return now


def forget(keys: Sequence[str]) -> None:
    """These are not known to be over any more: they have left the record since."""
    known = st.session_state.get(SETTLED, {})
    for key in keys:
        known.pop(key, None)


def again(specs: Sequence[RunSpec]) -> None:
    """Forget that some of them did not end well, so that they are tried anew; for callbacks."""
    forget(list(progress(specs).failed))


FAILED = Text("the run failed", "запуск не удался")
