"""What the finished runs of a figure say; kept, for a finished run never changes."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from ef21lab.figures.base import Figure, Outcome, figures
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit import feeding, visitor


def outcome(figure: Figure, facts: Facts, runs: Sequence[RunSpec]) -> Outcome | None:
    """Of runs that are all done; None where some of them have been deleted since, which are then known to be missing."""
    try:
        return outcomes(_given(figure), tuple(run.key for run in runs), figure, facts, runs)
    except LookupError as missing:
        feeding.forget(missing.args[0])
        return None


def runs_of(figure: Figure, facts: Facts) -> tuple[RunSpec, ...]:
    """All its runs, each with its key: the same objects every time. Raises Refusal where it cannot be posed."""
    return _runs(_given(figure), figure, facts)


@st.cache_resource(max_entries=64, show_spinner=False)
def _runs(given: str, _figure: Figure, _facts: Facts) -> tuple[RunSpec, ...]:
    return _figure.runs(_facts)


@st.cache_data(max_entries=64, show_spinner=False)
def outcomes(given: str, keys: tuple[str, ...], _figure: Figure, _facts: Facts, _runs: Sequence[RunSpec]) -> Outcome:
    """Raises LookupError with the keys of those that are not in the record."""
    traces = {run: visitor.lab().trace(key) for run, key in zip(_runs, keys, strict=True)}
    gone = [run.key for run, trace in traces.items() if not len(trace)]
    if gone:
        raise LookupError(gone)
    return _figure.read(_facts, traces)


def _given(figure: Figure) -> str:
    return json.dumps(figures.json(figure), sort_keys=True)
