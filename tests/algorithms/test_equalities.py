"""Methods that are one another where their own part is switched off."""

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import Table
from ef21lab.problems.base import objectives
from ef21lab.runs.loop import optimize

TOP_2 = {"name": "top_k", "k": 2}
EXACT = {"name": "identity", "width": "64"}
SWITCHED_OFF = (
    {"name": "ef21_hb", "eta": 0},
    {"name": "ef21_pp", "p": 1},
    {"name": "ef21_bc", "downlink": EXACT},
    {"name": "ef21_prox", "l1": 0},
)
BILL = ("bits_up", "floats_up", "bits_down")


def run(problem, algorithm, compressor=TOP_2, gamma=0.05, rounds=60):
    """x of every round, (rounds + 1, d), and the bill."""
    x0 = np.random.default_rng(9).normal(size=(1, problem.d))
    going = optimize(problem, algorithms.make(algorithm), compressors.make(compressor), x0=x0, gammas=[gamma], seeds=[0], rounds=rounds)
    seen = [(going.checkpoint().state["x"][0], *(getattr(record, name)[0] for name in BILL)) for record in going]
    return np.array([x for x, *_ in seen]), [bill for _, *bill in seen]


@pytest.fixture
def alike():
    """Four nodes that hold the same rows in another order, so that all Lᵢ are equal."""
    rng = np.random.default_rng(5)
    rows, labels = rng.normal(size=(8, 12)), rng.choice([-1.0, 1.0], 8)
    turned = np.vstack([np.roll(rows, node, axis=1) for node in range(4)])
    table = Table(turned, np.tile(labels, 4), ("no", "yes"), (3, 4))
    return objectives.make({"name": "least_squares", "lam": 0.1}).on(table, np.repeat(np.arange(4), 8), 4)


@pytest.mark.parametrize("init", ["compressed", "full", "zero"])
@pytest.mark.parametrize("method", SWITCHED_OFF, ids=lambda method: method["name"])
def test_switched_off_it_is_ef21_and_costs_the_same(problem, method, init):
    x, bill = run(problem, {**method, "init": init})
    x_of_ef21, bill_of_ef21 = run(problem, {"name": "ef21", "init": init})
    np.testing.assert_allclose(x, x_of_ef21, rtol=1e-9, atol=1e-12)
    assert bill == bill_of_ef21


@pytest.mark.parametrize("compressor", [TOP_2, {"name": "natural"}, {"name": "qsgd"}], ids=lambda given: given["name"])
def test_where_all_nodes_are_equally_smooth_the_weighted_method_is_ef21(alike, compressor):
    assert np.ptp(alike.facts.node_smoothness) < 1e-12 * alike.facts.node_smoothness[0]
    x, bill = run(alike, "ef21_w", compressor, rounds=15)
    x_of_ef21, bill_of_ef21 = run(alike, "ef21", compressor, rounds=15)
    np.testing.assert_allclose(x, x_of_ef21, rtol=1e-6)
    assert bill == bill_of_ef21


def test_where_the_operator_does_not_mind_scale_weights_cancel(problem):
    """C(sv) = s C(v) for Top-k, but for rounding: n wᵢ C(v/(n wᵢ)) is C(v)."""
    np.testing.assert_allclose(run(problem, "ef21_w")[0], run(problem, "ef21")[0], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("method", ["dcgd", "ef14", "ef21_plus", "ef21_w"])
def test_exact_messages_make_it_gradient_descent(problem, method):
    x, _ = run(problem, method, EXACT)
    for before, after in zip(x[:-1], x[1:], strict=True):
        np.testing.assert_allclose(after, before - 0.05 * problem.gradients(before[None])[0].mean(axis=0), rtol=1e-9, atol=1e-12)
