"""The page of finished runs without a browser: found, laid over one another, marked by whose hand, deleted by whose right, brought in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.jobs.catalogue import COMMON, Query
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.marks import Said
from ef21lab.reports.data import Reported
from ef21lab.reports.page import report
from ef21lab.runs.experiment import run
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.ui.runs import carrying, whose

pytestmark = [pytest.mark.engine]

PAGE = Path(__file__).parents[2] / "pages" / "runs.py"
HOSTILE = "![x](http://evil.example) **b** <img src=x onerror=alert(1)> $x^2$ :red[y]"
SPECS = [
    RunSpec.make({"rounds": 12, "partition": {"name": "contiguous", "nodes": 3}, **changes})
    for changes in (
        {"compressor": {"name": "top_k", "k": 3}},
        {"compressor": {"name": "st_hosvd", "ranks": 2}},
        {"compressor": {"name": "identity"}, "dataset": "breast_cancer", "algorithm": "dcgd"},
    )
]
KEYS = [spec.key for spec in SPECS]


@pytest.fixture(scope="module")
def traces() -> list[Trace]:
    return [run(spec) for spec in SPECS]


@pytest.fixture
def full(lab: Lab, traces: list[Trace]) -> Lab:
    """The lab with the runs of SPECS, unmarked, and no others."""
    catalogue = lab.store.catalogue
    lab.store.forget([found.key for found in catalogue.find(Query(), limit=10_000)])
    lab.store.file.write("DELETE FROM marks", ())
    for spec, trace in zip(SPECS, traces, strict=True):
        lab.adopt(spec, trace)
    return lab


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server whose operator has set a token."""
    monkeypatch.setenv("EF21LAB_ADMIN", "open sesame")
    monkeypatch.setattr(whose, "WRONG_TOKEN", 0.0)


def page(**query: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=120)
    app.query_params.update(query)
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception, app.exception
    return app


def rows(app: AppTest) -> list[str]:
    return [box.key.removeprefix("runs.pick.") for box in app.checkbox]


def choose(app: AppTest, *keys: str) -> AppTest:
    for key in keys:
        checked(app.checkbox(key=f"runs.pick.{key}").check().run())
    return app


def press(app: AppTest, label: str) -> AppTest:
    [button] = [button for button in app.button if button.label == label]
    return checked(button.click().run())


def said(app: AppTest) -> str:
    return " ".join(
        str(element.value) for kind in ("error", "info", "warning", "success", "caption", "markdown") for element in app.get(kind)
    )


@pytest.mark.parametrize(("language", "words"), [("en", "No run has finished yet"), ("ru", "Ещё ни один запуск не завершён")])
def test_an_empty_record_says_where_runs_come_from(full: Lab, language: str, words: str) -> None:
    full.store.forget(KEYS)
    app = page(lang=language)
    assert words in said(app)
    assert rows(app) == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_finished_run_is_listed_with_what_it_came_to(full: Lab, traces: list[Trace], language: str) -> None:
    app = page(lang=language)
    assert rows(app) == KEYS[::-1]
    assert f"{traces[0]['bits_up'][-1]:,.0f}".replace(",", "," if language == "en" else "\u202f") in said(app)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"on": "breast_cancer"}, KEYS[2:]),
        ({"of": "ef21"}, KEYS[1::-1]),
        ({"through": "st_hosvd"}, KEYS[1:2]),
        ({"find": "k=3"}, KEYS[:1]),
        ({"find": "Без сжатия"}, KEYS[2:]),
        ({"sort": "oldest"}, KEYS),
        ({"only": "pinned"}, []),
        ({"find": "nothing of that kind"}, []),
    ],
)
def test_a_link_finds_what_its_controls_find(full: Lab, query: dict[str, str], expected: list[str]) -> None:
    app = page(**query)
    assert rows(app) == expected
    address = {key: value[0] if isinstance(value, list) else value for key, value in app.query_params.items()}
    assert {**address, **query} == address
    assert ("No finished run is like that" in said(app)) == (not expected)


