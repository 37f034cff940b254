"""EF21-SGDM against its listing in Python loops, its theorem, and the methods that it contains."""

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors

from .slow import TOP_K, UNBIASED, assert_same_path, drawn_rows, gradients, mean, mini_batch, moved, plus, run, sent

BATCH = 5  # of shares of 3, 8, 12 and 20 rows


@pytest.fixture
def x0(problem):
    return np.random.default_rng(9).normal(size=problem.d)


def ef21_sgdm(problem, x, gamma, rounds, compressor, batch, eta, seed):
    """Fatkhullin, Tyurin, Richtárik (2023), Algorithm 1, from gᵢ⁰ = C(vᵢ⁰)."""
    v_i = mini_batch(problem, x, drawn_rows(problem, batch, seed, 0))
    g_i, bits = sent(compressor, v_i, seed, 0)
    for t in range(rounds + 1):
        yield x, g_i, gradients(problem, x), bits
        x = moved(x, gamma, mean(g_i))
        fresh = mini_batch(problem, x, drawn_rows(problem, batch, seed, t + 1))
        v_i = plus([[(1 - eta) * a for a in v] for v in v_i], fresh, eta)
        c, more = sent(compressor, plus(v_i, g_i, -1), seed, t + 1)
        g_i, bits = plus(g_i, c), bits + more


@pytest.mark.parametrize("compressor", [TOP_K, UNBIASED], ids=str)
@pytest.mark.parametrize("eta", [0.2, 0.9])
def test_ef21_sgdm_is_algorithm_1_of_the_paper(problem, x0, compressor, eta):
    going = run(problem, {"name": "ef21_sgdm", "batch": BATCH, "eta": eta}, compressor, x0)
    assert_same_path(going, ef21_sgdm(problem, x0.tolist(), 0.05, 30, compressor, BATCH, eta, seed=7))


@pytest.mark.parametrize("init", ["compressed", "full", "zero"])
@pytest.mark.parametrize(("batch", "simpler"), [(BATCH, {"name": "ef21_sgd", "batch": BATCH}), (20, {"name": "ef21"})], ids=str)
def test_without_momentum_it_is_ef21_sgd_and_with_whole_shares_ef21(problem, x0, init, batch, simpler):
    momentum = run(problem, {"name": "ef21_sgdm", "batch": batch, "eta": 1, "init": init}, TOP_K, x0)
    for one, other in zip(momentum, run(problem, simpler | {"init": init}, TOP_K, x0), strict=True):
        assert (one.loss, one.distortion, one.bits_up) == (other.loss, other.distortion, other.bits_up)


@pytest.mark.parametrize("eta", [0.05, 0.4, 1.0])
@pytest.mark.parametrize("k", [1, 12])
def test_at_the_step_of_theorem_3_exact_gradients_shrink_as_it_says(problem, x0, eta, k):
    """Without noise and from gᵢ⁰ = vᵢ⁰ = ∇fᵢ(x⁰), the mean of ‖∇f‖² over T rounds is at most 2(f(x⁰) − f_inf)/(γT)."""
    method = algorithms.make({"name": "ef21_sgdm", "batch": 20, "eta": eta, "init": "full"})
    top_k = compressors.make({"name": "top_k", "k": k})
    gamma, proved, _ = method.step_size(problem.facts, top_k)
    records = list(run(problem, method, top_k, x0, (gamma,), rounds=300))
    means = np.cumsum([record.grad_norm_sq[0] for record in records[:-1]]) / np.arange(1, 301)
    assert proved
    assert np.all(means <= 2 * records[0].loss[0] / (gamma * np.arange(1, 301)))


@pytest.mark.parametrize(("eta", "k"), [(1e-3, 12), (1.0, 1)])
def test_the_step_is_that_of_theorem_3(problem, eta, k):
    """Slow momentum is what limits it in the first case, the compressor in the second."""
    base = algorithms.make({"name": "ef21_sgdm", "eta": eta}).step_size(problem.facts, compressors.make({"name": "top_k", "k": k}))
    mean_square = sum(L**2 for L in problem.facts.node_smoothness) / 4
    limits = {12: eta / (7 * problem.facts.smoothness), 1: 1 / 12 / (20 * mean_square**0.5)}
    assert base.gamma == pytest.approx(limits[k], rel=1e-12)


def test_momentum_lowers_the_noise_that_ef21_sgd_keeps(problem, x0):
    """Where both end, the mean distortion over 200 rounds: the running mean of several batches is the better estimate."""

    def kept(given):
        records = list(run(problem, given, {"name": "identity"}, x0, (0.02,), seeds=range(8), rounds=500, record_every=5))
        return np.mean([record.distortion for record in records[60:]])

    assert kept({"name": "ef21_sgdm", "batch": 2, "eta": 0.1}) < 0.3 * kept({"name": "ef21_sgd", "batch": 2})


@pytest.mark.parametrize("eta", [0.0, -0.1, 1.01])
def test_a_momentum_that_never_listens_or_overshoots_is_refused(eta):
    with pytest.raises(Refusal, match=r"eta must be a number in \(0, 1\]"):
        algorithms.make({"name": "ef21_sgdm", "eta": eta})
