"""EF21 against Algorithm 2 of the paper, transcribed with Python loops, and against its own theorem."""

import math

import numpy as np
import pytest

import ef21lab as lab
from ef21lab import theory
from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.runs.loop import optimize

K = 2


def top_k_message(v):
    """What is received of v when its K largest coordinates travel as float32."""
    received = [0.0] * len(v)
    for j in sorted(range(len(v)), key=lambda j: (-abs(v[j]), j))[:K]:
        received[j] = float(np.float32(v[j]))
    return received


def gradient(problem, x):
    return problem.gradients(np.array([x]))[0].tolist()


def algorithm_2(problem, x, gamma, rounds, init):
    """x^t and G^t, t = 0 … rounds: Richtárik, Sokolov, Fatkhullin (2021), Algorithm 2, line by line."""
    n, d = problem.nodes, problem.d
    grad = gradient(problem, x)
    first = {"compressed": top_k_message, "full": lambda v: [float(np.float32(a)) for a in v], "zero": lambda v: [0.0] * d}[init]
    g_i = [first(grad[i]) for i in range(n)]
    g = [sum(g_i[i][j] for i in range(n)) / n for j in range(d)]
    for t in range(rounds + 1):
        G = sum(sum((g_i[i][j] - grad[i][j]) ** 2 for j in range(d)) for i in range(n)) / n
        yield np.array(x), G
        if t == rounds:
            return
        x = [x[j] - gamma * g[j] for j in range(d)]
        grad = gradient(problem, x)
        c = [top_k_message([grad[i][j] - g_i[i][j] for j in range(d)]) for i in range(n)]
        g_i = [[g_i[i][j] + c[i][j] for j in range(d)] for i in range(n)]
        g = [g[j] + sum(c[i][j] for i in range(n)) / n for j in range(d)]


def run(problem, x0, gamma, rounds, algorithm, compressor=None, **settings):
    compressor = compressors.make(compressor or {"name": "top_k", "k": K})
    return optimize(problem, algorithms.make(algorithm), compressor, x0=x0[None], gammas=[gamma], seeds=[0], rounds=rounds, **settings)


@pytest.fixture
def x0(problem):
    return np.random.default_rng(9).normal(size=problem.d)


@pytest.mark.parametrize("init", ["compressed", "full", "zero"])
def test_ef21_is_algorithm_2_of_the_paper(problem, x0, init):
    going = run(problem, x0, 0.05, 60, {"name": "ef21", "init": init})
    for record, (x, G) in zip(going, algorithm_2(problem, x0.tolist(), 0.05, 60, init), strict=True):
        np.testing.assert_allclose(going.checkpoint().state["x"][0], x, rtol=1e-9, atol=1e-12)
        assert record.distortion[0] == pytest.approx(G, rel=1e-7, abs=1e-14)


@pytest.mark.parametrize("init", ["compressed", "full", "zero"])
def test_the_message_of_round_0_is_on_the_bill(problem, x0, init):
    d = problem.d
    message = 1 + 32 * K + math.ceil(math.log2(math.comb(d, K)))
    first = {"compressed": (message, K), "full": (1 + 32 * d, d), "zero": (0, 0)}[init]
    for record in run(problem, x0, 0.05, 5, {"name": "ef21", "init": init}):
        assert (record.bits_up[0], record.floats_up[0]) == (first[0] + record.round * message, first[1] + record.round * K)


def test_contraction_is_the_relative_error_of_the_message_that_was_sent(problem, x0):
    going = run(problem, x0, 0.05, 9, "ef21", snapshots=range(10))
    for record in going:
        wanted, received = record.snapshot.wanted.astype(float), record.snapshot.received.astype(float)
        expected = np.sum((wanted - received) ** 2, axis=1) / np.sum(wanted**2, axis=1)
        np.testing.assert_allclose(record.contraction[0], expected, rtol=1e-4)
        assert np.all(record.contraction[0] <= 1 - K / problem.d + 1e-6)


def test_without_a_message_there_is_no_contraction(problem, x0):
    record = next(run(problem, x0, 0.05, 0, {"name": "ef21", "init": "zero"}, snapshots=[0]))
    assert np.all(np.isnan(record.contraction))
    assert record.snapshot is None


def test_exact_messages_make_ef21_gradient_descent(problem, x0):
    going = run(problem, x0, 0.05, 40, "ef21", {"name": "identity", "width": "64"})
    x = x0
    for _ in going:
        np.testing.assert_allclose(going.checkpoint().state["x"][0], x, rtol=1e-12)
        x = x - 0.05 * np.mean(gradient(problem, x), axis=0)


def test_gd_is_gradient_descent_on_float32_gradients(problem, x0):
    going = run(problem, x0, 0.05, 40, "gd")
    x = x0
    for record in going:
        assert np.array_equal(going.checkpoint().state["x"][0], x)
        assert record.bits_up[0] == (record.round + 1) * (1 + 32 * problem.d)
        x = x - 0.05 * np.float32(gradient(problem, x)).astype(float).mean(axis=0)


@pytest.mark.parametrize("k", [1, 3, 12])
def test_at_the_step_of_theorem_1_the_potential_never_rises_and_the_bound_holds(problem, x0, k):
    compressor = compressors.make({"name": "top_k", "k": k})
    base = algorithms.make("ef21").step_size(problem.facts, compressor)
    records = list(run(problem, x0, base.gamma, 300, "ef21", compressor))
    theta = 1 - math.sqrt(1 - k / problem.d)
    potential = np.array([record.loss[0] + base.gamma / (2 * theta) * record.distortion[0] for record in records])
    assert base.proved
    assert np.all(np.diff(potential) <= 1e-6 * np.abs(potential[:-1]))
    f_inf = 0.0  # every loss here is nonnegative
    mean = np.cumsum([record.grad_norm_sq[0] for record in records[:-1]]) / np.arange(1, 301)
    bound = theory.ef21_guarantee(records[0].loss[0] - f_inf, records[0].distortion[0], base.gamma, k / problem.d, np.arange(1, 301))
    assert np.all(mean <= bound)


def test_distortion_obeys_the_recursion_of_the_paper(problem, x0):
    """G⁺ ≤ (1 − θ) G + β L̃² ‖x⁺ − x‖², at any step."""
    alpha = K / problem.d
    theta = 1 - math.sqrt(1 - alpha)
    beta = (1 - alpha) / theta
    going, before = run(problem, x0, 0.3, 100, "ef21"), None
    for record in going:
        x = going.checkpoint().state["x"][0]
        if before is not None:
            moved = np.sum((x - before[0]) ** 2)
            limit = (1 - theta) * before[1] + beta * np.mean(problem.facts.node_smoothness**2) * moved
            assert record.distortion[0] <= limit * (1 + 1e-5)
        before = x, record.distortion[0]


def test_gradient_descent_is_billed_for_the_whole_gradients_it_sends():
    spec = {"dataset": "breast_cancer", "algorithm": "gd", "compressor": {"name": "top_k", "k": 1}, "rounds": 3}
    said, trace = lab.describe(spec), lab.run(spec)
    assert said["floats_per_round"] == said["d"]
    assert said["alpha"] == 1.0
    assert list(trace["bits_up"]) == [said["bits_per_round"] * sent for sent in (1, 2, 3, 4)]