def test_controls_write_the_address_and_a_page_beyond_the_last_is_the_last(full: Lab) -> None:
    app = page(page="7")
    assert rows(app) == KEYS[::-1]
    app.selectbox(key="through").select("top_k").run()
    assert rows(app) == KEYS[:1]
    assert "top_k" in str(app.query_params["through"])


def test_chosen_runs_are_laid_over_one_another_and_opened_where_one_page_shows_them(full: Lab) -> None:
    app = choose(page(), *KEYS[:2])
    assert len(app.get("plotly_chart")) == 1
    [opens] = [button for button in app.get("link_button") if "experiment" in button.proto.label]
    assert "race=ab" in opens.proto.url
    choose(app, KEYS[2])
    assert "cannot show them together" in said(app)
    assert len(app.get("download_button")) == 5  # the figure, and the runs in four forms
    press(app, "Choose none")
    assert app.get("plotly_chart") == []


def test_a_chosen_run_that_was_deleted_in_another_tab_is_chosen_no_more(full: Lab) -> None:
    app = choose(page(), *KEYS)
    full.delete(KEYS[:1], COMMON)
    checked(app.run())
    assert rows(app) == KEYS[:0:-1]
    assert "2 runs chosen" in said(app)
    full.delete(KEYS, COMMON)
    checked(app.run())
    assert "No run has finished yet" in said(app)


def test_a_button_of_a_list_that_is_out_of_date_does_no_harm(full: Lab) -> None:
    app = choose(page(), KEYS[0])
    full.delete(KEYS[:1], COMMON)
    press(app, "Pin")
    assert rows(app) == KEYS[:0:-1]


def test_on_a_machine_of_ones_own_marks_are_of_the_record_and_deletes_are_real(full: Lab) -> None:
    app = choose(page(), KEYS[0])
    app.text_input(key=f"runs.tags.{KEYS[0]}").input("lecture, figure 2")
    app.text_area(key=f"runs.note.{KEYS[0]}").input("the best so far")
    press(app, "Keep these words")
    press(app, "Pin")
    assert full.store.marks.of(COMMON, KEYS) == {KEYS[0]: Said(("lecture", "figure 2"), "the best so far", pinned=True)}
    assert rows(page(only="pinned")) == rows(page(tag="figure 2")) == rows(page(find="best so")) == KEYS[:1]
    choose(app, KEYS[1])
    app.text_input(key="runs.tags.several").input("both")
    press(app, "Keep these words")
    assert [full.store.marks.of(COMMON, KEYS)[key].tags for key in KEYS[:2]] == [("lecture", "figure 2", "both"), ("both",)]
    checked(app.button(key="runs.delete").click().run())
    assert rows(app) == KEYS[2:]
    assert "Deleted: 2 runs" in said(app)


def test_what_another_list_holds_is_not_deleted(full: Lab) -> None:
    full.store.marks.put("anna", {KEYS[0]: Said(pinned=True)})
    app = choose(page(), *KEYS[:2])
    checked(app.button(key="runs.delete").click().run())
    assert rows(app) == [KEYS[2], KEYS[0]]
    assert "1 run stays" in said(app)


@pytest.mark.usefixtures("shared")
def test_on_a_shared_server_marks_are_a_visitors_own_and_nothing_is_deleted(full: Lab) -> None:
    full.store.marks.put(COMMON, {KEYS[2]: Said(("ours",))})
    anna, boris = choose(page(), KEYS[0]), choose(page(), KEYS[1])
    for app, tag in ((anna, "hers"), (boris, "his")):
        app.text_input(key=f"runs.tags.{KEYS[0] if app is anna else KEYS[1]}").input(tag)
        press(app, "Keep these words")
    assert "hers" in said(anna)
    assert "his" not in said(anna).replace("this", "")
    assert "ours" in said(anna)
    assert not [button for button in anna.button if button.key == "runs.delete"]
    press(anna, "Put away")
    assert rows(anna) == KEYS[:0:-1]
    assert rows(checked(boris.run())) == KEYS[::-1]
    assert full.status(KEYS[0]).state == "done"
    anna.selectbox(key="only").select("hidden").run()
    press(choose(anna, KEYS[0]), "Bring back")
    anna.selectbox(key="only").select("all").run()
    assert rows(anna) == KEYS[::-1]


