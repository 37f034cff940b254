"""The page of figures without a browser: computed with one click, kept, stopped and gone on with, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.figures.base import figure, figures
from ef21lab.jobs.lab import the_lab
from tests.pages.apps import opened, until

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]


def page(**query: str) -> AppTest:
    return opened("figures", query)


def claims(app: AppTest) -> list[str]:
    return [one.value for one in app.markdown if "check_circle" in one.value or "cancel" in one.value]


def has(app: AppTest, key: str) -> bool:
    return any(button.key == key for button in app.button)


def test_one_click_computes_a_figure_and_it_is_there_for_everybody_after() -> None:
    app = page(figure="divergence")
    assert app.button(key="figure-compute").label == "Compute 9 runs"
    assert not claims(app)
    app.button(key="figure-compute").click().run()
    until(app, "computed", claims)
    outcome = figure("divergence")
    assert len(claims(app)) == len(outcome.claims)
    for shown, claim in zip(claims(app), outcome.claims, strict=True):
        assert claim.expected.en in shown
        assert claim.measured.en in shown
        assert ("check_circle" in shown) == claim.holds
    russian = page(figure="divergence", lang="ru")
    assert [claim.expected.ru in shown for shown, claim in zip(claims(russian), outcome.claims, strict=True)] == [True, True]
    assert not has(russian, "figure-compute")


def test_what_is_stopped_ends_and_goes_on_from_there() -> None:
    query = {"figure": "step_tolerance", "figure.step_tolerance.rounds": "700"}
    app = page(**query)
    app.button(key="figure-compute").click().run()
    runs = figures.make({"name": "step_tolerance", "rounds": 700}).runs(None)
    until(app, "begun", lambda _: any((status := the_lab().status(run.key)) is not None and status.round >= 0 for run in runs))
    app.button(key="figure-stop").click().run()
    assert not app.exception
    assert not [run for run in runs if (status := the_lab().status(run.key)) is not None and status.state in ("running", "queued")]
    assert has(app, "figure-compute")
    app.button(key="figure-compute").click().run()
    until(app, "computed", claims)
    assert {the_lab().status(run.key).state for run in runs} == {"done"}


def test_a_figure_without_its_data_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EF21LAB_DATA", str(tmp_path))
    monkeypatch.setenv("EF21LAB_CACHE", str(tmp_path))
    absent = figures.make({"name": "talk", "dataset": {"name": "phishing"}}).absence()
    if absent is None:
        pytest.skip("phishing is kept on this machine")
    app = page(**{"figure": "talk", "figure.talk.dataset": "phishing"})
    assert [error.value for error in app.error] == [absent.en]
    assert not has(app, "figure-compute")


def test_an_unknown_figure_is_said_and_the_first_one_stands() -> None:
    app = page(figure="mona_lisa")
    assert "mona" in app.warning[0].value
    assert app.selectbox(key="figure").value == next(iter(figures.members))
