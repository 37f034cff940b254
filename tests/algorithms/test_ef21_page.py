"""EF21-PAGE against its listing in Python loops, and what tells it from EF21-SGD: its noise dies out."""

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.streams import Stream

from .slow import TOP_K, UNBIASED, assert_same_path, drawn_rows, gradients, mean, mini_batch, moved, plus, run, sent

BATCH = 5  # of shares of 3, 8, 12 and 20 rows


@pytest.fixture
def x0(problem):
    return np.random.default_rng(9).normal(size=problem.d)


def ef21_page(problem, x, gamma, rounds, compressor, batch, p, seed):
    """Fatkhullin et al. (2021), Algorithm 3: every node tosses a coin of its own."""
    v_i = gradients(problem, x)
    g_i, bits = sent(compressor, v_i, seed, 0)
    for t in range(rounds + 1):
        yield x, g_i, gradients(problem, x), bits
        before, x = x, moved(x, gamma, mean(g_i))
        grad, rows = gradients(problem, x), drawn_rows(problem, batch, seed, t + 1)
        followed = plus(v_i, plus(mini_batch(problem, x, rows), mini_batch(problem, before, rows), -1))
        rng = np.random.default_rng([seed, t + 1, Stream.WHOLE_NODE])
        coins = [rng.random() < p for _ in range(problem.nodes)]
        v_i = [grad[i] if coins[i] else followed[i] for i in range(problem.nodes)]
        c, more = sent(compressor, plus(v_i, g_i, -1), seed, t + 1)
        g_i, bits = plus(g_i, c), bits + more


@pytest.mark.parametrize("compressor", [TOP_K, UNBIASED], ids=str)
@pytest.mark.parametrize("p", [0.05, 0.4])
def test_ef21_page_is_algorithm_3_of_the_paper(problem, x0, compressor, p):
    going = run(problem, {"name": "ef21_page", "batch": BATCH, "p": p}, compressor, x0)
    assert_same_path(going, ef21_page(problem, x0.tolist(), 0.05, 30, compressor, BATCH, p, seed=7))


@pytest.mark.parametrize("init", ["compressed", "full", "zero"])
@pytest.mark.parametrize("exact", [{"p": 1, "batch": 1}, {"p": 0.1, "batch": 20}], ids=str)
def test_with_full_gradients_or_whole_shares_it_is_ef21(problem, x0, init, exact):
    page = run(problem, {"name": "ef21_page", "init": init, **exact}, TOP_K, x0)
    for one, other in zip(page, run(problem, {"name": "ef21", "init": init}, TOP_K, x0), strict=True):
        np.testing.assert_allclose([one.loss, one.distortion], [other.loss, other.distortion], rtol=1e-9, atol=1e-15)
        assert one.bits_up == other.bits_up


def test_its_noise_dies_out_where_that_of_ef21_sgd_stays(problem, x0):
    gamma = (1 / problem.facts.smoothness,)
    exact = {"name": "identity", "width": "64"}
    page = list(run(problem, {"name": "ef21_page", "batch": 4, "p": 0.2}, exact, x0, gamma, rounds=1500, record_every=500))
    sgd = list(run(problem, {"name": "ef21_sgd", "batch": 4}, exact, x0, gamma, rounds=1500, record_every=500))
    assert page[-1].grad_norm_sq[0] < 1e-6 * page[0].grad_norm_sq[0]
    assert sgd[-1].grad_norm_sq[0] > 1e3 * page[-1].grad_norm_sq[0]


def test_the_step_is_proved_exactly_where_every_gradient_is_exact(problem):
    top_k = compressors.make(TOP_K)
    given = {(p, batch): algorithms.make({"name": "ef21_page", "p": p, "batch": batch}) for p in (0.5, 1) for batch in (19, 20)}
    assert {which: method.step_size(problem.facts, top_k).proved for which, method in given.items()} == {
        (0.5, 19): False,
        (0.5, 20): True,
        (1, 19): True,
        (1, 20): True,
    }


def test_never_looking_at_the_full_gradient_is_refused():
    with pytest.raises(Refusal, match=r"p must be a number in \(0, 1\]"):
        algorithms.make({"name": "ef21_page", "p": 0})