@pytest.mark.usefixtures("shared")
def test_the_operators_token_opens_the_record_and_a_wrong_one_does_not(full: Lab) -> None:
    full.store.marks.put("anna", {KEYS[0]: Said(pinned=True)})
    app = choose(page(), KEYS[0])
    for wrong in ("sesame", "open sesamE", "открой"):
        checked(app.text_input(key="operator.token").input(wrong).run())
        assert "not the token" in said(app)
        assert not [button for button in app.button if button.key == "runs.delete"]
    checked(app.text_input(key="operator.token").input("open sesame").run())
    checked(app.button(key="runs.delete").click().run())
    assert rows(app) == KEYS[:0:-1]  # anything, also what a visitor holds


def test_a_server_that_listens_to_others_is_shared(full: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not whose.is_shared()
    monkeypatch.setattr(whose.st, "get_option", lambda name: "0.0.0.0")
    assert whose.is_shared()


def test_too_long_a_tag_is_refused_in_words_and_nothing_is_lost(full: Lab) -> None:
    full.store.marks.put(COMMON, {KEYS[0]: Said(("kept",))})
    app = choose(page(), KEYS[0])
    app.text_input(key=f"runs.tags.{KEYS[0]}").input("x" * 41)
    press(app, "Keep these words")
    assert "at most 40" in said(app)
    assert full.store.marks.of(COMMON, KEYS)[KEYS[0]].tags == ("kept",)


def test_words_of_others_are_shown_as_they_are_written(full: Lab) -> None:
    full.store.marks.put(COMMON, {KEYS[0]: Said((HOSTILE[:40],), HOSTILE)})
    shown = said(page())
    assert r"\!\[x\]\(http\:" in shown
    assert r"\<img src\=x onerror\=alert\(1\)\>" in shown or r"\<img src=x onerror=alert\(1\)\>" in shown
    assert "**b**" not in shown


class File(io.BytesIO):
    name = "report.html"


def test_a_report_is_taken_in_and_a_foreign_page_refused(full: Lab, traces: list[Trace], monkeypatch: pytest.MonkeyPatch) -> None:
    document = report([Reported(spec, trace) for spec, trace in zip(SPECS, traces, strict=True)])
    full.delete(KEYS[:2], COMMON)
    state: dict[str, Any] = {carrying.FILE: File(document.encode())}
    monkeypatch.setattr(carrying.st, "session_state", state)
    carrying._take()  # noqa: SLF001 - a test has no way to upload
    assert state["_runs.done"].en == "Taken in: 2 runs; here already: 1."
    assert {found.key for found in full.store.catalogue.find(Query())} == {*KEYS}
    for content in (b"<html></html>", b"\xff\xfe", document.replace('"sha256": "', '"sha256": "0').encode()):
        state.pop("_runs.trouble", None)
        state[carrying.FILE] = File(content)
        carrying._take()  # noqa: SLF001
        assert "report.html" in state["_runs.trouble"].en


def test_runs_of_an_earlier_version_are_listed_and_said_to_be_so(full: Lab) -> None:
    full.store.file.connection.execute("UPDATE catalogue SET key = ? WHERE key = ?", ("0" * 24, KEYS[0]))
    for table in ("runs", "chunks", "points"):
        full.store.file.connection.execute(f"UPDATE {table} SET key = ? WHERE key = ?", ("0" * 24, KEYS[0]))
    app = page()
    assert "of an earlier version" in said(app)
    choose(app, "0" * 24)
    assert "computed by an earlier version" in said(app)
