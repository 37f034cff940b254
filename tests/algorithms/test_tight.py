"""The exact rate of EF21 against an adversary: quadratics, any place, any contractive operator; no round is worse, one nearly as bad."""

import itertools
import math

import numpy as np
import pytest
import scipy.optimize

import ef21lab as lab
from ef21lab import theory
from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import compressors
from ef21lab.problems.base import Facts

KAPPAS, ALPHAS, NODES = (1.0, 1.5, 10.0, 1000.0), (0.01, 0.2, 0.6, 0.95), (1, 2, 3, 4)
RIDGE = {
    "dataset": "breast_cancer",
    "partition": {"name": "contiguous", "nodes": 4},
    "objective": {"name": "logistic_ridge", "lam": 0.1},
    "step": "theory_tight",
    "rounds": 6,
}


def of_the_paper(kappa, alpha):
    """(η*L, ρ*) as printed, κ > 1."""
    s = math.sqrt(1 - alpha)
    root = math.sqrt((1 + s) ** 2 + 16 * kappa * s / (kappa - 1) ** 2)
    return 2 / (1 + 1 / kappa) * (1 - s) / (1 + s), s + (1 - s) / 2 * ((kappa - 1) / (kappa + 1)) ** 2 * (1 - s + root)


def rotated(phi):
    """(..., 2, 2)."""
    return np.moveaxis(np.array([[np.cos(phi), -np.sin(phi)], [np.sin(phi), np.cos(phi)]]), (0, 1), (-2, -1))


def worsened(place, n, kappa, alpha, times=1.0):
    """V⁺/V of one round in the plane, (...,): curvatures 1 and 1/κ along turned axes, messages v with an error of √(1 − α)‖v‖ anywhere."""
    place = np.reshape(place, (*np.shape(place)[:-1], n, 6))
    gradients, g, turn, miss = place[..., :2], place[..., 2:4], place[..., 4], place[..., 5]  # (..., n, 2), (..., n)
    s, gamma = math.sqrt(1 - alpha), times * theory.tight_step(1.0, 1 / kappa, alpha)
    H = rotated(turn) @ np.diag([1.0, 1 / kappa]) @ np.swapaxes(rotated(turn), -1, -2)
    x = -gamma * g.mean(axis=-2)
    after = gradients + np.einsum("...nij,...j->...ni", H, x)
    error = s * np.einsum("...nij,...nj->...ni", rotated(miss), after - g)  # ∇fᵢ⁺ − gᵢ⁺ = v − C(v)

    def potential(gradients, errors):
        return s / n * np.sum(np.sum(gradients, axis=-2) ** 2, axis=-1) + np.sum(errors**2, axis=(-1, -2))

    return potential(after, error) / potential(gradients, gradients - g)


@pytest.mark.parametrize(("kappa", "alpha"), list(itertools.product(KAPPAS[1:], ALPHAS)))
def test_the_step_and_the_rate_are_those_of_the_paper(kappa, alpha):
    step, rate = of_the_paper(kappa, alpha)
    assert theory.tight_step(1.0, 1 / kappa, alpha) == pytest.approx(step, rel=1e-12)
    assert theory.tight_rate(step, 1.0, 1 / kappa, alpha) == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_at_equal_curvatures_the_rate_is_its_limit(alpha):
    gamma = theory.tight_step(3.0, 3.0, alpha)
    assert theory.tight_rate(gamma, 3.0, 3.0, alpha) == pytest.approx(math.sqrt(1 - alpha), rel=1e-12)
    assert of_the_paper(1 + 1e-7, alpha)[1] == pytest.approx(math.sqrt(1 - alpha), rel=1e-6)


def test_with_exact_messages_it_is_the_rate_of_gradient_descent():
    assert theory.tight_step(1.0, 0.1, 1.0) == pytest.approx(2 / 1.1)
    assert theory.tight_rate(2 / 1.1, 1.0, 0.1, 1.0) == pytest.approx((0.9 / 1.1) ** 2)


@pytest.mark.parametrize("times", [1.0, 0.3, 1.02])
@pytest.mark.parametrize("n", NODES)
def test_no_round_is_worse_than_the_rate_and_one_is_nearly_as_bad(n, times):
    rng = np.random.default_rng(n)
    for kappa, alpha in itertools.product(KAPPAS, ALPHAS):
        rate = theory.tight_rate(times * theory.tight_step(1.0, 1 / kappa, alpha), 1.0, 1 / kappa, alpha)
        places = rng.normal(size=(500, n, 6)) * [1, 1, 1, 1, 3, 3] * 10 ** rng.uniform(-2, 2, (500, 1, 1))
        found = worsened(places.reshape(500, -1), n, kappa, alpha, times)
        start = places[np.argmax(found)].ravel()
        worst = scipy.optimize.minimize(lambda place: -worsened(place, n, kappa, alpha, times), start, method="BFGS")  # noqa: B023
        ratio = max(found.max(), -worst.fun) / rate
        assert ratio <= 1 + 1e-12, (kappa, alpha)
        assert ratio > 0.99 or times > 1, (kappa, alpha)


