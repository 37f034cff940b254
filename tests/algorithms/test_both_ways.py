"""EF21-BC against an adversary: any operators whose errors are as large as α and α_M allow, in the directions that hurt."""

import numpy as np
import pytest

from ef21lab import theory
from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

RUNS, T = 600, 60


class Quadratics:
    """RUNS problems at once: fᵢ(x) = ½(x − cᵢ)ᵀHᵢ(x − cᵢ) on n nodes, with their exact L, L̃ and least value."""

    def __init__(self, rng, n, d):
        curvatures = 10.0 ** rng.uniform(-2, 1, (RUNS, n, d))
        turned = rng.random((RUNS, 1, 1, 1)) < 0.5
        Q = np.where(turned, np.linalg.qr(rng.normal(size=(RUNS, n, d, d)))[0], np.eye(d))
        self.H = np.einsum("rnij,rnj,rnkj->rnik", Q, curvatures, Q)
        self.c = rng.normal(size=(RUNS, n, d)) * 10.0 ** rng.uniform(-1, 1, (RUNS, 1, 1))
        mean = self.H.mean(axis=1)
        self.L, self.L_tilde = np.linalg.eigvalsh(mean)[:, -1], np.sqrt((curvatures.max(axis=2) ** 2).mean(axis=1))
        pull = np.einsum("rnij,rnj->rni", self.H, self.c).mean(axis=1)
        self.lowest = self.f(np.linalg.solve(mean, pull[..., None])[..., 0])

    def f(self, x):
        away = x[:, None] - self.c
        return 0.5 * np.einsum("rni,rnij,rnj->rn", away, self.H, away).mean(axis=1)

    def gradients(self, x):
        return np.einsum("rnij,rnj->rni", self.H, x[:, None] - self.c)


class Adversary:
    """C(v) = v + √(1 − α)‖v‖u, where u is along v or against it, along or against the gradient of f, turned, or anything."""

    def __init__(self, rng, alpha):
        self.rng, self.root = rng, np.sqrt(1.0 - alpha)
        self.kind = rng.integers(0, 6, RUNS)

    def __call__(self, v, gradient):
        choices = np.stack([-v, v, gradient + 0 * v, -gradient + 0 * v, np.roll(v, 1, axis=-1) * -1.0, self.rng.normal(size=v.shape)])
        along = choices[self.kind, np.arange(RUNS)]
        u = along / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1e-300)
        root = self.root.reshape((RUNS,) + (1,) * (v.ndim - 1))
        return v + root * np.linalg.norm(v, axis=-1, keepdims=True) * u


def each(formula, *columns):
    return np.array([formula(*map(float, row)) for row in zip(*columns, strict=True)])


def error_of_the_direction(step_of, seed, n, d, is_whole_at_first=True):
    """Σ‖∇f‖² and Σ‖g − ∇f‖² and what is claimed to be above them, each (RUNS,); γ = step_of(L, A, rng)."""
    rng = np.random.default_rng([seed, n, d])
    problem, alpha, alpha_M = Quadratics(rng, n, d), rng.uniform(0.02, 0.98, RUNS), rng.uniform(0.02, 0.98, RUNS)
    C, C_M = Adversary(rng, alpha), Adversary(rng, alpha_M)
    A = 1.0 / each(lambda L, *rest: theory.ef21_bc_step(L, *rest), np.zeros(RUNS), problem.L_tilde, alpha, alpha_M)
    gamma = step_of(problem.L, A, rng)[:, None]
    x = rng.normal(size=(RUNS, d)) * 10.0 ** rng.uniform(-2, 1, (RUNS, 1))
    gap, gradients = problem.f(x) - problem.lowest, problem.gradients(x)
    g_i = C(gradients, gradients.mean(axis=1)[:, None])
    g = g_i.mean(axis=1) if is_whole_at_first else C_M(g_i.mean(axis=1), gradients.mean(axis=1))
    theta, theta_M = each(theory.theta, alpha), each(theory.theta, alpha_M)
    G, H = ((g_i - gradients) ** 2).sum(axis=-1).mean(axis=1), ((g - g_i.mean(axis=1)) ** 2).sum(axis=-1)
    s = each(theory.root_beta_over_theta, alpha_M) * (2 - theta) / (1 - theta)
    K = each(theory.ef21_bc_weight, alpha, alpha_M) * G / theta + (1 + 1 / s) * H / theta_M
    norms, errors, moved = np.zeros(RUNS), np.zeros(RUNS), np.zeros(RUNS)
    for _ in range(T):
        gradient = gradients.mean(axis=1)
        norms, errors = norms + (gradient**2).sum(axis=-1), errors + ((g - gradient) ** 2).sum(axis=-1)
        moved, x = moved + ((gamma * g) ** 2).sum(axis=-1), x - gamma * g
        gradients = problem.gradients(x)
        gradient = gradients.mean(axis=1)
        g_i = g_i + C(gradients - g_i, gradient[:, None])
        g = g + C_M(g_i.mean(axis=1) - g, gradient)
    return norms, 2 * gap / gamma[:, 0] + K, errors, A**2 * moved + K


