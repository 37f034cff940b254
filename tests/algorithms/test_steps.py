"""At the step that a method says is proved, what was proved holds; where nothing was, it does not say so."""

import math

import numpy as np
import pytest

from ef21lab import theory
from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import Table
from ef21lab.problems.base import objectives
from ef21lab.runs.loop import optimize

T = 400
WITH_A_THEOREM = ("ef21_plus", "ef21_hb", "ef21_pp", "ef21_w", "ef21_bc", "ef21_prox")
WITHOUT = ("dcgd", "ef14")
EXACT = {"name": "identity", "width": "64"}
AT_K = pytest.mark.parametrize("k", [1, 3, 12])


def top(k):
    return {"name": "top_k", "k": k}


def step(problem, algorithm, compressor):
    return algorithms.make(algorithm).step_size(problem.facts, compressors.make(compressor).fitted(problem.facts.layout))


def run(problem, algorithm, compressor, seeds=(0,)):
    """The method at its own step: γ, the records of rounds 0 … T, and the state arrays of each."""
    gamma = step(problem, algorithm, compressor).gamma
    x0 = np.repeat(np.random.default_rng(9).normal(size=(1, problem.d)), len(seeds), axis=0)
    method, compressor = algorithms.make(algorithm), compressors.make(compressor)
    going = optimize(problem, method, compressor, x0=x0, gammas=[gamma] * len(seeds), seeds=seeds, rounds=T)
    seen = [(record, going.checkpoint().state) for record in going]
    return gamma, [record for record, _ in seen], [state for _, state in seen]


def summed(records):
    """Σ ‖∇f(x^t)‖² over the first T iterates, (lanes,)."""
    return np.sum([record.grad_norm_sq for record in records[:-1]], axis=0)


def falls_by(potential, amounts):
    """Whether each potential is below the one before by at least the amount, but for the rounding of float32 messages."""
    potential = np.asarray(potential)
    return np.all(np.diff(potential) + amounts <= 1e-6 * np.abs(potential[:-1]))


@AT_K
def test_the_better_of_two_obeys_the_recursion_and_the_guarantee_of_ef21(problem, k):
    gamma, records, _ = run(problem, "ef21_plus", top(k))
    L_tilde, G = theory.quadratic_mean(problem.facts.node_smoothness), [record.distortion[0] for record in records]
    limits = [theory.next_distortion(g, record.moved[0], L_tilde, k / problem.d) for g, record in zip(G, records[1:], strict=False)]
    assert np.all(np.array(G[1:]) <= np.array(limits) * (1 + 1e-5) + 1e-14)
    assert summed(records)[0] / T <= theory.ef21_guarantee(records[0].loss[0], G[0], gamma, k / problem.d, np.array(T))


@AT_K
@pytest.mark.parametrize("eta", [0.0, 0.5, 0.9])
def test_the_heavy_balls_gradients_stay_under_their_bound(problem, k, eta):
    gamma, records, _ = run(problem, {"name": "ef21_hb", "eta": eta}, top(k))
    gap, G = records[0].loss[0], records[0].distortion[0]
    assert summed(records)[0] / T <= theory.ef21_guarantee(gap, G, gamma / (1 - eta), k / problem.d, np.array(T))


@AT_K
@pytest.mark.parametrize("k_down", [1, 3, 12])
def test_compressed_both_ways_the_gradients_stay_under_the_bound_of_the_proof(problem, k, k_down):
    method = {"name": "ef21_bc", "downlink": top(k_down)}
    gamma, records, states = run(problem, method, top(k))
    (theta, q), (theta_M, q_M) = ((theory.theta(a), theory.root_beta_over_theta(a)) for a in (k / problem.d, k_down / problem.d))
    c_G, c_H = max(q, 1e-9), max(q_M * (1 + math.sqrt(1 - k / problem.d)) / theta, 1e-9)
    G, H = records[0].distortion[0], np.sum((states[1]["direction"][0] - states[0]["estimates"][0].mean(axis=0)) ** 2)
    s, t = c_H / c_G, 1 / c_G
    constant = (1 + s) * G / theta + (1 + 1 / s) * (H / theta_M + (q_M * (1 + math.sqrt(1 - k / problem.d))) ** 2 * (1 + t) * G / theta)
    assert summed(records)[0] <= 2 * records[0].loss[0] / gamma + constant


@AT_K
def test_the_weighted_potential_never_rises(problem, k):
    gamma, records, states = run(problem, "ef21_w", top(k))
    L = problem.facts.node_smoothness
    w, n = L / L.sum(), problem.nodes
    G = [np.sum(np.sum((s["estimates"][0] - problem.gradients(s["x"])[0]) ** 2, axis=1) / (n**2 * w)) for s in states]
    potential = [record.loss[0] + gamma / (2 * theory.theta(k / problem.d)) * g for record, g in zip(records, G, strict=True)]
    assert falls_by(potential, 0.0)


@AT_K
@pytest.mark.parametrize("l1", [0.0, 0.01, 1.0])
def test_the_proximal_potential_falls_by_what_was_proved(problem, k, l1):
    gamma, records, _ = run(problem, {"name": "ef21_prox", "l1": l1}, top(k))
    weight = 5 * gamma / (4 * theory.theta(k / problem.d))
    potential = [record.loss[0] + weight * record.distortion[0] for record in records]
    assert falls_by(potential, [gamma / 8 * record.grad_norm_sq[0] for record in records[:-1]])


