"""Runs whose vectors are longer than what NumPy adds up at once: a lane is what it is alone, a resumed run what it would have been."""

import numpy as np
import pytest
import scipy.sparse as sp

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import Table
from ef21lab.problems.base import objectives
from ef21lab.runs.loop import optimize

D, ROWS, NODES, ROUNDS = 50_000, 60, 5, 6
GAMMAS, SEEDS = [0.1, 1.0, 10.0], [0, 1, 2]
MEASURED = ["loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "contraction", "moved"]
METHODS = ["ef21", "ef21_plus", "ef21_pp", "ef14", "marina"]


@pytest.fixture(scope="module")
def problem():
    return posed(NODES)


def posed(nodes):
    rng = np.random.default_rng(0)
    rows = sp.random_array((ROWS, D), density=20 / D, rng=rng, format="csr")
    table = Table(sp.csr_matrix(rows), rng.choice([-1.0, 1.0], ROWS), ("no", "yes"), (D,))
    return objectives.make("logistic_nonconvex").on(table, np.arange(ROWS) % nodes, nodes)


def going(problem, method, lanes, checkpoint=None):
    x0 = np.random.default_rng(1).normal(size=(1, D)).repeat(len(lanes), axis=0)
    gammas, seeds = [GAMMAS[lane] for lane in lanes], [SEEDS[lane] for lane in lanes]
    compressor = compressors.make({"name": "rand_k" if method == "marina" else "top_k", "k": 3})
    return optimize(problem, algorithms.make(method), compressor, x0=x0, gammas=gammas, seeds=seeds, rounds=ROUNDS, checkpoint=checkpoint)


def numbers(record, lane=0):
    return {name: np.array(getattr(record, name))[lane] for name in MEASURED}


@pytest.mark.parametrize("method", METHODS)
def test_a_lane_is_what_it_is_alone(problem, method):
    together = list(going(problem, method, [0, 1, 2]))
    for lane in range(3):
        for among, alone in zip(together, going(problem, method, [lane]), strict=True):
            for name, value in numbers(alone).items():
                assert np.array_equal(numbers(among, lane)[name], value, equal_nan=True), name


@pytest.mark.parametrize("method", METHODS)
def test_a_resumed_run_is_what_it_would_have_been(problem, method):
    whole, cut = going(problem, method, [0, 1]), going(problem, method, [0, 1])
    rest = list(whole)[3:]
    for _ in range(3):
        next(cut)
    for record, again in zip(rest, going(problem, method, [0, 1], cut.checkpoint()), strict=True):
        for name, value in numbers(record).items():
            assert np.array_equal(numbers(again)[name], value, equal_nan=True), name
