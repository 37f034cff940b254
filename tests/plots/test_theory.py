"""What the figures of the theorems promise: they draw the papers' formulas, and a contender stands where its α and its steps are."""

import itertools
import math

import numpy as np
import pytest

from ef21lab.compressors.base import compressors
from ef21lab.plots.palette import lines
from ef21lab.plots.theory import Mark, StepConstants, contraction, steps

TOP_K, TUCKER = lines([compressors.members["top_k"], compressors.members["st_hosvd"]])
PROBLEM = StepConstants(L=2.0, L_tilde=3.0, L_bar=2.5, mu=0.05, L_max=4.0, common_mu=0.01)
MARKS = [Mark("Top-k ×32", 1 / 28, 0.01, 0.32, TOP_K), Mark("ST-HOSVD", 1 / 8, 0.05, 0.05, TUCKER)]


def lines(figure):
    return [trace for trace in figure.data if trace.mode == "lines"]


def markers(figure):
    return [trace for trace in figure.data if trace.mode == "markers"]


def test_theta_and_beta_are_those_of_lemma_3():
    theta, beta = lines(contraction(MARKS))
    for alpha, drawn_theta, drawn_beta in zip(theta.x[::20], theta.y[::20], beta.y[::20], strict=True):
        assert drawn_theta == pytest.approx(1 - math.sqrt(1 - alpha), rel=1e-9)
        assert drawn_beta == pytest.approx((1 - alpha) / (1 - math.sqrt(1 - alpha)), rel=1e-9)


def test_a_compressor_that_loses_nothing_but_rounding_does_not_stretch_the_axis():
    whole = Mark("No compression", 1 - 2**-50, 0.3, 0.3, TOP_K)
    marked = markers(contraction([*MARKS, whole]))
    assert [list(trace.x) for trace in marked] == [[mark.alpha] * 2 for mark in (*MARKS, whole)]
    heights = [height for trace in marked for height in trace.y if height is not None]
    assert min(heights) > 1e-5
    assert marked[-1].y[0] == pytest.approx(1, rel=1e-6)


def test_the_steps_are_those_of_the_theorems_in_units_of_1_over_l():
    L, L_tilde, L_bar, mu, L_max, common_mu = PROBLEM
    first, arithmetic, polyak, exact = lines(steps(PROBLEM, MARKS))
    for place in range(0, len(first.x), 20):
        alpha = first.x[place]
        theta, beta = 1 - math.sqrt(1 - alpha), (1 - alpha) / (1 - math.sqrt(1 - alpha))
        assert first.y[place] == pytest.approx(L / (L + L_tilde * math.sqrt(beta / theta)), rel=1e-9)
        assert arithmetic.y[place] == pytest.approx(L / (L + L_bar * math.sqrt(beta / theta)), rel=1e-9)
        rate = min(1 / (L + L_tilde * math.sqrt(2 * beta / theta)), theta / (2 * mu))
        assert polyak.y[place] == pytest.approx(L * rate, rel=1e-9)
        s = math.sqrt(1 - alpha)
        assert exact.y[place] == pytest.approx(L * 2 / (L_max + common_mu) * (1 - s) / (1 + s), rel=1e-9)


def test_without_mu_no_linear_rate_is_drawn():
    assert len(lines(steps(PROBLEM._replace(mu=None, common_mu=None), MARKS))) == 2


def test_a_contender_stands_at_its_alpha_in_its_colour_on_both_curves():
    for mark, drawn in zip(MARKS, markers(contraction(MARKS)), strict=True):
        theta = 1 - math.sqrt(1 - mark.alpha)
        np.testing.assert_allclose((drawn.x, drawn.y), ([mark.alpha] * 2, [theta, (1 - mark.alpha) / theta]), rtol=1e-12)
        assert drawn.marker.color == mark.line.color
        assert drawn.name == mark.label


def test_the_theorems_step_is_a_full_marker_and_another_step_of_the_run_is_a_ring():
    full, ring, alone = markers(steps(PROBLEM, MARKS))
    assert (full.x[0], full.y[0], full.marker.symbol) == (1 / 28, 0.01 * 2.0, "circle")
    assert (ring.x[0], ring.y[0], ring.marker.symbol) == (1 / 28, 0.32 * 2.0, "circle-open")
    assert (alone.y[0], alone.marker.symbol, alone.marker.color) == (0.05 * 2.0, "square", TUCKER.color)


def test_a_method_without_a_theorem_has_only_the_ring_of_its_run_and_is_in_the_legend():
    [ring] = markers(steps(PROBLEM, [MARKS[0]._replace(gamma=None)]))
    assert ring.marker.symbol == "circle-open"
    assert ring.showlegend


def test_the_weakest_contender_is_in_the_picture():
    weak = MARKS[0]._replace(alpha=1e-6)
    assert min(lines(contraction([weak]))[0].x) < 1e-6
    assert min(lines(steps(PROBLEM, [weak]))[0].x) < 1e-6


def test_six_contenders_are_told_apart_in_grey():
    marks = [MARKS[0]._replace(label=str(place)) for place in range(6)]
    assert len({drawn.marker.symbol for drawn in markers(contraction(marks))}) == 6


@pytest.mark.parametrize(("language", "theme"), list(itertools.product(["en", "ru"], ["light", "dark"])))
def test_both_axes_say_that_they_are_logarithmic(language, theme):
    for figure in (contraction(MARKS, language, theme), steps(PROBLEM, MARKS, language, theme)):
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert axis.type == "log"
            assert {"en": "log scale", "ru": "логарифмическая"}[language] in axis.title.text


def test_the_word_at_the_step_of_gradient_descent_stands_at_its_line():
    figure = steps(PROBLEM, MARKS)
    (line,), (word,) = figure.layout.shapes, figure.layout.annotations
    assert (word.text, figure.layout.yaxis.type) == ("1/L", "log")
    assert (line.y0, line.y1) == (1.0, 1.0)
    assert word.y == math.log10(line.y0)  # plotly's annotations lie at the exponent, its lines at the value
