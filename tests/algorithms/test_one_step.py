"""The steps of DIANA and MARINA in exact expectation: one round on random quadratics, every outcome of Rand-k and the coin counted."""

import itertools
from typing import NamedTuple

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.problems.base import Facts


class Quadratics(NamedTuple):
    """fᵢ(x) = ½ (x − cᵢ)ᵀHᵢ(x − cᵢ)."""

    H: np.ndarray  # (n, d, d)
    c: np.ndarray  # (n, d)

    def gradients(self, x):
        return np.einsum("nij,nj->ni", self.H, x - self.c)

    def f(self, x):
        return np.mean([(x - c) @ H @ (x - c) / 2 for H, c in zip(self.H, self.c, strict=True)])

    def best(self):
        return np.linalg.solve(self.H.mean(axis=0), np.einsum("nij,nj->i", self.H, self.c) / len(self.c))

    def facts(self):
        each, whole = np.linalg.eigvalsh(self.H), np.linalg.eigvalsh(self.H.mean(axis=0))
        n, d = self.c.shape
        mu = whole[0] if whole[0] > 0 else None
        node_mu = np.maximum(each[:, 0], 0.0)
        convex = each.min() >= 0
        return Facts(
            d,
            n,
            n * d,
            ((d,),),
            max(np.abs(whole).max(), 1e-3),
            np.abs(each).max(axis=1),
            mu,
            n * d,
            np.full(n, d),
            convex,
            0.0,
            node_mu=node_mu,
        )


def quadratics(rng, n, d, low, high):
    """Curvatures of the nodes in [low, high], both ends among them; every third time all nodes share their axes."""
    turns = [np.linalg.qr(rng.normal(size=(d, d)))[0] for _ in range(n)]
    turns = turns[:1] * n if rng.random() < 1 / 3 else turns
    values = rng.choice([low, high], size=(n, d)) if rng.random() < 0.5 else rng.uniform(low, high, size=(n, d))
    values[0, 0], values[-1, -1] = low, high
    return Quadratics(np.stack([Q @ np.diag(v) @ Q.T for Q, v in zip(turns, values, strict=True)]), rng.normal(size=(n, d)))


def outcomes(n, d, k):
    """Every choice of k coordinates by each of n nodes as (n, d) factors of Q, all equally likely."""
    kept = np.array([[d / k * (j in chosen) for j in range(d)] for chosen in itertools.combinations(range(d), k)])
    return [kept[list(choice)] for choice in itertools.product(range(len(kept)), repeat=n)]


def rand_k(k):
    return compressors.make({"name": "rand_k", "k": k, "scaling": "unbiased"})


def diana_ratio(rng, stretch=1.0):
    """E V⁺ over (1 − γμ)V at a random place; V is that of the proof."""
    n, d = rng.integers(1, 4), rng.integers(2, 4)
    k = int(rng.integers(1, d))
    mu = 10 ** rng.uniform(-2, -0.01)
    problem, omega = quadratics(rng, n, d, mu, 1.0), d / k - 1
    gamma = stretch * algorithms.make("diana").step_size(problem.facts(), rand_k(k)).gamma
    beta, best = 1 / (1 + omega), problem.best()
    learned = problem.gradients(best)
    x = best + rng.normal(size=d) * 10 ** rng.uniform(-3, 3)
    h = learned + rng.normal(size=(n, d)) * 10 ** rng.uniform(-3, 3)

    def potential(x, h):
        return np.sum((x - best) ** 2) + 4 * omega / (n * beta) * gamma**2 * np.mean(np.sum((h - learned) ** 2, axis=1))

    after = []
    for factors in outcomes(n, d, k):
        m = factors * (problem.gradients(x) - h)
        after.append(potential(x - gamma * np.mean(h + m, axis=0), h + beta * m))
    return np.mean(after) / ((1 - gamma * mu) * potential(x, h))


def marina_excess(rng, stretch=1.0):
    """(E Φ⁺ + (γ/2)‖∇f‖²)/Φ at a random place, the curvatures of f both above and below 0; Φ is that of the proof, from 0."""
    n, d = rng.integers(1, 4), rng.integers(2, 4)
    k, p = int(rng.integers(1, d)), float(rng.choice([0.05, 0.3, 0.8, 1.0]))
    problem = quadratics(rng, n, d, -1.0 if rng.random() < 0.5 else 0.1, 1.0)
    facts = problem.facts()
    gamma = stretch * algorithms.make({"name": "marina", "p": p}).step_size(facts, rand_k(k)).gamma
    x, before = rng.normal(size=d), problem.gradients
    grad = before(x)
    g = grad.mean(axis=0) * rng.uniform(-2, 2) + rng.normal(size=d) * 10 ** rng.uniform(-3, 1) * (rng.random() < 0.7)
    forward = x - gamma * g

    def potential(x, g):
        return problem.f(x) + gamma / (2 * p) * np.sum((g - before(x).mean(axis=0)) ** 2)

    whole = potential(forward, before(forward).mean(axis=0))
    changed = [potential(forward, g + np.mean(factors * (before(forward) - grad), axis=0)) for factors in outcomes(n, d, k)]
    falls = p * whole + (1 - p) * np.mean(changed) + gamma / 2 * np.sum(grad.mean(axis=0) ** 2) - potential(x, g)
    return falls / (abs(problem.f(x)) + gamma * (np.sum(g**2) + np.sum(grad**2)))


def test_dianas_potential_falls_at_its_rate_in_exact_expectation():
    rng = np.random.default_rng(0)
    assert max(diana_ratio(rng) for _ in range(1500)) <= 1 + 1e-12


def test_marinas_potential_falls_by_half_of_gamma_times_the_gradient_in_exact_expectation():
    rng = np.random.default_rng(1)
    assert max(marina_excess(rng) for _ in range(1500)) <= 1e-12


@pytest.mark.parametrize(("ratio", "limit"), [(diana_ratio, 1.0), (marina_excess, 0.0)])
def test_a_step_that_is_longer_by_a_quarter_is_seen_to_break_it(ratio, limit):
    rng = np.random.default_rng(2)
    assert max(ratio(rng, 1.25) for _ in range(1500)) > limit + 1e-3
