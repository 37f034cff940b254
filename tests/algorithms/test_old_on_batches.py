"""EF14-SGD and DCGD-SGD against their listings in Python loops, and against EF14 and DCGD where no row is left out."""

import numpy as np
import pytest

from .slow import TOP_K, UNBIASED, assert_same_path, drawn_rows, gradients, mean, mini_batch, moved, plus, run, sent

BATCH = 5  # of shares of 3, 8, 12 and 20 rows


@pytest.fixture
def x0(problem):
    return np.random.default_rng(9).normal(size=problem.d)


def ef14_sgd(problem, x, gamma, rounds, compressor, batch, seed):
    """What was left out of vᵢ waits in eᵢ; ξ as the channel draws it."""
    e, bits = [[0.0] * problem.d for _ in range(problem.nodes)], 0
    for t in range(rounds + 1):
        p = plus(e, mini_batch(problem, x, drawn_rows(problem, batch, seed, t)), gamma)
        v, more = sent(compressor, p, seed, t)
        e, bits = plus(p, v, -1), bits + more
        yield x, [[part / gamma for part in one] for one in v], gradients(problem, x), bits
        x = moved(x, 1.0, mean(v))


def dcgd_sgd(problem, x, gamma, rounds, compressor, batch, seed):
    bits = 0
    for t in range(rounds + 1):
        received, more = sent(compressor, mini_batch(problem, x, drawn_rows(problem, batch, seed, t)), seed, t)
        bits += more
        yield x, received, gradients(problem, x), bits
        x = moved(x, gamma, mean(received))


@pytest.mark.parametrize("compressor", [TOP_K, UNBIASED], ids=str)
@pytest.mark.parametrize("listing", [ef14_sgd, dcgd_sgd], ids=lambda listing: listing.__name__)
def test_it_is_its_listing(problem, x0, listing, compressor):
    going = run(problem, {"name": listing.__name__, "batch": BATCH}, compressor, x0)
    assert_same_path(going, listing(problem, x0.tolist(), 0.05, 30, compressor, BATCH, seed=7))


@pytest.mark.parametrize("older", ["ef14", "dcgd"])
@pytest.mark.parametrize(("batch", "same"), [(20, True), (19, False)])
def test_batches_that_hold_every_share_make_it_the_older_method_to_the_bit(problem, x0, older, batch, same):
    paths = [list(run(problem, given, TOP_K, x0)) for given in ({"name": f"{older}_sgd", "batch": batch}, older)]
    told = [[(one.loss, one.distortion, one.bits_up) for one in path] for path in paths]
    assert (told[0] == told[1]) == same
