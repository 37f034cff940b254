"""The page of figures without a browser: computed with one click, kept, stopped and gone on with, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.choices.text import multiple, same
from ef21lab.figures.base import figure, figures
from ef21lab.jobs.lab import the_lab
from ef21lab.ui.figures.reading import outcomes
from tests.pages.apps import opened, ran, until

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


SMALL = {"figure": "talk", **{f"figure.talk.{name}": value for name, value in (("rounds", "20"), ("beginnings", "1"), ("per_octave", "1"))}}


def offered(app: AppTest) -> dict[str, str]:
    """What may be computed of the overview: the keys of its buttons by the names of the cases."""
    return {button.label.partition(":")[0]: button.key for button in app.button if button.key.startswith("figure-compute-")}


def row(app: AppTest, case: str) -> str:
    """The row of the overview's table; nothing where there is no table."""
    lines = [line for one in app.markdown if one.value.startswith("| ") for line in one.value.splitlines()]
    return next((line for line in lines if line.startswith((f"| {case}", f"| **{case}**"))), "")


def test_a_case_of_the_overview_is_computed_with_a_click_and_stands_in_its_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EF21LAB_DATA", str(tmp_path))
    monkeypatch.setenv("EF21LAB_CACHE", str(tmp_path))
    app = until(page(**SMALL), "looked at", lambda app: len(offered(app)) == 5)
    assert set(offered(app)) == {"All of them", *(f"{name}, ranks {ranks}" for name in ("Mushrooms", "Digits") for ranks in (1, 2))}
    app.button(key=offered(app)["Digits, ranks 2"]).click().run()
    assert next(box for box in app.selectbox if box.label == "Dataset").value == "digits"
    until(app, "computed", lambda app: "Digits, ranks 2" not in offered(app))
    factors = figure({"name": "talk", "dataset": "digits", "ranks": 2, "rounds": 20, "beginnings": 1, "per_octave": 1}).compared.factors
    english, russian = row(app, "Digits, ranks 2"), row(page(**SMALL, lang="ru"), "Цифры, ранги 2")
    for one in factors:
        assert (multiple(one.middle) + same(" ") + one.sign).en in english
        assert (multiple(one.middle) + same(" ") + one.sign).ru in russian
    one = figures.make({"name": "talk", "dataset": "digits", "ranks": 2, "rounds": 20, "beginnings": 1, "per_octave": 1})
    last = one.runs(the_lab().facts(one.problem()))[-1]
    outcomes.clear()  # as on a server that has begun anew
    the_lab().delete([last.key], "", anything=True)
    assert "Digits, ranks 2: 1 run," in next(button.label for button in ran(app).button if button.label.startswith("Digits, ranks 2"))


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
