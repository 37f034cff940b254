"""The page of finished runs in a browser: what has just ended is there, is drawn, tagged, taken home, and opened as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ef21lab
from ef21lab.address.links import specs
from ef21lab.reports.read import runs_in
from tests.browsers import at_leisure, comes

from .conftest import served

pytestmark = pytest.mark.browser

HOSTILE = "![x](http://evil.example/p.png) <img src=http://evil.example/q>"
FOUND = "(count) => document.querySelectorAll('[data-testid=stCheckbox]').length === count"


def test_a_run_of_the_experiment_page_is_found_marked_taken_home_and_opened_again(visit: Any, server: Any, tmp_path: Path) -> None:
    tab = visit("rounds=7&race=ab&seed=4321&axis=bits_up")
    tab.wait_for_state("done")
    tab.wait("() => [...document.querySelectorAll('.ef21-card')].every((card) => card.dataset.state === 'done')")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.get_by_role("link", name="Runs", exact=True).first.click()
    tab.page.get_by_label("Search", exact=True).fill("seed=4321")
    tab.page.get_by_label("Search", exact=True).press("Enter")
    tab.wait(FOUND, 2)
    for place in (0, 1):
        tab.page.locator("[data-testid=stCheckbox] label").nth(place).click()
        tab.wait("(n) => document.body.innerText.includes(`${n + 1} run`) && document.body.innerText.includes('chosen')", place)
    tab.wait("() => document.querySelectorAll('.js-plotly-plot .scatterlayer .trace').length === 2")
    tab.page.get_by_label("Tags to add to each, between commas", exact=True).fill(HOSTILE[:38])
    tab.page.get_by_role("button", name="Keep these words").click()
    tab.wait("() => document.querySelectorAll('[data-testid=stCaptionContainer]').length && document.body.innerText.includes('![x](http')")
    with tab.page.expect_download() as taken:
        tab.page.get_by_role("button", name="Report", exact=True).click()
    taken.value.save_as(tmp_path / "report.html")
    found = runs_in((tmp_path / "report.html").read_text(encoding="utf-8"))
    with tab.page.expect_download() as taken:
        tab.page.get_by_role("button", name="Figure", exact=True).click()
    taken.value.save_as(tmp_path / "figure.html")
    figure = at_leisure(tab.page.context.new_page())
    figure.goto((tmp_path / "figure.html").as_uri())
    comes(lambda: figure.locator(".scatterlayer .trace").count() == 2, figure)
    for kind, beginning in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with figure.expect_download() as saved:
            figure.get_by_role("button", name=kind, exact=True).click()
        saved.value.save_as(tmp_path / kind)
        assert (tmp_path / kind).read_bytes().startswith(beginning)
    figure.close()
    link = tab.page.get_by_role("link", name="Open on the experiment page").get_attribute("href")
    assert {run.spec.key for run in found} == {spec.key for spec in specs(link)} == set(tab.keys)
    assert [url for url in asked if "evil" in url] == []


def test_a_visitors_marks_on_a_shared_server_outlive_a_reload(browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser keeps the name of their list; another browser has another."""
    monkeypatch.setenv("EF21LAB_ADMIN", "open sesame")
    ef21lab.run({"rounds": 5}, store=tmp_path)
    with served(tmp_path) as shared:
        contexts = [browser.new_context(locale="en-US") for _ in range(2)]
        anna, boris = (at_leisure(context.new_page()) for context in contexts)
        for page in (anna, boris):
            page.goto(f"{shared.url}/runs")
            page.locator("[data-testid=stCheckbox] label").click()
        anna.get_by_label("Tags, between commas", exact=True).fill("hers")
        anna.get_by_role("button", name="Keep these words").click()
        for _ in range(2):
            anna.locator("[data-testid=stCaptionContainer]", has_text="hers").wait_for()
            anna.reload()
        boris.reload()
        boris.locator("[data-testid=stCheckbox] label").wait_for()
        assert boris.locator("[data-testid=stCaptionContainer]", has_text="hers").count() == 0
        for context in contexts:
            context.close()
