"""What the data page's figures promise: they show the survey's own numbers, in both languages, for one node and for five hundred."""

import itertools

import numpy as np
import pytest

from ef21lab.choices.markup import plotly
from ef21lab.plots import data as figures
from ef21lab.runs.survey import Data, Shares, SmoothnessLevels

TEXTS = list(itertools.product(["en", "ru"], ["light", "dark"]))


def classes(count: int) -> Data:
    images = np.arange(count * 2 * 3 * 2, dtype=np.float32).reshape(count, 2, 3, 2)
    return Data(60, 6, 0.5, False, tuple(f"c{place}" for place in range(count)), np.arange(1, count + 1), np.empty(0), (), images)


def shares(nodes: int, count: int) -> Shares:
    counts = np.arange(1, nodes * count + 1).reshape(nodes, count)
    return Shares(counts.sum(axis=1), counts, np.empty((nodes, 0)))


def test_a_cell_is_the_share_of_a_class_in_a_nodes_rows():
    given = shares(3, 2)
    cells = np.array(figures.label_shares(classes(2), given).data[0].z)
    for node, place in itertools.product(range(3), range(2)):
        assert cells[place, node] == pytest.approx(100 * given.counts[node, place] / given.sizes[node])


@pytest.mark.parametrize("nodes", [1, 20, 500])
def test_a_bar_for_every_node_and_a_line_for_each_mean(nodes):
    levels = SmoothnessLevels(1.0, 2.0, 2.5, np.linspace(1, 3, nodes))
    bars, *lines = figures.smoothness(levels).data
    assert np.array_equal(bars.y, levels.of_nodes)
    assert [(line.name, *line.y) for line in lines] == [("L = 1", 1, 1), ("L̄ = 2", 2, 2), ("L̃ = 2.5", 2.5, 2.5)]
    assert all(line.x[0] < 0 and line.x[-1] > nodes - 1 for line in lines)
    assert len(figures.sizes(shares(nodes, 2)).data[0].y) == nodes


def test_boxes_are_the_quartiles_of_their_node():
    quartiles = np.array([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]])
    box = figures.target_quartiles(Shares(np.array([5, 5]), np.empty((2, 0)), quartiles)).data[0]
    for place, part in enumerate((box.lowerfence, box.q1, box.median, box.q3, box.upperfence)):
        assert list(part) == list(quartiles[:, place])


def test_a_hundred_classes_are_thinned_in_their_names_alone():
    figure = figures.label_counts(classes(100))
    assert len(figure.data[0].y) == 100
    assert len(figure.layout.xaxis.ticktext) <= 40
    assert len(figures.label_shares(classes(100), shares(4, 100)).layout.yaxis.ticktext) <= 20


@pytest.mark.parametrize(("language", "theme"), TEXTS)
def test_every_axis_is_titled_in_both_languages(language, theme):
    drawn = [
        figures.label_counts(classes(3), language, theme),
        figures.label_shares(classes(3), shares(4, 3), language, theme),
        figures.sizes(shares(4, 3), language, theme),
        figures.smoothness(SmoothnessLevels(1.0, 2.0, 2.5, np.ones(4)), language, theme),
        figures.apart(np.ones(4), language, theme),
    ]
    for figure in drawn:
        titles = figure.layout.xaxis.title.text + figure.layout.yaxis.title.text
        assert figure.layout.xaxis.title.text
        assert figure.layout.yaxis.title.text
        assert any("а" <= letter <= "я" for letter in titles) == (language == "ru")


def test_a_visitors_word_is_no_markup():
    assert plotly("<a href='x'>&amp;") == "&lt;a href='x'&gt;&amp;amp;"
