"""Beznosikov, Horváth, Richtárik, Safaryan (2023), Example 1: three nodes on which naive compression diverges at every step size."""

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import Table
from ef21lab.problems.base import objectives
from ef21lab.runs.loop import optimize

A = np.array([[-3.0, 2.0, 2.0], [2.0, -3.0, 2.0], [2.0, 2.0, -3.0]])


@pytest.fixture
def example():
    """fᵢ(x) = ⟨aᵢ, x⟩² + ¼‖x‖²."""
    table = Table(np.sqrt(2) * A, np.zeros(3), (), (3,))
    return objectives.make({"name": "least_squares", "lam": 0.5}).on(table, np.arange(3), 3)


def run(problem, algorithm, gamma, rounds):
    x0 = np.ones((1, 3))
    top_1 = compressors.make({"name": "top_k", "k": 1})
    return optimize(problem, algorithms.make(algorithm), top_1, x0=x0, gammas=[gamma], seeds=[0], rounds=rounds)


@pytest.mark.parametrize("gamma", [1e-4, 0.01, 0.1, 1.0])
def test_without_memory_x_grows_by_the_same_factor_every_round(example, gamma):
    going = run(example, "dcgd", gamma, 30)
    for record in going:
        np.testing.assert_allclose(going.checkpoint().state["x"][0], (1 + 11 * gamma / 6) ** record.round * np.ones(3), rtol=1e-6)


@pytest.mark.parametrize("algorithm", ["ef14", "ef21", "ef21_plus", "ef21_hb", "ef21_pp", "ef21_bc", "ef21_w"])
def test_with_memory_the_method_converges_there(example, algorithm):
    gamma = algorithms.make(algorithm).step_size(example.facts, compressors.make({"name": "top_k", "k": 1})).gamma
    *_, last = run(example, algorithm, gamma, 6000)
    assert last.grad_norm_sq[0] < 1e-8
