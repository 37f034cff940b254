"""A sweep in a browser: cells fill, one leads to its run, a reload keeps all, and so does Russian."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browsers import comes

pytestmark = pytest.mark.browser

GRID = "dataset=breast_cancer&partition.contiguous.nodes=4&rounds=60&race=ab&octaves=3&strengths=2&starts=2&reach=0.1&a.top_k.k=2"
CELLS = "() => (document.querySelector('.stPlotlyChart:has(.hm) .js-plotly-plot')?.data?.[1]?.x ?? []).length"
# Where on the screen a cell of the map is.
AT = """([row, column]) => {
  const plot = document.querySelector(".stPlotlyChart:has(.hm) .js-plotly-plot"), { xaxis, yaxis } = plot._fullLayout;
  plot.scrollIntoView({ block: "center", behavior: "instant" });
  const box = plot.getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.d2p(column), box.top + yaxis._offset + yaxis.d2p(row)];
}"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_small_sweep_is_computed_looked_into_and_outlives_a_reload(visit: Any, server: Any) -> None:
    tab = visit(f"{server.url}/sweep?{GRID}")
    page = tab.page
    page.get_by_role("button", name="Start", exact=True).click()
    tab.wait(f"() => ({CELLS})() > 0")  # cells fill while it goes on
    tab.wait(f"() => ({CELLS})() === 8")
    comes(lambda: not page.get_by_role("button", name="Pause", exact=True).count(), page)
    tab.rest()
    page.mouse.click(*page.evaluate(AT, [1, 2]))
    page.get_by_text("Top-k k=4 ×4", exact=True).wait_for()
    comes(lambda: "cell=a1.2" in page.url, page)
    here = page.url
    page.reload()
    page.get_by_text("Top-k k=4 ×4", exact=True).wait_for()
    tab.wait(f"() => ({CELLS})() === 8")
    assert page.url == here
    tab.rest()
    link = page.get_by_role("link", name="Start 1:").get_attribute("href")
    page.get_by_text("Русский", exact=True).click()
    page.get_by_text("Каждый участник в лучшем виде").wait_for()
    tab.rest()
    assert page.get_by_text(re.compile(r"\d more")).count() == 0  # the menu of pages has room for all
    page.set_viewport_size({"width": 390, "height": 800})
    tab.rest()
    assert page.evaluate(WIDER) == 0
    page.goto(link)
    tab.wait_for_state("done")
    tab.wait_for_label("Top-k k=4 ×4")
    tab.errors[:] = [error for error in tab.errors if "404" not in error]  # Streamlit first asks for itself under the page's own path
