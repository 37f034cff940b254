"""The figures of a grid show its own numbers, mark what failed, and a click says where it was."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from ef21lab.choices.line import Line
from ef21lab.choices.text import multiple, same
from ef21lab.compressors.base import compressors
from ef21lab.plots.bands import BandCurve, banded
from ef21lab.plots.heat import MARKS, HeatMap, heat
from ef21lab.plots.marked import DIVERGED, NEVER, MarkedCurve, marked

INF, NAN = math.inf, math.nan
BITS = np.array([[INF, 4e4, 2e4, INF], [3e4, 1e4, NAN, INF]])
LEFT = np.array([[False, False, False, True], [False, False, False, False]])
MAP = HeatMap([same("k=1"), same("k=2")], [*map(multiple, (1.0, 2.0, 4.0, 8.0))], same("step"), BITS, LEFT)


def curve(name: str, median: list[float], diverged: list[bool]) -> MarkedCurve:
    heights, across = np.array(median), 2.0 ** np.arange(len(median))
    return MarkedCurve(
        same(name),
        across,
        [same(f"×{one:g}") for one in across],
        heights,
        heights / 2,
        heights * 2,
        np.array(diverged),
        Line("#0072B2", "dash"),
    )


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_shows_bits_and_marks_what_failed(language, theme):
    cells, points = heat(MAP, language, theme).data
    shown = np.array(cells.z, dtype=float)
    for row, column in product(range(2), range(4)):
        if math.isfinite(BITS[row, column]):
            assert 10 ** shown[row, column] == pytest.approx(BITS[row, column])
        else:
            assert math.isnan(shown[row, column])
    marks = {tuple(where): mark for where, mark in zip(points.customdata, points.text, strict=True)}
    assert marks == {
        (0, 0): MARKS["never"],
        (0, 1): "",
        (0, 2): "",
        (0, 3): MARKS["diverged"],
        (1, 0): "",
        (1, 1): MARKS["best"],
        (1, 3): MARKS["never"],  # nothing is known of (1, 2)
    }
    assert [(x, y) for x, y in zip(points.x, points.y, strict=True)] == [(column, row) for row, column in points.customdata]


def test_the_fewest_bits_are_furthest_from_the_ground():
    (cells, _) = heat(MAP).data
    assert cells.colorscale[0][1] == "#08306b"
    assert (cells.zmin, cells.zmax) == (pytest.approx(4.0), pytest.approx(math.log10(4e4)))


def test_a_map_of_which_nothing_came_to_epsilon_is_marks_alone():
    cells, points = heat(MAP._replace(bits=np.full((2, 4), INF))).data
    assert not cells.showscale
    assert {*points.text} == {MARKS["never"], MARKS["diverged"]}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_failure_is_marked_above_all_curves_and_said(language):
    one = curve("a", [4e4, 1e4, INF, INF], [False, False, False, True])
    two = curve("b", [INF, 2e4, 3e4, INF], [False, False, False, False])
    figure = marked([one, two], same("step"), same("bits"), language)
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [list(trace.y[:2]) for trace in lines[:1]] == [[4e4, 1e4]]
    assert [np.isnan(trace.y).tolist() for trace in lines] == [[False, False, True, True], [True, False, False, True]]
    marks = [trace for trace in figure.data if trace.mode == "markers" and trace.x[0] is not None]
    assert {(trace.name, trace.marker.symbol, tuple(trace.x)) for trace in marks} == {
        ("a", "x", (8.0,)),
        ("a", "triangle-up-open", (4.0,)),
        ("b", "triangle-up-open", (1.0, 8.0)),
    }
    heights = [height for trace in marks for height in trace.y]
    assert min(heights) > 4e4
    assert len({(x, y) for trace in marks for x, y in zip(trace.x, trace.y, strict=True)}) == 4  # none lies on another
    assert {trace.name for trace in figure.data if trace.x[0] is None} == {DIVERGED(language), NEVER(language)}


def test_the_edges_of_the_bars_are_the_quantiles():
    figure = marked([curve("a", [4e4, 1e4], [False, False])], same("step"), same("bits"))
    line = figure.data[0]
    assert [high + rise for high, rise in zip(line.y, line.error_y.array, strict=True)] == [8e4, 2e4]
    assert [low - fall for low, fall in zip(line.y, line.error_y.arrayminus, strict=True)] == [2e4, 5e3]


@pytest.mark.parametrize(
    ("across", "ticks"),
    [
        ([72.0], ["72"]),
        ([152.0, 296.0, 3585.0], ["200", "500", "1,000", "2,000"]),
        ([40.0, 4e6], ["50", "500", "5,000", "50,000", "500,000", "5,000,000"]),
    ],
)
def test_settings_that_are_no_multiples_have_round_numbers_under_them(across, ticks):
    one = curve("a", [4e4] * len(across), [False] * len(across))._replace(across=np.array(across))
    assert list(marked([one], same("bits a round"), same("bits")).layout.xaxis.ticktext) == ticks


def test_nothing_at_all_is_an_empty_figure():
    assert len(marked([], same("step"), same("bits"), prefix="×").data) == 0


@pytest.mark.parametrize(("most", "kind"), [(4e3, None), (6e4, "log")])
def test_an_axis_on_which_the_thrifty_would_be_an_upright_line_is_logarithmic(most, kind):
    curves = [BandCurve(same(f"{end:g}"), np.array([10.0, end]), np.ones(2), np.ones(2), np.ones(2), 1) for end in (1e3, most)]
    drawn = [compressors.members["top_k"], compressors.members["st_hosvd"]]
    axis = banded(curves, drawn, "grad_norm_sq", "bits_up", (0.25, 0.75)).layout.xaxis
    assert axis.type == kind
    assert axis.title.text.endswith("log scale") is (kind == "log")