def test_where_the_gradient_mapping_vanishes_x_is_optimal_for_the_penalty(problem):
    """0 ∈ ∇f(x) + λ∂‖x‖₁: ∇f_k = −λ sign x_k where x_k ≠ 0, and |∇f_k| ≤ λ where x_k = 0."""
    l1, x0 = 0.05, np.zeros((1, problem.d))
    method = algorithms.make({"name": "ef21_prox", "l1": l1})
    going = optimize(problem, method, compressors.make(top(6)), x0=x0, gammas=[0.05], seeds=[0], rounds=6000, record_every=6000)
    *_, last = going
    x = going.checkpoint().state["x"]
    gradient, x = problem.gradients(x)[0].mean(axis=0), x[0]
    assert last.grad_norm_sq[0] < 1e-10
    assert 0 < np.count_nonzero(x) < problem.d
    np.testing.assert_allclose(gradient[x != 0], -l1 * np.sign(x[x != 0]), atol=1e-4)
    assert np.all(np.abs(gradient[x == 0]) <= l1 + 1e-4)


def test_with_some_silent_the_guarantee_holds_on_average(problem):
    p, k = 0.3, 2
    gamma, records, _ = run(problem, {"name": "ef21_pp", "p": p}, top(k), seeds=range(16))
    bound = theory.ef21_guarantee(records[0].loss[0], records[0].distortion[0], gamma, p * k / problem.d, np.array(T))
    assert summed(records).mean() / T <= bound


def test_half_of_the_nodes_with_twice_the_coordinates_have_the_step_of_all(problem):
    half = step(problem, {"name": "ef21_pp", "p": 0.5}, top(6))
    assert half.proved
    assert half.gamma == pytest.approx(step(problem, "ef21", top(3)).gamma, rel=1e-12)


def test_weights_lengthen_the_step_to_that_of_the_arithmetic_mean(problem):
    compressor = compressors.make(top(2))
    weighted = step(problem, "ef21_w", top(2)).gamma
    assert weighted == algorithms.make("ef21").step_size_by("arithmetic", problem.facts, compressor).gamma
    assert weighted > step(problem, "ef21", top(2)).gamma


@pytest.mark.parametrize("off", [{"name": "ef21_hb", "eta": 0}, {"name": "ef21_pp", "p": 1}, {"name": "ef21_bc", "downlink": EXACT}])
def test_switched_off_the_step_is_ef21s(problem, off):
    assert step(problem, off, top(2)).gamma == pytest.approx(step(problem, "ef21", top(2)).gamma, rel=1e-12)


@pytest.mark.parametrize("algorithm", WITH_A_THEOREM)
def test_without_a_certificate_nothing_is_said_to_be_proved(problem, algorithm):
    assert step(problem, algorithm, top(2)).proved
    assert not step(problem, algorithm, {"name": "hosvd", "ranks": 1}).proved


def test_the_downlink_needs_a_certificate_too(problem):
    assert not step(problem, {"name": "ef21_bc", "downlink": {"name": "hosvd", "ranks": 1}}, top(2)).proved


@pytest.mark.parametrize("algorithm", WITHOUT)
def test_a_borrowed_step_is_called_borrowed(problem, algorithm):
    base = step(problem, algorithm, top(2))
    assert not base.proved
    assert base.gamma == step(problem, "ef21", top(2)).gamma
    assert "no theorem is implemented" in base.source.en


def test_a_downlink_that_cannot_take_the_vector_is_refused_by_name(problem):
    method = algorithms.make({"name": "ef21_bc", "downlink": top(13)})
    refused = method.refusal(problem.facts, compressors.make(top(2)))
    assert refused.en.startswith("the downlink of EF21-BC: ")
    assert "12" in refused.ru


def test_a_node_without_weight_is_refused_by_number():
    rows = np.vstack([np.eye(3), np.zeros((2, 3))])
    table = Table(rows, np.ones(5), (), (3,))
    problem = objectives.make({"name": "least_squares", "lam": 0}).on(table, np.array([0, 0, 0, 1, 1]), 2)
    refused = algorithms.make("ef21_w").refusal(problem.facts, compressors.make(top(1)))
    assert "node 2" in refused.en
    assert "узла 2" in refused.ru


def test_the_penalty_and_the_gradient_mapping_are_what_they_are_called(problem):
    """F = f + λ Σ|x_k|, and M(x) = (x − prox_γr(x − γ∇f(x)))/γ, coordinate by coordinate."""
    l1, gamma = 0.3, 0.2
    x0 = np.random.default_rng(2).normal(scale=0.1, size=(1, problem.d))
    method = algorithms.make({"name": "ef21_prox", "l1": l1})
    record = next(optimize(problem, method, compressors.make(top(1)), x0=x0, gammas=[gamma], seeds=[0], rounds=0))
    u = x0[0] - gamma * problem.gradients(x0)[0].mean(axis=0)
    prox = [max(0.0, abs(u_k) - gamma * l1) * math.copysign(1.0, u_k) for u_k in u]
    assert record.grad_norm_sq[0] == pytest.approx(sum(((x_k - p_k) / gamma) ** 2 for x_k, p_k in zip(x0[0], prox, strict=True)), rel=1e-12)
    assert record.loss[0] == pytest.approx(problem.loss(x0)[0] + l1 * sum(abs(x_k) for x_k in x0[0]), rel=1e-12)
