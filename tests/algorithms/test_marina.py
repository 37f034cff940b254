"""MARINA against its listing in Python loops, against its theorem, and what it refuses."""

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.runs.experiment import start_run
from ef21lab.streams import Stream

from .slow import TOP_K, UNBIASED, assert_same_path, gradients, mean, moved, plus, run, sent

DENSE = {"name": "identity"}


@pytest.fixture
def x0(problem):
    return np.random.default_rng(9).normal(size=problem.d)


def marina(problem, x, gamma, rounds, compressor, p, seed):
    """Gorbunov et al. (2021), Algorithm 1; dense gradients travel as float32."""
    grad = gradients(problem, x)
    g_i, bits = sent(DENSE, grad, seed, 0)
    for t in range(rounds + 1):
        yield x, g_i, grad, bits
        g = mean(g_i)
        x, before = moved(x, gamma, g), grad
        grad = gradients(problem, x)
        if np.random.default_rng([seed, t + 1, Stream.WHOLE_ROUND]).random() < p:
            g_i, more = sent(DENSE, grad, seed, t + 1)
        else:
            changes, more = sent(compressor, plus(grad, before, -1), seed, t + 1)
            g_i = plus([g] * problem.nodes, changes)
        bits += more


@pytest.mark.parametrize("compressor", [UNBIASED, {"name": "natural", "rounding": "random"}], ids=str)
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_marina_is_algorithm_1_of_the_paper(problem, x0, compressor, p):
    going = run(problem, {"name": "marina", "p": p}, compressor, x0, (0.02,))
    assert_same_path(going, marina(problem, x0.tolist(), 0.02, 30, compressor, p, seed=7))


def test_with_whole_gradients_in_every_round_it_is_gd_to_the_bit(problem, x0):
    for one, other in zip(run(problem, {"name": "marina", "p": 1}, UNBIASED, x0), run(problem, "gd", UNBIASED, x0), strict=True):
        assert (one.loss, one.distortion, one.bits_up, one.floats_up) == (other.loss, other.distortion, other.bits_up, other.floats_up)


def test_all_nodes_send_whole_gradients_or_none_does(problem, x0):
    records = list(run(problem, {"name": "marina", "p": 0.3}, UNBIASED, x0, rounds=200))
    paid = np.diff([record.floats_up[0] for record in records])
    assert set(paid) == {4.0, 12.0}
    assert np.mean(paid == 12.0) == pytest.approx(0.3, abs=0.12)


@pytest.mark.parametrize("k", [1, 6])
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_at_the_step_of_the_proof_the_gradients_shrink_as_it_says(problem, x0, k, p):
    """E of the mean of ‖∇f‖² over T rounds is at most 2(f(x⁰) − f_inf)/(γT)."""
    method = algorithms.make({"name": "marina", "p": p})
    compressor = compressors.make({"name": "rand_k", "k": k, "scaling": "unbiased"})
    gamma, proved, _ = method.step_size(problem.facts, compressor)
    records = list(run(problem, method, compressor, x0, (gamma,), seeds=range(100), rounds=120))
    means = np.cumsum([record.grad_norm_sq.mean() for record in records[:-1]]) / np.arange(1, 121)
    assert proved
    assert np.all(means <= 2 * records[0].loss[0] / (gamma * np.arange(1, 121)))


def test_without_variance_or_with_p_1_the_step_is_that_of_gradient_descent(problem):
    for given, p in ((DENSE, 0.1), (UNBIASED, 1.0)):
        method = algorithms.make({"name": "marina", "p": p})
        assert method.step_size(problem.facts, compressors.make(given)).gamma == 1 / problem.facts.smoothness


def test_the_step_is_that_of_the_proof(problem):
    """Rand-4 of 12 coordinates has ω = 2. Never shorter than that of Theorem 2.1, which has L̃ in the place of L."""
    base = algorithms.make({"name": "marina", "p": 0.2}).step_size(problem.facts, compressors.make(UNBIASED))
    L_tilde, root = (sum(L**2 for L in problem.facts.node_smoothness) / 4) ** 0.5, (0.8 * 2 / (0.2 * 4)) ** 0.5
    assert base.gamma == pytest.approx(1 / (problem.facts.smoothness + L_tilde * root), rel=1e-12)
    assert base.gamma > 1 / (L_tilde * (1 + root))


@pytest.mark.parametrize("compressor", [TOP_K, {"name": "rand_k", "k": 4}, "natural", "half"], ids=str)
def test_a_biased_operator_is_refused_with_what_to_choose(compressor):
    with pytest.raises(Refusal, match="MARINA needs an unbiased compressor.*Rand-k") as refused:
        start_run({"dataset": "breast_cancer", "algorithm": "marina", "compressor": compressor})
    assert "MARINA" in refused.value.text.ru


def test_sending_no_whole_gradient_ever_is_refused():
    with pytest.raises(Refusal, match=r"p must be a number in \(0, 1\]"):
        algorithms.make({"name": "marina", "p": 0.0})
