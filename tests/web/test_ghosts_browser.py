"""The curve that was, in a real browser: faint beside the new one, named under the pointer, and in nothing that is taken home."""

from __future__ import annotations

import pytest

from tests.web.conftest import added, rows
from tests.web.view import POINTS, data_of

pytestmark = pytest.mark.browser

LINES = """(document.querySelector('.ef21-plot')?.data ?? []).filter(({ mode }) => mode === 'lines')
  .map(({ name, opacity, x }) => [name, opacity === 1 ? 'curve' : 'ghost', x.length])"""
GHOSTS = f"({LINES}).filter(([, kind]) => kind === 'ghost').length"


def superseded(open_view, source):
    """A view whose contender had ten rounds, and now another run that goes on."""
    first, second = added(source, 0, 9, "done"), source.add({"rounds": 50})
    view = open_view(data_of(first))
    view.until(f"{POINTS} === 10")
    data = data_of(second)
    data["runs"][0]["label"] = "Run 2"
    view.page.evaluate("(data) => window.show(data)", data)
    source.change(second, rows(0, 3, nodes=4, d=12), "running")
    view.until(f'JSON.stringify({LINES}) === \'[["Run 1","ghost",10],["Run 2","curve",4]]\'')
    return view, second


def test_a_ghost_stays_while_the_new_run_goes_on_and_leaves_after_its_end(open_view, source):
    view, second = superseded(open_view, source)
    source.change(second, rows(4, 6, nodes=4, d=12))
    view.until(f"({LINES})[1]?.[2] === 7")
    assert view(GHOSTS) == 1
    source.change(second, rows(7, 9, nodes=4, d=12), "done")
    view.until(f"({LINES})[1]?.[2] === 10 && {GHOSTS} === 1")  # it outlives the end by some seconds
    view.until(f"{GHOSTS} === 0")


def test_a_ghost_has_its_name_under_the_pointer_and_no_card(open_view, source):
    view, _ = superseded(open_view, source)
    assert view("[...document.querySelectorAll('.ef21-card b')].map((b) => b.textContent)") == ["Run 2"]
    box = view.page.locator(".ef21-plot .nsewdrag").bounding_box()
    view.page.mouse.move(box["x"] + box["width"] / 5, box["y"] + 40)
    view.until("document.querySelectorAll('.ef21-chart .ef21-tip-row').length === 2")
    assert view("[...document.querySelectorAll('.ef21-chart .ef21-tip-row span')].map((s) => s.textContent)") == ["Run 2", "before: Run 1"]


def test_a_ghost_is_not_taken_home(open_view, source, tmp_path):
    view, _ = superseded(open_view, source)
    with view.page.expect_download() as download:
        view.page.get_by_role("button", name="Save the figure as SVG").click()
    download.value.save_as(tmp_path / "figure.svg")
    figure = (tmp_path / "figure.svg").read_text()
    assert "Run 2" in figure
    assert "Run 1" not in figure
    assert figure.count('class="trace scatter') == 1