def longest(L, A, rng):
    """γL + γ²A² = 1."""
    return 2.0 / (L + np.sqrt(L**2 + 4 * A**2))


STEPS = {
    "the step of the theorem": lambda L, A, rng: 1.0 / (L + A),
    "the longest step of the proof": longest,
    "any shorter step": lambda L, A, rng: longest(L, A, rng) * 10.0 ** rng.uniform(-5, 0, RUNS),
}
SHAPES = [(1, 1), (1, 3), (2, 1), (2, 2), (3, 4)]


@pytest.mark.parametrize("is_whole_at_first", [True, False])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_no_operators_push_the_gradients_above_the_bound_of_the_proof(n, d, step, is_whole_at_first):
    norms, bound, errors, of_errors = error_of_the_direction(STEPS[step], 0, n, d, is_whole_at_first)
    assert np.all(norms <= bound * (1 + 1e-9))
    assert np.all(errors <= of_errors * (1 + 1e-9))


def test_the_adversary_comes_near_the_bound():
    """So the test above has teeth: bounds a fifth lower would be crossed."""
    reached = [error_of_the_direction(step, 0, n, d) for step in STEPS.values() for n, d in SHAPES]
    assert max(np.max(norms / bound) for norms, bound, _, _ in reached) > 0.8
    assert max(np.max(errors / of_errors) for _, _, errors, of_errors in reached) > 0.9


def test_the_step_leaves_something_to_spare():
    """γL + γ²A² = 1 − γ²LA at γ = 1/(L + A), so all that the proof adds up is summable."""
    L, A = np.meshgrid(np.geomspace(1e-3, 1e3, 13), np.geomspace(1e-3, 1e3, 13))
    gamma = 1 / (L + A)
    np.testing.assert_allclose(gamma * L + (gamma * A) ** 2, 1 - gamma**2 * L * A, rtol=1e-12)
    assert np.all(gamma < longest(L, A, None))


def test_a_line_is_claimed_only_from_the_start_whose_constant_is_known(problem):
    alpha = compressors.make({"name": "top_k", "k": 2}).step_alpha(problem.d)
    assert algorithms.make("ef21_bc").mean_bounds(problem.facts, alpha)
    assert not algorithms.make({"name": "ef21_bc", "downlink_init": "compressed"}).mean_bounds(problem.facts, alpha)
    assert not algorithms.make({"name": "ef21_bc", "downlink": {"name": "hosvd", "ranks": 1}}).mean_bounds(problem.facts, alpha)
    assert not algorithms.make("ef21_bc").mean_bounds(problem.facts, 1.0)
    exact = algorithms.make({"name": "ef21_bc", "downlink": {"name": "identity", "width": "64"}})
    assert exact.mean_bounds(problem.facts, 1.0)[0].longest == pytest.approx(1 / problem.facts.smoothness)


@pytest.mark.parametrize(("downlink", "random"), [("natural", False), ({"name": "rand_k", "k": 2}, True)])
def test_a_random_downlink_makes_it_a_matter_of_expectation(problem, downlink, random):
    (bound,) = algorithms.make({"name": "ef21_bc", "downlink": downlink}).mean_bounds(problem.facts, 0.5)
    assert bound.random == random


def test_two_orders_of_adding_up_the_mean_part_at_a_tie_of_the_nearest_power_and_nowhere_else():
    """g̃ message by message, or the mean of all g̃ᵢ anew: what the master says first differs where it wants 3/2 of a power of two."""
    parts = {"dataset": "breast_cancer", "partition": {"name": "unequal", "nodes": 7}, "algorithm": "ef21_bc", "compressor": "natural"}
    spec = RunSpec.make(parts)
    problem, natural = problem_of(spec), compressors.make("natural")
    gamma = plan(spec, problem.facts).gamma
    kept, anew = (said(problem, natural, spec.start.point(problem)[None, :], gamma, anew) for anew in (False, True))
    one, other = next((one, other) for one, other in zip(kept, anew, strict=True) if not np.array_equal(one[1], other[1]))
    ties = one[1] != other[1]
    for wanted in (one[0][ties], other[0][ties]):
        np.testing.assert_allclose(2 * np.abs(np.frexp(wanted)[0]), 1.5, rtol=1e-12)
    np.testing.assert_allclose(one[0], other[0], rtol=1e-9, atol=1e-15)


def said(problem, natural, x, gamma, anew):
    """What the master wants to say and what it says in the first rounds, literally."""
    gradients = problem.at(x).gradients
    estimates = natural.compress(gradients).values
    mean = g = estimates.mean(axis=1)
    for _ in range(10):
        x = x - gamma * g
        sent = natural.compress(problem.at(x).gradients - estimates).values
        estimates = estimates + sent
        mean = estimates.mean(axis=1) if anew else mean + sent.mean(axis=1)
        wanted = mean - g
        b = natural.compress(wanted).values
        g = g + b
        yield wanted, b
