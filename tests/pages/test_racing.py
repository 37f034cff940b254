"""Race everything on the page, without a browser: begun, gone on with by its address, and what it came to is what the library says."""

from __future__ import annotations

from dataclasses import replace
from statistics import median

import pytest
from streamlit.testing.v1 import AppTest

import ef21lab as lab_of
from ef21lab.jobs import errands
from ef21lab.jobs.errands import OWNER
from ef21lab.runs.names import title
from ef21lab.searches import candidates
from ef21lab.searches.words import told
from ef21lab.ui.kit import visitor
from tests.pages.apps import address, opened, until
from tests.pages.conftest import wait_until

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("lab")]

RACE = {"part": "everything", "dataset": "breast_cancer", "partition.contiguous.nodes": "3", "rounds": "40", "least": "0.3"}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """A strength and a step or two of every operator: all of them take minutes."""
    monkeypatch.setattr(candidates, "STRENGTHS", 1)
    monkeypatch.setattr(candidates, "FOLDS", 1)
    monkeypatch.setattr(candidates, "OCTAVES", 1)
    monkeypatch.setattr(candidates, "SLOWEST", 0.001)


def page(**query: str) -> AppTest:
    return opened("sweep", query)


def until_over(app: AppTest) -> AppTest:
    return until(app, "over", lambda app: not any(button.key == "hunt-stop" for button in app.button))


def test_a_race_is_begun_and_comes_to_what_the_library_finds_and_its_address_opens_it_again():
    app = page(**RACE)
    assert not app.dataframe
    begun = app.button(key="hunt-start").click().run()
    table = begun.dataframe[0].value  # from the start, with how far each is
    assert len(table) == 15
    assert any(button.key == "hunt-stop" for button in begun.button) == ("Computed for this rung" in table)
    over = until_over(begun)
    posed = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "rounds": 40}
    found = lab_of.search(posed, 0.3, starts=3)
    shown = over.dataframe[0].value
    assert shown["State"].tolist()[0] == "at ε to the end"
    assert shown["Run"].tolist() == found.frame()["run"].tolist()[: len(shown)]
    costs = found.final.costs[found.final.order[0]]
    assert (shown["Bits to ε"][0], shown["From all starts"][0]) == (f"{median(costs):,.0f}", f"{min(costs):,.0f}\xa0–\xa0{max(costs):,.0f}")
    assert any(told(found).en.split(";")[0] in one.value for one in over.markdown)
    assert any("first three" in str(one.proto) for one in over.get("link_button"))
    again = page(**address(over))
    assert again.dataframe[0].value["Run"].tolist() == shown["Run"].tolist()
    assert not any(button.key in ("hunt-start", "hunt-stop") for button in again.button)


def test_closed_it_goes_on_and_by_its_address_it_is_stopped_with_all_that_the_closed_tab_had_left(lab, monkeypatch):
    monkeypatch.setattr(errands, "ABSENT", 0.2)
    app = page(**{**RACE, "rounds": "4000", "least": "0.000001"})
    app.button(key="hunt-start").click().run()
    assert "goes on with the race for up to 12 hours" in " ".join(one.value for one in app.caption).replace("\xa0", " ")
    lab.leave(app.session_state[visitor.VISITOR])  # the tab is closed

    def fed() -> set[str]:
        known = lab._wishes.visitors.get(OWNER)
        return set(known.shown or ()) if known else set()

    wait_until(fed, "fed by the lab")
    first = fed()
    wait_until(lambda: fed() != first, "a later portion")
    again = page(**address(app))
    again.button(key="hunt-stop").click().run()
    assert "hunt" not in address(again)
    lab.errands.feed()
    assert not lab.going


@pytest.mark.parametrize(("language", "said"), [("en", "None of the candidates can be computed here."), ("ru", "Ни одного кандидата")])
def test_where_the_server_allows_none_the_page_says_so_and_why(lab, monkeypatch, language, said):
    monkeypatch.setattr(lab, "limits", replace(lab.limits, stored_floats=100))
    app = page(**RACE, seed="5", lang=language)
    app.button(key="hunt-start").click().run()
    over = until_over(app)
    assert said in " ".join(one.value for one in over.markdown)
    assert len(over.warning) == 1
    assert "100" in over.warning[0].value


def test_a_race_to_an_accuracy_comes_to_what_the_library_finds():
    app = page(**{**RACE, "held_out": "0.3", "rounds": "20", "least": "0.01"})
    app.selectbox(key="aim").set_value("accuracy").run()
    app.select_slider(key="right").set_value(0.85).run()
    assert (address(app)["aim"], address(app)["right"], address(app)["least"]) == ("accuracy", "0.85", "0.01")
    over = until_over(app.button(key="hunt-start").click().run())
    posed = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "rounds": 20, "held_out": 0.3}
    found = lab_of.search(posed, 0.85, metric="accuracy")
    for language, head in (("en", "accuracy at least"), ("ru", "точность не меньше")):
        again = page(**address(over), lang=language)
        shown, words = again.dataframe[0].value, told(found)(language)
        names = [title(spec)(language) for spec in found.standings[: len(shown)]]
        assert shown.iloc[:, 0].str.replace("\xa0", " ").tolist() == [name.replace("\xa0", " ") for name in names]
        assert head in shown.columns
        assert "ε = 85" in words
        assert any(words.split(";")[0] in one.value for one in again.markdown)
    app = page(**{**address(over), "held_out": "0"})  # without held-out rows there is one way to judge
    assert not any(one.key == "aim" for one in app.selectbox)


def test_another_epsilon_is_another_race_and_waits_to_be_begun():
    begun = page(**RACE, lang="ru").button(key="hunt-start").click().run()
    assert "hunt" in address(begun)
    other = page(**{**address(begun), "least": "0.1"})
    assert [button.label for button in other.button if button.key == "hunt-start"] == ["Начать гонку"]
    assert "hunt" not in address(other)
