"""The theory page in a browser: formulas are set, nothing overflows, and the table follows the runs by itself."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SEEDS = itertools.count(5000)
OVERFLOW = "() => Math.max(...[...document.querySelectorAll('[data-testid=stMain], body')].map((e) => e.scrollWidth - e.clientWidth))"
PLOTS = "() => document.querySelectorAll('.js-plotly-plot .gridlayer').length >= 2"
TABLES = "() => document.querySelectorAll('[class*=st-key-table-] table').length === 3"
ROUNDS = "() => document.querySelector('.st-key-table-rounds tbody')?.innerText ?? ''"
# Legend entries and axis titles of a figure that cover each other.
COVERED = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap((plot) => {
  const boxes = [...plot.querySelectorAll('.legendtext, .xtitle, .ytitle, .nsewdrag')].map((node) => node.getBoundingClientRect());
  return boxes.flatMap((one, at) => boxes.slice(at + 1).filter((other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 3
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 3));
}).length"""


@pytest.mark.parametrize("locale", ["en-US", "ru-RU"])
@pytest.mark.parametrize(("size", "theme"), [((1280, 800), "dark"), ((390, 844), "light")])
def test_formulas_are_set_and_nothing_overflows_or_overlaps(
    visit: Any, server: Any, size: tuple[int, int], theme: str, locale: str
) -> None:
    tab = visit(f"{server.url}/theory?race=abcdef&rounds=30&objective=logistic_ridge", size=size, locale=locale, theme=theme)
    tab.wait(TABLES)
    tab.wait(PLOTS)
    tab.wait("() => document.querySelectorAll('.katex-display').length === 4")
    tab.rest()
    assert tab.page.locator(".katex").count() >= 10
    assert tab.page.locator(".katex-error").count() == 0
    assert "$" not in tab.page.inner_text("[data-testid=stMain]")
    assert tab.page.evaluate(OVERFLOW) <= 0
    assert tab.page.evaluate(COVERED) == 0
    if locale == "ru-RU":
        letters = [letter for letter in tab.page.inner_text("[data-testid=stApp]") if letter.isalpha()]
        assert sum("а" <= letter.lower() <= "ё" for letter in letters) > 0.6 * len(letters)
    tab.errors.clear()  # a deep link makes Streamlit look for its own address first, and the browser reports that


def test_the_table_follows_the_runs_by_itself_and_comes_to_rest(visit: Any, server: Any) -> None:
    tab = visit("race=c&rounds=2")
    frames: list[int] = []
    tab.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(len(frame))))
    tab.page.goto(f"{server.url}/theory?race=a&rounds=12000&partition.contiguous.nodes=100&epsilon=1e-6&seed={next(SEEDS)}")
    tab.wait(f"() => ({ROUNDS})().includes('still running')")
    before = tab.page.evaluate(ROUNDS)
    tab.wait(f"(before) => ({ROUNDS})() !== before", before)
    tab.wait(f"() => ({ROUNDS})().includes('not within 12,000 rounds;')")
    assert frames
    for _ in range(12):  # it runs once more at the end
        came = len(frames)
        tab.page.wait_for_timeout(3000)
        if len(frames) == came:
            break
    assert len(frames) == came
    tab.errors.clear()
