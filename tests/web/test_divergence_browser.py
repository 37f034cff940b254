"""A run that diverges, in a real browser: its curve leaves at an arrow, its card says so, and the whole picture shows it whole."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.runs.experiment import start_run
from tests.web.conftest import rows
from tests.web.view import data_of

pytestmark = pytest.mark.browser

DRAWN = """(() => {
  const [line, head] = document.querySelector('.ef21-plot')?.data ?? [];
  return line && { end: [line.x.at(-1), line.y.at(-1)], head: [head.x[0], head.y[0]], symbol: head.marker.symbol, points: line.x.length };
})()"""
CARD = "(document.querySelector('.ef21-card small')?.textContent ?? '')"
TOP = "10 ** document.querySelector('.ef21-plot').layout.yaxis.range[1]"


def diverged(source, factor, last=40, state="done"):
    """A run whose every measure grows by a factor a round."""
    key = source.add({"rounds": last})
    with np.errstate(over="ignore"):
        records = [
            record._replace(loss=size, grad_norm_sq=size, distortion=size)
            for record in rows(0, last, nodes=4, d=12)
            for size in [np.float64(factor) ** np.array([float(record.round)])]
        ]
    source.change(key, records, state)
    return key


@pytest.mark.parametrize("metric", ["grad_norm_sq", "distortion", "gap"])
@pytest.mark.parametrize("log_x", [False, True])
def test_a_diverging_curve_leaves_the_picture_at_an_arrow_and_the_whole_picture_has_it_all(open_view, source, metric, log_x):
    view = open_view(data_of(diverged(source, 10.0), metric=metric, view={"logX": log_x}))
    view.until(f"{DRAWN}?.symbol === 'triangle-up'")
    drawn = view(DRAWN)
    assert drawn["head"] == drawn["end"]
    starts_at = 10.0 if log_x else 1.0  # a log axis has no round 0; f is measured from 0, which it is nowhere below
    assert drawn["end"] == pytest.approx([np.log10(1e4 * starts_at), 1e4 * starts_at], rel=0.01)
    assert view(TOP) == pytest.approx(drawn["head"][1])  # at the very edge
    button = view.page.get_by_role("button", name="Whole picture")
    button.click()
    view.until(f"{DRAWN}.end[1] > 9e39 && {TOP} > 1e40 && {DRAWN}.symbol === 'circle'")
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    view.until(f"{DRAWN}.symbol === 'triangle-up' && {TOP} < 1e10")


def test_a_curve_that_overflows_ends_in_an_arrow_and_its_card_says_that_it_was_given_up(open_view, source):
    view = open_view(data_of(diverged(source, 1e10), language="ru"))
    view.until(f"{CARD}.includes('разошёлся на раунде 40: счёт прекращён')")
    view.page.get_by_role("button", name="Весь график").click()
    view.until(f"{DRAWN}?.end[1] > 9e299 && {TOP} > 1e300")
    assert view(DRAWN)["symbol"] == "triangle-up"  # beyond its last finite value too
    assert view(DRAWN)["head"] == [30, pytest.approx(1e300)]


def test_a_steady_curve_keeps_its_shape_beside_one_that_grows_a_little(open_view, source):
    view = open_view(data_of(diverged(source, 1.2)))  # 1.2⁴⁰ = 1470
    view.until(f"{DRAWN}?.points === 41 && {DRAWN}.symbol === 'circle'")
    view.until(f"{CARD} === 'done, 40 rounds'")


def test_whole_picture_undoes_a_zoom_first_and_is_told_to_the_page(open_view, source):
    view = open_view(data_of(diverged(source, 10.0)))
    view.until(f"{DRAWN}?.symbol === 'triangle-up'")
    view("Plotly.relayout(document.querySelector('.ef21-plot'), {'xaxis.range': [0, 2], 'yaxis.range': [0, 1]})")
    button = view.page.get_by_role("button", name="Whole picture")
    button.click()
    view.until(f"{TOP} > 1e40")
    view.until("sent.some(([kind, name, view]) => name === 'view' && view.whole === true)")
    view("Plotly.relayout(document.querySelector('.ef21-plot'), {'xaxis.range': [0, 2], 'yaxis.range': [0, 1]})")
    button.click()
    view.until(f"{TOP} > 1e40")
    assert button.get_attribute("aria-pressed") == "true", "a zoom is undone first"


def test_the_cursor_tells_what_lies_above_the_picture(open_view, source):
    view = open_view(data_of(diverged(source, 10.0), diverged(source, 1.0, last=39)))
    view.until(f"{DRAWN}?.symbol === 'triangle-up'")
    box = view.page.locator(".ef21-plot .nsewdrag").bounding_box()
    view.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    view.until("document.querySelectorAll('.ef21-chart .ef21-tip-row').length === 2")
    gone, steady = view("[...document.querySelectorAll('.ef21-chart .ef21-tip-row b')].map((b) => b.textContent)")
    assert gone.partition("·")[2] in ("10¹⁹", "10²⁰", "10²¹")  # round 20, give or take
    assert steady == "1"


def test_a_line_of_theory_far_above_enters_at_an_arrow_on_the_edge(open_view, source):
    spec = {"rounds": 30, "step": {"rule": "theory"}, "compressor": {"name": "top_k", "k": 1}}
    key = source.add(spec)
    source.change(key, list(start_run(spec)), "done")
    view = open_view(data_of(key, metric="mean", theory=True, dims=None))
    line = "(document.querySelector('.ef21-plot')?.data ?? []).find(({ line }) => line?.dash === '2px,3px')"
    arrow = "(document.querySelector('.ef21-plot')?.data ?? []).find(({ marker }) => marker?.symbol === 'triangle-up-open')"
    view.until(f"{arrow}?.x.length === 1")
    first, entry = view(f"[{line}.x[0], {line}.y[0]]"), view(f"[{arrow}.x[0], {arrow}.y[0]]")
    assert entry == first
    assert first[0] > 1, "its first point is above the picture"
    assert view(TOP) == pytest.approx(entry[1])
    view.page.get_by_role("button", name="Whole picture").click()
    view.until(f"!{arrow} && {line}.x[0] === 1")
