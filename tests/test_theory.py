"""The formulas against the papers' other ways of writing them."""

import math

import numpy as np
import pytest

from ef21lab import theory

ALPHAS = [1e-12, 1e-6, 1 / 112, 0.1, 0.5, 1 - 1e-9, 1.0]


@pytest.mark.parametrize("alpha", ALPHAS[2:5])
def test_theta_and_beta_are_those_of_the_best_s_in_lemma_3(alpha):
    """θ(s) = 1 − (1 − α)(1 + s), β(s) = (1 − α)(1 + 1/s); s = 1/√(1 − α) − 1 makes β/θ least."""
    s = np.linspace(1e-6, alpha / (1 - alpha), 1_000_001)[:-1]
    ratio = (1 - alpha) * (1 + 1 / s) / (1 - (1 - alpha) * (1 + s))
    best = s[np.argmin(ratio)]
    assert theory.theta(alpha) == pytest.approx(1 - (1 - alpha) * (1 + best), rel=1e-3)
    assert theory.beta(alpha) == pytest.approx((1 - alpha) * (1 + 1 / best), rel=1e-3)
    assert theory.root_beta_over_theta(alpha) ** 2 == pytest.approx(ratio.min(), rel=1e-9)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_small_alpha_keeps_its_digits(alpha):
    assert theory.theta(alpha) == pytest.approx(-math.expm1(0.5 * math.log1p(-alpha)) if alpha < 1 else 1.0, rel=1e-12)
    assert theory.root_beta_over_theta(alpha) == pytest.approx(math.sqrt(theory.beta(alpha) / theory.theta(alpha)), rel=1e-12)


def test_without_compression_the_step_is_that_of_gradient_descent():
    assert theory.ef21_step(3.0, 5.0, 1.0) == theory.gd_step(3.0) == 1 / 3


def test_the_quadratic_mean_lies_above_the_arithmetic_one():
    assert theory.quadratic_mean(np.array([1.0, 7.0])) == pytest.approx(5.0)


def test_the_guarantee_falls_like_one_over_the_rounds():
    bound = theory.ef21_guarantee(gap=2.0, distortion=3.0, gamma=0.5, alpha=0.75, rounds=np.array([1, 10]))
    assert bound == pytest.approx([2 * 2 / 0.5 + 3 / 0.5, (2 * 2 / 0.5 + 3 / 0.5) / 10])


def test_the_arithmetic_mean_is_between_the_least_and_the_quadratic_mean():
    smoothness = np.array([1.0, 2.0, 9.0])
    assert smoothness.min() <= theory.arithmetic_mean(smoothness) == 4.0 <= theory.quadratic_mean(smoothness)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_step_with_a_rate_is_the_shorter_of_the_two_of_theorem_2(alpha):
    """β/θ = (1 − α)/(1 − √(1 − α))², written out."""
    theta = -math.expm1(0.5 * math.log1p(-alpha)) if alpha < 1 else 1.0
    first = 1 / (3.0 + 5.0 * math.sqrt(2 * (1 - alpha)) / theta)
    for mu in (1e-9, 0.01, 2.9):
        assert theory.ef21_pl_step(3.0, 5.0, alpha, mu) == pytest.approx(min(first, theta / (2 * mu)), rel=1e-9)


def test_the_rate_is_one_factor_a_round():
    line = theory.pl_rate(7.0, 0.5, 0.2, np.arange(5))
    assert line[0] == 7.0
    assert line[1:] / line[:-1] == pytest.approx(0.9)


def test_the_two_potentials_differ_by_half_of_the_distortion():
    gap, distortion = np.array([1.0, 2.0]), np.array([3.0, 0.0])
    whole, half = theory.pl_potential(gap, distortion, 0.1, 0.75), gap + 0.1 / (2 * theory.theta(0.75)) * distortion
    assert whole == pytest.approx([1.0 + 0.1 / 0.5 * 3.0, 2.0])
    assert whole - half == pytest.approx(half - gap)


def test_where_nothing_is_lost_nothing_of_the_distortion_stays():
    assert theory.next_distortion(np.array(4.0), np.array(9.0), 2.0, 1.0) == 0.0


@pytest.mark.parametrize("scale", [5e-324, 1e-200, 1.0, 1e200])
def test_the_quadratic_mean_of_any_numbers_is_their_length_over_root_n(scale):
    """math.hypot scales by itself, so no square is lost."""
    smoothness = np.array([1.0, 3.0, 4.0]) * scale
    assert theory.quadratic_mean(smoothness) == pytest.approx(math.hypot(*smoothness) / math.sqrt(3), rel=1e-12, abs=5e-324)


def test_the_quadratic_mean_keeps_every_digit_of_the_plain_formula():
    for smoothness in np.random.default_rng(0).lognormal(0.0, 5.0, (500, 7)):
        assert theory.quadratic_mean(smoothness) == np.sqrt(np.mean(smoothness**2))


STEPS_OF_ALPHA = {
    "ef21": lambda L, alpha: theory.ef21_step(L, L, alpha),
    "pl": lambda L, alpha: theory.ef21_pl_step(L, L, alpha, L),
    "tight": lambda L, alpha: theory.tight_step(L, L, alpha),
    "hb": lambda L, alpha: theory.ef21_hb_step(L, L, alpha, 0.5),
    "bc": lambda L, alpha: theory.ef21_bc_step(L, L, alpha, 0.5),
    "bc, downlink": lambda L, alpha: theory.ef21_bc_step(L, L, 0.5, alpha),
    "prox": lambda L, alpha: theory.ef21_prox_step(L, L, alpha),
    "sgdm": lambda L, alpha: theory.ef21_sgdm_step(L, L, alpha, 0.5),
    "marina": lambda L, p: theory.marina_step(L, L, 1.0, p, 5),
}
STEPS_OF_L = {
    **STEPS_OF_ALPHA,
    "gd": lambda L, alpha: theory.gd_step(L),
    "diana": lambda L, alpha: theory.diana_step(L, 1.0, 5),
    "diana, strong": lambda L, alpha: theory.diana_strong_step(L, L, 1.0, 5),
    "tight, longest": lambda L, alpha: theory.tight_longest(L, alpha),
}


@pytest.mark.parametrize("step", STEPS_OF_ALPHA.values(), ids=STEPS_OF_ALPHA)
def test_a_constant_that_rounds_to_zero_allows_no_step(step):
    assert step(1.0, 0.0) == 0.0
    assert step(1.0, 1e-300) <= 1e-140  # and is approached


@pytest.mark.parametrize("step", STEPS_OF_L.values(), ids=STEPS_OF_L)
def test_a_smoothness_that_rounds_to_zero_bounds_no_step(step):
    assert step(0.0, 0.5) == math.inf
    assert step(1e-300, 0.5) >= 1e290  # and is approached


def test_where_alpha_is_lost_nothing_is_guaranteed():
    assert theory.ef21_guarantee(1.0, 1.0, 0.1, 0.0, np.array([1.0, 10.0])).tolist() == [math.inf, math.inf]
    assert np.isinf(theory.pl_potential(np.ones(1), np.ones(1), 0.1, 0.0)).all()
    assert np.isinf(theory.next_distortion(np.ones(1), np.ones(1), 1e300, 0.5)).all()
