"""Repeats on the experiment page: which runs it asks for, who is the best over all of them, what is taken home, and what is too much."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas
import pytest
from streamlit.testing.v1 import AppTest

import ef21lab as lab
from ef21lab.jobs.lab import Lab
from ef21lab.runs.lanes import run_many
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import standings
from ef21lab.ui.experiment import entries
from tests.pages.conftest import wait_until
from tests.pages.test_experiment import address, page, ran
from tests.web.test_routes import Client

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

ONE = {"race": "a", "rounds": "40", "v": "3", "dataset": "breast_cancer", "partition.contiguous.nodes": "4"}
SEEDS = [(0, 0), (1, 1), (2, 2)]  # of the run and of its start, repeat by repeat


def shown(lab: Lab, app: AppTest) -> list[RunSpec]:
    """The runs that the page shows."""
    keys = lab._wishes.visitors[app.session_state["_visitor"]].shown or ()
    return [lab.spec(key) for key in keys if lab.status(key) is not None]


def done(lab: Lab, app: AppTest) -> AppTest:
    """The page once its runs are over; the grid of steps may have grown meanwhile."""

    def ended() -> bool:
        return all((status := lab.status(run.key)) is not None and status.state == "done" for run in shown(lab, app))

    def over() -> bool:
        before = ended()  # what the page says now was said while some were still going, unless they all had ended before it
        ran(app)
        return before and ended()

    wait_until(over, "all runs are over")
    return app


def table_of(lab: Lab, app: AppTest) -> pandas.DataFrame:
    """All contenders as one CSV, as the page links it."""
    (url,) = {link.proto.url for link in app.get("link_button") if "traces.csv" in link.proto.url}
    parts = urlsplit(url)
    answer = Client(lab).get(f"/api/traces.csv?runs={parse_qs(parts.query)['runs'][0]}")
    return pandas.read_csv(io.StringIO(answer.text))


def test_once_is_the_page_of_one_start(lab: Lab) -> None:
    app = page(**ONE)
    assert {(run.seed, run.start.settings()["seed"]) for run in shown(lab, app)} == {(0, 0)}
    assert "repeats" not in address(app)
    assert app.select_slider(key="repeats").options == ["1", "3", "5", "10"]


def test_a_repeat_moves_every_seed_of_every_step_and_is_in_the_address(lab: Lab) -> None:
    app = page(**ONE)
    steps = len(shown(lab, app))
    app.select_slider(key="repeats").set_value(3)
    runs = shown(lab, ran(app))
    assert sorted((run.seed, run.start.settings()["seed"]) for run in runs) == sorted(SEEDS * steps)
    assert address(app)["repeats"] == "3"
    again = page(**address(app))
    assert {run.key for run in shown(lab, again)} == {run.key for run in runs}


def test_the_best_step_is_that_of_the_median_over_the_repeats(lab: Lab) -> None:
    """Against the library's own runs, computed here: the step in the table to take home is the one whose median needs the fewest bits."""
    app = done(lab, page(**ONE, repeats="3"))
    table = table_of(lab, app)
    assert table.groupby("repeat")["seed"].first().to_dict() == {1: 0, 2: 1, 3: 2}
    assert set(table["contender"]) == {1}
    multiples = sorted({run.json()["step"]["multiple"] for run in shown(lab, app)})
    first = min((run for run in shown(lab, app)), key=lambda run: (run.json()["step"]["multiple"], run.seed))
    document = dict(first.json())
    tried = [run_many(lab_repeats({**document, "step": {"rule": "theory", "multiple": multiple}})) for multiple in multiples]
    epsilon = 1e-4 * tried[0][0]["grad_norm_sq"][0]
    medians = [np.median([trace.bits_to(epsilon) for trace in repeats]) for repeats in tried]
    best = int(np.argmin(medians)) if np.isfinite(min(medians)) else standings(tried, epsilon)[0].place
    assert set(table["step"]) == {f"theory multiple={multiples[best]}"}
    for repeat, trace in enumerate(tried[best], start=1):
        np.testing.assert_array_equal(table[table["repeat"] == repeat]["grad_norm_sq"], trace["grad_norm_sq"])


def lab_repeats(document: dict[str, Any]) -> list[RunSpec]:
    return lab.repeats(document, 3)


@pytest.mark.parametrize(("language", "words"), [("en", "at most 20"), ("ru", "не больше 20")])
def test_what_is_more_than_a_page_shows_does_not_race_and_that_is_said(language: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_RUNS", 20)
    words = words.replace("at most 20", "more than the 20 runs that").replace("не больше 20", "больше, чем 20\u00a0запусков")
    fixed = {f"{letter}.step": "theory" for letter in "abc"}
    app = page(rounds="3", repeats="10", lang=language, v="3", **fixed)
    assert [error.value for error in app.error if words in error.value] == [app.error[0].value]
    assert len(app.error) == 1  # the third; two with ten repeats each do race
    assert page(rounds="3", repeats="3", lang=language, v="3", **fixed).error == []


@pytest.mark.parametrize(("language", "words"), [("en", "2 repeats of 3 for now"), ("ru", "2\u00a0повтора из 3")])
def test_repeats_that_have_no_room_wait_and_that_is_said(language: str, words: str, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A random split is another problem in every repeat, which takes a room of its own."""
    monkeypatch.setattr(lab, "limits", type(lab.limits)(running=2))
    seed = {"en": "40", "ru": "50"}[language]
    asked = {"race": "a", "a.step": "theory", "partition": "shuffled", "rounds": "5000", "seed": seed, "lang": language, "v": "3"}
    app = page(**asked, repeats="3")
    (error,) = app.error
    assert words in error.value
    assert {run.partition.settings()["seed"] for run in shown(lab, app)} == {0, 1}
    lab.watch(app.session_state["_visitor"], [])


def test_from_one_starting_point_repeats_differ_by_what_is_drawn_and_that_is_said() -> None:
    said = [caption.value for caption in page(race="a", rounds="3", start="zeros", repeats="3", v="3").caption]
    assert any("is the same in every repeat" in caption for caption in said)
    assert not any("is the same in every repeat" in caption.value for caption in page(race="a", rounds="3", repeats="3", v="3").caption)


def test_another_number_of_repeats_is_refused_in_words() -> None:
    app = page(race="a", rounds="3", repeats="4", v="3")
    assert any("1, 3, 5, 10" in warning.value for warning in app.warning)
    assert app.select_slider(key="repeats").value == 1
