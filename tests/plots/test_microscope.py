"""Figures of one vector: what is marked lies where it is said to lie."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from ef21lab.compressors.base import compressors
from ef21lab.plots import microscope as figures
from ef21lab.plots.palette import lines

TOP_K = compressors.members["top_k"]
CURVES = [
    figures.DrawnCurve(TOP_K, "Top-k", np.array([100.0, 200.0]), np.array([0.9, 0.5]), (150.0, 0.6)),
    figures.DrawnCurve(compressors.members["st_hosvd"], "A <b>& B", np.array([120.0]), np.array([0.8])),
]


def stars(figure):
    return [trace for trace in figure.data if trace.type == "scatter" and trace.marker.symbol == "star"]


def test_the_best_within_the_budget_is_a_star_in_the_colour_of_its_operator() -> None:
    (star,) = stars(figures.frontier(CURVES, 160.0))
    assert (star.x, star.y) == ((150.0,), (0.6,))
    assert star.marker.color == lines([TOP_K])[0].color


def test_the_names_stand_outside_of_the_plot_and_are_words_alone() -> None:
    assert figures.frontier(CURVES, 160.0).layout.showlegend is False
    seen: list[str] = []
    parser = HTMLParser()
    parser.handle_data = seen.append  # type: ignore[method-assign]
    parser.feed(figures.legend(CURVES))
    parser.close()
    assert "".join(seen) == "Top-kA <b>& B"


def test_every_operator_has_a_swatch_of_its_own() -> None:
    every = [figures.DrawnCurve(one, one.name, np.ones(1), np.ones(1)) for one in compressors.members.values()]
    swatches = re.findall(r"border-image: ([^;]*)", figures.legend(every))
    assert len(set(swatches)) == len(every)


@pytest.mark.parametrize("best", [[2, 3], None])
def test_the_best_ranks_are_starred_in_their_cell(best: list[int] | None) -> None:
    grid = {"first": [1, 2], "second": [1, 3], "error": np.full((2, 2), 0.5), "bits": np.full((2, 2), 9.0), "best": best}
    found = [(star.y[0], star.x[0]) for star in stars(figures.rank_grid(grid, 10.0))]
    assert found == ([] if best is None else [(2, 3)])


@pytest.mark.parametrize(("least", "ticks"), [(0.5, None), (0.07, "D2"), (0.01, "D2"), (1e-3, 1), (1e-9, 2), (0.0, 2)])
def test_numbers_beside_spectra_have_room(least: float, ticks: object) -> None:
    """320 pixels hold at most eight decades, and 1, 2 and 5 where there are one or two."""
    figure = figures.spectra((2, 2), [np.array([2.0, 2.0 * least]), np.array([1.0, 1.0])], None)
    assert figure.layout.yaxis.dtick == ticks


def test_the_word_at_the_budget_stands_at_its_line() -> None:
    figure = figures.frontier(CURVES, 1000.0)
    (line,), (word,) = figure.layout.shapes, figure.layout.annotations
    assert figure.layout.xaxis.type == "log"
    assert (line.x0, line.x1, word.x) == (1000.0, 1000.0, 3.0)  # plotly's annotations lie at the exponent, its lines at the value