def test_no_rule_of_2021_is_as_fast():
    """Where L̃ = L: against Theorem 2, whose potential falls by 1 − γμ, the step is longer and the rounds are up to three times fewer."""
    for kappa, alpha in itertools.product((10.0, 100.0, 1000.0), (0.01, 0.05, 0.2, 0.5)):
        gamma, old = theory.tight_step(1.0, 1 / kappa, alpha), theory.ef21_pl_step(1.0, 1.0, alpha, 1 / kappa)
        rounds = math.log(theory.tight_rate(gamma, 1.0, 1 / kappa, alpha)) / math.log(1 - old / kappa)
        assert 1.28 < gamma / old < 1.53
        assert 2.5 < rounds < 3.06


def test_ef14_on_one_node_has_the_same_rate():
    """V = s‖x − e − x*‖² + ‖e‖², one literal round from anywhere; x* = 0."""
    rng, worst = np.random.default_rng(5), 0.0
    for kappa, alpha in itertools.product(KAPPAS, ALPHAS):
        s, gamma = math.sqrt(1 - alpha), theory.tight_step(1.0, 1 / kappa, alpha)
        axes = rotated(rng.uniform(0, 7, 4000))
        H = axes @ np.diag([1.0, 1 / kappa]) @ np.swapaxes(axes, -1, -2)
        x, e = rng.normal(size=(2, 4000, 2)) * 10 ** rng.uniform(-2, 2, (2, 4000, 1))
        p = e + gamma * np.einsum("kij,kj->ki", H, x)
        v = p - s * np.einsum("kij,kj->ki", rotated(rng.uniform(0, 7, 4000)), p)
        x_after, e_after = x - v, p - v
        V, V_after = (s * np.sum((a - b) ** 2, axis=1) + np.sum(b**2, axis=1) for a, b in ((x, e), (x_after, e_after)))
        worst = max(worst, np.max(V_after / V) / theory.tight_rate(gamma, 1.0, 1 / kappa, alpha))
    assert 0.99 < worst <= 1 + 1e-12


@pytest.mark.parametrize("algorithm", ["ef21", "ef21_plus"])
def test_a_run_takes_the_step_of_the_greatest_l_and_the_least_mu(algorithm):
    facts = lab.describe({**RIDGE, "algorithm": algorithm})
    s = math.sqrt(1 - 1 / 30)
    assert facts["gamma"] == pytest.approx(2 / (max(facts["node_L"]) + 0.1) * (1 - s) / (1 + s), rel=1e-5)


REFUSED = [
    ({"objective": "logistic_nonconvex"}, "every fᵢ strongly convex", "сильная выпуклость каждой fᵢ"),
    ({"compressor": "rand_k"}, "deterministic.*Rand-k.*random", "случаен"),
    ({"compressor": {"name": "hosvd", "dims": [3, 2, 5], "ranks": 1}}, "certified α", "гарантия α"),
    ({"algorithm": "gd"}, "Gradient descent: no such theorem", "такой теоремы здесь нет"),
    ({"algorithm": "ef21_w"}, "EF21-W: no such theorem", "такой теоремы здесь нет"),
    ({"algorithm": "ef14"}, "share a minimiser.*not of 4", "общий минимум"),
]


@pytest.mark.parametrize(("changes", "en", "ru"), REFUSED, ids=lambda given: str(given)[:40])
def test_where_the_theorem_does_not_reach_the_rule_is_refused_in_words(changes, en, ru):
    with pytest.raises(Refusal, match=en) as refused:
        lab.describe({**RIDGE, **changes})
    assert ru in refused.value.text.ru


def test_one_flat_node_is_enough_to_refuse():
    facts = Facts(2, 2, 4, ((2,),), 1.0, np.ones(2), 0.5, 8, np.array([2, 2]), True, 0.0, node_mu=np.array([0.0, 1.0]))
    top = compressors.make({"name": "top_k", "k": 1})
    assert isinstance(algorithms.make("ef21").step_size_by("tight", facts, top), Text)
    assert algorithms.make("ef21").step_size_by("tight", facts._replace(node_mu=np.array([0.5, 1.0])), top).proved


def test_on_one_node_ef14_has_the_step_of_ef21():
    alone = {**RIDGE, "partition": {"name": "contiguous", "nodes": 1}}
    assert lab.describe({**alone, "algorithm": "ef14"})["gamma"] == lab.describe(alone)["gamma"]
