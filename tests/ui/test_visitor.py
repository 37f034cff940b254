"""What a tab asks for: runs that may share lanes together, and what is amiss with one of them is not the others' fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit import visitor
from tests.jobs.conftest import HandEngine, spec

SHARED = [spec(step={"rule": "theory", "multiple": multiple}) for multiple in (1.0, 2.0)]
OTHER = spec(compressor="identity")
WRONG = spec(compressor={"name": "top_k", "k": 113})  # of 112
UNSTEPPED = spec(step={"rule": "theory_pl"})  # shares lanes, and its theorem does not hold here


@pytest.fixture
def hand() -> HandEngine:
    return HandEngine()


@pytest.fixture
def lab(hand: HandEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    opened = Lab(Store(tmp_path / "runs.db"), hand)
    monkeypatch.setattr(visitor, "the_lab", lambda: opened)
    yield opened
    opened.close()


def answers(asked: list[RunSpec]) -> list[str]:
    """What a page is told that asks for these."""

    def page(asked):  # type: ignore[no-untyped-def]  # a script of its own
        import streamlit as st

        from ef21lab.ui.kit import visitor

        st.session_state["answers"] = [str(answer) for answer in visitor.submit(asked)]

    app = AppTest.from_function(page, args=(asked,), default_timeout=120).run()
    assert not app.exception
    return list(app.session_state["answers"])


def test_runs_that_may_share_lanes_are_computed_together(lab: Lab, hand: HandEngine) -> None:
    assert answers([SHARED[0], OTHER, SHARED[1]]) == [SHARED[0].key, OTHER.key, SHARED[1].key]
    assert [RunSpec.make(given) for given in hand.next().args[0]] == SHARED


def test_what_is_refused_is_refused_alone(lab: Lab, hand: HandEngine) -> None:
    found = answers([SHARED[0], WRONG, UNSTEPPED, SHARED[1]])
    assert [found[0], found[3]] == [run.key for run in SHARED]
    assert "TopK(k=113)" in found[1]
    assert found[2] != UNSTEPPED.key
    assert [lab.status(run.key) for run in (WRONG, UNSTEPPED)] == [None, None]
