"""Mini-batches, and what every method that draws them promises when it leaves rows out."""

import numpy as np
import pytest

from ef21lab.algorithms import _batches as batches
from ef21lab.algorithms.base import algorithms
from ef21lab.channels.arrays import ArrayChannel
from ef21lab.compressors.base import compressors

from .slow import TOP_K, row_gradients, run

BATCH = 5  # of shares of 3, 8, 12 and 20 rows
METHODS = ("ef21_sgd", "ef21_sgdm", "ef21_page", "ef14_sgd", "dcgd_sgd")


@pytest.fixture
def x0(problem):
    return np.random.default_rng(9).normal(size=problem.d)


def channel(seeds=(0,), nodes=4):
    return ArrayChannel(compressors.make(TOP_K), seeds, nodes)


def test_a_node_draws_the_same_rows_whatever_the_number_of_nodes(problem):
    facts = problem.facts._replace(node_rows=np.array([30, 8, 12, 20]))
    fewer = facts._replace(nodes=2, node_rows=np.array([30, 8]))
    together, alone = batches.drawn(channel((1, 2)), facts, BATCH), batches.drawn(channel((1, 2), nodes=2), fewer, BATCH)
    assert np.array_equal(together.rows[:, :2], alone.rows)


def test_rows_are_drawn_anew_in_every_round_and_for_every_seed(problem):
    one = channel(range(3))
    first = batches.drawn(one, problem.facts, BATCH).rows
    one.round = 1
    second = batches.drawn(one, problem.facts, BATCH).rows
    assert len({rows.tobytes() for rows in (*first, *second)}) == 6


def test_every_row_of_a_share_comes_equally_often(problem):
    rows = batches.drawn(channel(range(4000)), problem.facts, BATCH).rows  # (lanes, nodes, b)
    for i, share in enumerate(problem.facts.node_rows):
        counts, expected = np.bincount(rows[:, i].reshape(-1)), 4000 * BATCH / share
        assert len(counts) == share
        assert np.sum((counts - expected) ** 2) / expected < share + 6 * np.sqrt(2 * share)  # χ²


def test_a_mini_batch_gradient_is_unbiased_and_its_variance_is_that_of_one_row_over_b(problem, x0):
    seeds = 4000
    point = problem.at(np.tile(x0, (seeds, 1)))
    noise = batches.drawn(channel(range(seeds)), problem.facts, BATCH).gradients(point) - point.gradients  # (lanes, nodes, d)
    assert np.all(noise[:, 0] == 0)  # a share of 3 rows is taken whole
    for i, of_rows in enumerate(row_gradients(problem, x0)[1:], start=1):
        spread = np.var(of_rows, axis=0) / BATCH  # (d,)
        assert np.all(np.abs(noise[:, i].mean(axis=0)) < 5 * np.sqrt(spread / seeds))
        np.testing.assert_allclose(noise[:, i].var(axis=0), spread, rtol=0.2)


def test_the_same_rows_serve_two_points(problem, x0):
    batch = batches.drawn(channel(), problem.facts, BATCH)
    one, other = (batch.gradients(problem.at(x[None])) for x in (x0, x0))
    assert np.array_equal(one, other)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("stop", [0, 1, 7])
def test_a_run_resumed_from_a_checkpoint_draws_what_it_would_have_drawn(problem, x0, method, stop):
    given = {"name": method, "batch": BATCH}
    whole = list(run(problem, given, TOP_K, x0, rounds=12))
    begun = run(problem, given, TOP_K, x0, rounds=12)
    for _ in range(stop + 1):
        next(begun)
    resumed = list(run(problem, given, TOP_K, x0, rounds=12, checkpoint=begun.checkpoint()))
    for one, other in zip(whole[stop + 1 :], resumed, strict=True):
        assert (one.loss, one.distortion, one.grad_norm_sq, one.bits_up) == (
            other.loss,
            other.distortion,
            other.grad_norm_sq,
            other.bits_up,
        )


@pytest.mark.parametrize("method", METHODS)
def test_a_lane_draws_the_same_alone_and_among_others(problem, x0, method):
    given, gammas, seeds = {"name": method, "batch": BATCH}, (0.01, 0.05, 0.1), (4, 5, 4)
    together = list(run(problem, given, TOP_K, x0, gammas, seeds))
    for lane in range(3):
        alone = run(problem, given, TOP_K, x0, gammas[lane : lane + 1], seeds[lane : lane + 1])
        for one, other in zip(together, alone, strict=True):
            assert (one.loss[lane], one.distortion[lane]) == (other.loss[0], other.distortion[0])


@pytest.mark.parametrize("method", METHODS)
def test_a_lane_that_diverges_leaves_the_others_alone(problem, x0, method):
    given = {"name": method, "batch": BATCH}
    pair = list(run(problem, given, TOP_K, x0, (1e9, 0.01), (0, 0), rounds=200))
    alone = list(run(problem, given, TOP_K, x0, (0.01,), (0,), rounds=200))
    assert not pair[-1].loss[0] < 1e6 * pair[0].loss[0]
    for one, other in zip(pair, alone, strict=True):
        assert (one.loss[1], one.distortion[1], one.bits_up[1]) == (other.loss[0], other.distortion[0], other.bits_up[0])


@pytest.mark.parametrize("method", [method for method in METHODS if method != "ef21_page"])
def test_no_full_gradient_is_computed_unless_a_record_asks(problem, x0, method):
    """Batches of 2 leave rows out on every node; only the distortion needs ∇fᵢ itself."""
    one, chosen, gamma = channel(), algorithms.make({"name": method, "batch": 2}), np.array([[0.05]])
    state = chosen.start(problem, one, x0[None], gamma)
    one.round = 1
    state = chosen.step(state, problem, one, gamma)
    assert "gradients" not in vars(state.point)
