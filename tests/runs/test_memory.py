"""What a round on long vectors needs: at most four arrays of all nodes' vectors, whatever the operator sends.

Counted is all that is allocated from the beginning of a round to the end of its record, and all that the rounds before have left: the
gradients, the estimates before and after, the difference, the messages, x, g and what is measured. The data and what is laid out of it
before round 0 are not.
"""

import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import Table
from ef21lab.problems.base import objectives
from ef21lab.runs.loop import optimize

D, NODES, ROWS = 100_000, 20, 400


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    rows = sp.csr_matrix(sp.random_array((ROWS, D), density=20 / D, rng=rng, format="csr"))
    table = Table(rows, rng.choice([-1.0, 1.0], ROWS), ("no", "yes"), (D,))
    return objectives.make("logistic_nonconvex").on(table, np.arange(ROWS) % NODES, NODES)


def arrays(problem, compressor, method="ef21", lanes=1, precision="float64"):
    """The peak of memory in a round, in arrays of (lanes, nodes, d) of float64."""
    x0 = np.random.default_rng(1).normal(size=(lanes, D))
    operator = compressors.make(compressor).fitted(((D,),))
    run = optimize(
        problem, algorithms.make(method), operator, x0=x0, gammas=[0.1] * lanes, seeds=[0] * lanes, rounds=10, precision=precision
    )
    tracemalloc.start()
    try:
        for _ in range(3):
            next(run)
        tracemalloc.reset_peak()
        next(run)
        return tracemalloc.get_traced_memory()[1] / (8 * lanes * NODES * D)
    finally:
        tracemalloc.stop()


SPARSE = [{"name": "top_k", "k": 1}, {"name": "top_k", "k": 64}, {"name": "top_k", "k": 2000}, {"name": "rand_k", "k": 64}]


@pytest.mark.parametrize("compressor", SPARSE, ids=str)
def test_a_round_of_sparse_messages_needs_three_arrays_and_a_half(problem, compressor):
    """Gradients, estimates and their difference; then the new estimates in place of the difference. The half is what is as long as x."""
    assert arrays(problem, compressor) <= 3.5


@pytest.mark.parametrize("compressor", ["identity", "sign", "then"])
def test_a_round_of_messages_of_float32_needs_four_arrays(problem, compressor):
    assert arrays(problem, compressor) <= 4.0


def test_a_round_of_messages_that_are_float64_at_the_receiver_needs_one_more_of_these(problem):
    """A product of float32 factors is no float32 number: the messages are a fourth whole array beside the half of those as long as x."""
    assert arrays(problem, "st_hosvd") <= 4.5


def test_so_does_a_round_of_several_lanes(problem):
    assert arrays(problem, {"name": "top_k", "k": 1}, lanes=3) <= 3.5


@pytest.mark.parametrize("method", ["ef21_hb", "ef21_pp", "ef21_bc", "ef21_prox", "ef21_sgd"])
def test_so_does_a_round_of_the_methods_that_remember_nothing_else(problem, method):
    assert arrays(problem, {"name": "top_k", "k": 1}, method) <= 4.0


def test_a_round_of_a_float32_state_takes_two_thirds(problem):
    """Each array is half as long; but the gradients are float64, two such halves, until they are rounded."""
    assert arrays(problem, {"name": "top_k", "k": 1}, precision="float32") <= 2.3
