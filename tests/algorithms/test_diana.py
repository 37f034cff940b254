"""DIANA against its listing in Python loops, against its theorem, and what it refuses."""

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.runs.experiment import start_run

from .slow import TOP_K, UNBIASED, assert_same_path, gradients, mean, moved, plus, run, sent


@pytest.fixture
def x0(problem):
    return np.random.default_rng(9).normal(size=problem.d)


def diana(problem, x, gamma, rounds, compressor, omega, seed):
    """Mishchenko et al. (2019), Algorithm 1, without momentum, from hᵢ⁰ = 0."""
    h_i, bits = [[0.0] * problem.d for _ in range(problem.nodes)], 0
    for t in range(rounds + 1):
        grad = gradients(problem, x)
        m_i, more = sent(compressor, plus(grad, h_i, -1), seed, t)
        heard, bits = plus(h_i, m_i), bits + more
        yield x, heard, grad, bits
        h_i = plus(h_i, m_i, 1 / (1 + omega))
        x = moved(x, gamma, mean(heard))


@pytest.mark.parametrize(
    ("compressor", "omega"), [(UNBIASED, 12 / 4 - 1), ({"name": "natural", "rounding": "random"}, 1 / 8), ("identity", 0.0)], ids=str
)
def test_diana_is_algorithm_1_of_the_paper(problem, x0, compressor, omega):
    going = run(problem, "diana", compressor, x0)
    assert_same_path(going, diana(problem, x0.tolist(), 0.05, 30, compressor, omega, seed=7))


def test_with_exact_messages_it_is_gradient_descent(problem, x0):
    going = run(problem, "diana", {"name": "identity", "width": "64"}, x0)
    x = x0
    for _ in going:
        np.testing.assert_allclose(going.checkpoint().state["x"][0], x, rtol=1e-12)
        x = x - 0.05 * np.mean(gradients(problem, x), axis=0)


def test_with_float32_messages_it_is_gd_up_to_their_rounding(problem, x0):
    for one, other in zip(run(problem, "diana", "identity", x0), run(problem, "gd", "identity", x0), strict=True):
        np.testing.assert_allclose(one.loss, other.loss, rtol=1e-6)
        assert one.bits_up == other.bits_up


@pytest.mark.parametrize("problem", ["least_squares"], indirect=True)
@pytest.mark.parametrize("k", [1, 6])
def test_at_the_step_of_the_theorem_the_potential_falls_at_its_rate(problem, x0, k):
    """E Vᵗ ≤ max{1 − γμ, 1 − β/2}ᵗ V⁰ for V = ‖x − x*‖² + (4ω/(nβ)) γ² (1/n) Σ ‖hᵢ − ∇fᵢ(x*)‖² (Gorbunov, Hanzely, Richtárik 2020)."""
    omega, beta, n = 12 / k - 1, k / 12, problem.nodes
    compressor = compressors.make({"name": "rand_k", "k": k, "scaling": "unbiased"})
    gamma, proved, _ = algorithms.make("diana").step_size(problem.facts, compressor)
    best = minimiser(problem)
    learned = problem.gradients(best[None])[0]

    def potential(x, h):
        distances = np.mean(np.sum((h - learned) ** 2, axis=-1), axis=-1)
        return np.sum((x - best) ** 2, axis=-1) + 4 * omega / (n * beta) * gamma**2 * distances

    assert proved
    going, rate = (
        run(problem, "diana", compressor, x0, (gamma,), seeds=range(300), rounds=60),
        max(1 - gamma * problem.facts.mu, 1 - beta / 2),
    )
    for record in going:
        state = going.checkpoint().state
        h = (state["shifts"] - beta * state["estimates"]) / (1 - beta)  # before the message of this round
        assert np.mean(potential(state["x"], h)) <= rate**record.round * potential(x0, np.zeros_like(learned)) * (1 + 1e-9)


