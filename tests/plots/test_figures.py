"""What the exported figures promise: they show the trace's own numbers, say their units, and leave out what a log axis cannot show."""

import itertools

import numpy as np
import pytest

from ef21lab.compressors.base import compressors
from ef21lab.plots.figures import AXES, METRICS, convergence, curves
from ef21lab.plots.palette import lines
from ef21lab.runs.trace import Trace


def trace(loss, grad=(4.0, 2.0, 1.0)):
    rounds = np.arange(len(loss))
    columns = {"round": rounds, "loss": np.array(loss), "grad_norm_sq": np.array(grad), "distortion": np.array(grad) / 2}
    spent = dict.fromkeys(("bits_up", "floats_up", "bits_down", "seconds"), 10.0 * (rounds + 1))
    return Trace({**columns, **spent}, np.array([[0.25, np.nan], [0.0, 1.0], [0.64, 0.36]]))


def test_a_curve_shows_the_numbers_of_its_trace():
    (points,) = curves([trace([3.0, 2.0, 1.5])], "grad_norm_sq", "floats_up")
    assert (points.x.tolist(), points.y.tolist()) == ([10, 20, 30], [4, 2, 1])


def test_the_gap_is_measured_from_the_number_that_is_given_and_not_from_the_winner():
    first, second = curves([trace([3.0, 2.0, 1.0]), trace([3.0, 2.5, 2.0])], "gap", "round", lowest=0.75)
    assert (first.y.tolist(), second.y.tolist()) == ([2.25, 1.25, 0.25], [2.25, 1.75, 1.25])


def test_a_run_that_diverges_does_not_flatten_the_others():
    wild, calm = curves([trace([1.0, 1e100, np.inf], (4.0, 1e100, np.inf)), trace([1.0, 0.5, 0.2])], "grad_norm_sq", "round")
    assert (wild.y.tolist(), calm.y.tolist()) == ([4], [4, 2, 1])


@pytest.mark.parametrize(("metric", "axis", "language"), list(itertools.product(METRICS, AXES, ["en", "ru"])))
def test_axes_say_what_they_show_and_that_the_scale_is_logarithmic(metric, axis, language):
    figure = convergence([trace([3.0, 2.0, 1.0])], ["a"], lines([compressors.members["top_k"]]), metric, axis, language)
    assert figure.layout.xaxis.title.text == AXES[axis](language)
    assert METRICS[metric](language) in figure.layout.yaxis.title.text
    assert {"en": "log scale", "ru": "логарифмическая"}[language] in figure.layout.yaxis.title.text
    assert figure.layout.yaxis.type == "log"


def test_the_legend_stands_above_the_plot():
    assert convergence([trace([3.0, 2.0, 1.0])], ["a"], lines([compressors.members["top_k"]])).layout.legend.y > 1
