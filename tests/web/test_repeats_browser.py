"""Repeats in a real browser: a band as soon as two of them have points, then that of the library; places and a verdict over all of them."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.runs.repeats import repeats
from ef21lab.sweeps.bands import band
from ef21lab.ui.experiment.live_panel import NAMED
from tests.web.test_goal_browser import BOLD, CARDS, VERDICT, record
from tests.web.view import DARK, data_of

pytestmark = pytest.mark.browser

ROWS = 60
FILLED = """(document.querySelector('.ef21-plot')?.data ?? []).flatMap((trace, at, all) => trace.fill === 'tonexty'
  ? [{ color: trace.fillcolor, x: Array.from(trace.x), low: Array.from(all[at - 1].y), high: Array.from(trace.y) }] : [])"""
MEDIAN = """(() => {
  const line = (document.querySelector('.ef21-plot')?.data ?? []).find((trace) => trace.mode === 'lines' && trace.opacity === 1);
  return { x: Array.from(line.x), y: Array.from(line.y) };
})()"""
LINES_ABOVE = """(() => {
  const all = document.querySelector('.ef21-plot').data;
  const last = all.findLastIndex((trace) => trace.fill === 'tonexty');
  return all.findIndex((trace) => trace.mode === 'lines' && trace.opacity === 1) > last;
})()"""


def records(rate: float, upto: int, bits: float):
    return [record(round, rate**round, bits) for round in range(upto + 1)]


def racing(source, **more):
    """Two contenders, each with one step and three repeats; nothing of them is known yet."""
    keys, runs = [], []
    for place, price in (("a", 10.0), ("b", 25.0)):
        for repeat, spec in enumerate(repeats({"rounds": ROWS, "compressor": {"name": "top_k", "k": 3 + (place == "b")}}, 3)):
            keys.append(source.add(spec))
            runs.append({"place": place, "label": place.upper(), "repeat": repeat, "gamma": 1.0, "goal": 0.0, "price": price})
    data = data_of(*keys[:6], axis="bits_up", named={name: {"en": text.en, "ru": text.ru} for name, text in NAMED.items()}, **more)
    for run, own in zip(data["runs"], runs, strict=True):
        run |= {**own, "color": {"a": "#0072B2", "b": "#D55E00"}[own["place"]]}
    return keys, data


def test_a_band_comes_with_the_second_repeat_and_is_in_the_end_that_of_the_library(open_view, source):
    keys, data = racing(source, view={"goal": 0.01})
    source.change(keys[0], records(0.8, 30, 10.0), "running")
    view = open_view(data, theme=DARK)
    view.until("document.querySelector('.ef21-plot')?.data?.some((trace) => trace.mode === 'lines' && trace.x.length === 31)")
    rates = {0: (0.8, 0.7, 0.85), 3: (0.75, 0.8, 0.7)}
    source.change(keys[1], records(0.7, 20, 10.0), "running")
    view.until(f"{FILLED}.some((band) => band.x.length === 21)")  # as far as two of them have come
    assert view(f"{VERDICT}").startswith("The verdict stands here once")
    source.change(keys[0], [record(round, 0.8**round, 10.0) for round in range(31, ROWS + 1)], "done")
    source.change(keys[1], [record(round, 0.7**round, 10.0) for round in range(21, ROWS + 1)], "done")
    source.change(keys[2], records(0.85, ROWS, 10.0), "done")
    for at, rate in enumerate(rates[3]):
        source.change(keys[3 + at], records(rate, ROWS, 25.0), "done")
    view.until(f"({VERDICT}).startsWith('At ε')")
    view.until(f"{FILLED}.length === 2 && {FILLED}.every((band) => band.x.length === {ROWS + 1})")
    expected = band({}, [source.trace(key) for key in keys[:3]], points=None)
    shown, median = view(FILLED)[0], view(MEDIAN)
    assert (shown["x"], shown["low"], shown["high"]) == (expected.x.tolist(), expected.low.tolist(), expected.high.tolist())
    assert (median["x"], median["y"]) == (expected.x.tolist(), expected.median.tolist())
    heights = np.stack([rate ** np.arange(ROWS + 1.0) for rate in rates[0]])
    np.testing.assert_allclose(shown["low"], heights.min(axis=0))  # of three, the quartiles are the least and the greatest
    np.testing.assert_allclose(shown["high"], heights.max(axis=0))
    assert view(BOLD) == ["A", "B"]
    assert view(LINES_ABOVE)
    assert shown["color"].endswith(",0.16)")
    assert not shown["color"].startswith("rgba(0,114,178")  # on a dark page the ink is lighter
    needed = {0: [10 * (1 + next(t for t in range(ROWS) if rate**t <= 0.01)) for rate in rates[0]]}
    needed[3] = [25 * (1 + next(t for t in range(ROWS) if rate**t <= 0.01)) for rate in rates[3]]
    medians = [int(np.median(needed[0])), int(np.median(needed[3]))]
    assert view(CARDS) == [
        ["A", f"1 · {medians[0]} bits a node to ε; 3 of 3 starts come to it"],
        ["B", f"2 · {medians[1]} bits a node to ε, {medians[1] / medians[0]:.3g} times the first; 3 of 3 starts come to it"],
    ]
    factors = [other / own for own, other in zip(needed[0], needed[3], strict=True)]
    assert f"Of 3 starts A leads in 3; the factor lies between {min(factors):.3g} and {max(factors):.3g}." in view(VERDICT)
    told = view("document.querySelector('.ef21-live').innerText")
    assert told.count("median of 3 repeats, band 25–75%") == 2
    assert "line: median over 3 repeats from different starts; band: from the 25% to the 75% quantile" in told
    assert "A, first repeat" in view("document.querySelector('.ef21-errors').textContent")


def test_a_russian_page_names_the_band_and_counts_the_starts(open_view, source):
    keys, data = racing(source, view={"goal": 0.01}, language="ru")
    for at, key in enumerate(keys):
        source.change(key, records(0.7 + 0.02 * at, ROWS, 10.0 if at < 3 else 25.0), "done")
    view = open_view(data, width=390)
    view.until(f"({VERDICT}).includes('Из 3\\u00a0стартов A впереди в 3')")
    assert "медиана 3\u00a0повторов, полоса 25–75\u00a0%" in view("document.querySelector('.ef21-card').textContent")
    assert view("document.documentElement.scrollWidth <= innerWidth")