def test_what_is_sent_dies_out_as_the_shifts_learn_the_gradients(problem, x0):
    gamma = (0.2 / problem.facts.smoothness,)
    records = list(run(problem, "diana", UNBIASED, x0, gamma, rounds=3000, record_every=1000))
    assert records[-1].distortion[0] < 1e-8 * records[0].distortion[0]
    assert records[-1].grad_norm_sq[0] < 1e-8 * records[0].grad_norm_sq[0]


@pytest.mark.parametrize("problem", ["least_squares"], indirect=True)
def test_the_step_is_that_of_the_theorem(problem):
    """Rand-4 of 12 coordinates has ω = 2, and n = 4."""
    base = algorithms.make("diana").step_size(problem.facts, compressors.make(UNBIASED))
    L, mu = max(problem.facts.node_smoothness), min(problem.facts.node_mu)
    assert base.gamma == pytest.approx(min(1 / 3 / (2 * mu), 2 / ((L + mu) * (1 + 6 * 2 / 4))), rel=1e-12)
    assert base.gamma > 1 / (L * (1 + 6 * 2 / 4))


@pytest.mark.parametrize("problem", ["least_squares"], indirect=True)
def test_where_the_shift_learns_slowly_it_bounds_the_step(problem):
    """Rand-1 of 12 coordinates has β = 1/12; at L = μ the second bound is 1/(μ(1 + 6·11/100))."""
    alike = problem.facts._replace(node_smoothness=np.full(100, 2.0), node_mu=np.full(100, 2.0), nodes=100)
    base = algorithms.make("diana").step_size(alike, compressors.make({"name": "rand_k", "k": 1, "scaling": "unbiased"}))
    assert base.gamma == pytest.approx(1 / 12 / 4, rel=1e-12)


@pytest.mark.parametrize("problem", ["least_squares"], indirect=True)
def test_where_only_f_is_strongly_convex_the_step_is_that_of_2020(problem):
    flat = problem.facts._replace(node_mu=np.array([0.0, 1.0, 1.0, 1.0]))
    base = algorithms.make("diana").step_size(flat, compressors.make(UNBIASED))
    assert base.proved
    assert base.gamma == pytest.approx(1 / (max(flat.node_smoothness) * (1 + 6 * 2 / 4)), rel=1e-12)


def test_a_step_is_proved_only_for_convex_functions_with_a_rate(problem):
    base = algorithms.make("diana").step_size(problem.facts, compressors.make(UNBIASED))
    assert base.proved == (problem.facts.mu is not None)
    flat = algorithms.make("diana").step_size(problem.facts._replace(mu=None), compressors.make(UNBIASED))
    assert not flat.proved
    assert "no theorem is implemented for DIANA without convex fᵢ and μ > 0" in flat.source.en


@pytest.mark.parametrize("compressor", [TOP_K, {"name": "rand_k", "k": 4}, "natural", "half"], ids=str)
def test_a_biased_operator_is_refused_with_what_to_choose(compressor):
    with pytest.raises(Refusal, match="DIANA needs an unbiased compressor.*Rand-k") as refused:
        start_run({"dataset": "breast_cancer", "algorithm": "diana", "compressor": compressor})
    assert "DIANA" in refused.value.text.ru


def test_an_operator_that_does_not_fit_the_vector_says_so_first(problem):
    too_many = compressors.make({"name": "rand_k", "k": 13, "scaling": "unbiased"})
    reason = too_many.refusal(problem.d)
    assert reason is not None
    assert algorithms.make("diana").refusal(problem.facts, too_many) == algorithms.make("marina").refusal(problem.facts, too_many) == reason


def minimiser(problem):
    """Of a quadratic f: the zero of its gradient, which is affine."""
    at_0, *at_axes = problem.gradients(np.vstack([np.zeros(problem.d), np.eye(problem.d)])).mean(axis=1)
    return np.linalg.solve(np.transpose(at_axes - at_0), -at_0)
