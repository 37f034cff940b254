"""What f is measured from: f* where it is certain, else a number that f is nowhere below; never the winner itself."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.optimize

from ef21lab.problems.minimum import Minimum, minimum
from ef21lab.runs.guarantees import Floor
from ef21lab.runs.posed import problem_of as posed
from ef21lab.runs.spec import RunSpec
from tests.runs.test_guarantees import problem_of, run

LAM = 0.1


def quadratic(nodes: int, seed: int) -> float:
    """min of (1/n) Σ (1/2m)‖Aᵢx − bᵢ‖² + (λ/2)‖x‖², by the normal equations of the very rows that `problem_of` draws."""
    rng = np.random.default_rng(seed)
    scales = 10.0 ** rng.uniform(-1, 1, nodes)
    rows = np.repeat(np.arange(nodes), 6)
    A, b = rng.normal(size=(6 * nodes, 12)) * scales[rows, None], rng.choice([-1.0, 1.0], 6 * nodes)
    weights = 1.0 / (6 * nodes)
    x = np.linalg.solve(weights * A.T @ A + LAM * np.eye(12), weights * A.T @ b)
    return 0.5 * weights * float(np.sum((A @ x - b) ** 2)) + 0.5 * LAM * float(x @ x)


@pytest.mark.parametrize("seed", range(4))
def test_the_gap_of_a_quadratic_is_that_of_its_normal_equations(seed):
    problem = problem_of("least_squares", 3, seed, LAM)
    trace, said = run(problem, rounds=400, compressor={"name": "identity"}, algorithm="gd")
    gap, exact = said.columns(trace.columns)["gap"], trace["loss"] - quadratic(3, seed)
    drawn = np.isfinite(gap)
    assert drawn[0]
    assert said.floor.within < 1e-11 * max(1.0, abs(said.floor.level))
    np.testing.assert_allclose(gap[drawn], exact[drawn], atol=2 * said.floor.within + 1e-14)
    assert (exact[~drawn] <= 3 * said.floor.within + 1e-14).all(), "what is not drawn is f* within what is known"


def test_the_winner_does_not_dive_to_a_false_zero():
    """Both runs of gradient descent are far from f*, and so is the one that came nearer."""
    problem = problem_of("logistic_ridge", 3, 7, LAM)
    near, said = run(problem, rounds=12, compressor={"name": "identity"}, algorithm="gd")
    exact = scipy.optimize.minimize(lambda x: problem.loss(x[None, :])[0], np.zeros(12), method="BFGS", options={"gtol": 1e-10}).fun
    gap = said.columns(near.columns)["gap"]
    assert near["loss"].argmin() == len(near) - 1
    assert gap[-1] == pytest.approx(near["loss"][-1] - exact, rel=1e-4)
    assert gap[-1] > 1e-4


def test_where_f_is_not_convex_it_is_measured_from_a_number_below_it_and_that_is_said():
    problem = problem_of("logistic_nonconvex", 3, 1, LAM)
    trace, said = run(problem, rounds=30)
    assert said.floor == Floor(problem.facts.lowest, None)
    np.testing.assert_array_equal(said.columns(trace.columns)["gap"], trace["loss"] - problem.facts.lowest)


def test_a_penalty_makes_f_star_a_lower_bound_only():
    problem = problem_of("logistic_ridge", 3, 1, LAM)
    trace, said = run(problem, rounds=30, algorithm={"name": "ef21_prox", "l1": 0.05})
    assert said.floor == Floor(minimum(problem).low, None)
    assert (said.columns(trace.columns)["gap"] > 1e-3).all(), "f + the penalty stays above the minimum of f"


def test_a_minimum_that_is_not_close_is_a_lower_bound_and_no_f_star(monkeypatch):
    problem = problem_of("logistic_ridge", 3, 1, LAM)
    true = minimum(problem)
    monkeypatch.setattr("tests.runs.test_guarantees.minimum", lambda problem: Minimum(true.low - 1e-3, true.high))
    _, said = run(problem, rounds=3)
    assert said.floor == Floor(true.low - 1e-3, None)


def test_along_a_direction_that_is_flat_to_numbers_no_step_is_taken():
    """μ is known, but so small that no difference of gradients shows it."""
    parts = {
        "dataset": {
            "name": "quadratic",
            "dimension": 2,
            "heterogeneity": 0.9999999999999999,
            "smoothness": 168.53121395753402,
            "mu_share": 1e-200,
        }
    }
    spec = RunSpec.make(
        {
            **parts,
            "objective": {"name": "least_squares", "lam": 1e-308},
            "partition": {"name": "dirichlet", "concentration": 653.6394169450112, "nodes": 6},
        }
    )
    problem = posed(spec)
    found = minimum(problem)
    assert problem.facts.mu < 1e-190
    assert found.low <= found.high <= float(problem.loss(np.zeros((1, 2)))[0])


@pytest.mark.parametrize("seed", range(4))
def test_where_f_star_is_known_within_an_interval_psi_is_drawn_no_higher_and_its_line_no_lower_than_the_true_ones(seed):
    """f* is that of the normal equations, and what is said of it an interval around it that can be seen."""
    problem, wide = problem_of("least_squares", 3, seed, LAM), 1e-3
    trace, said = run(problem, rounds=60, compressor={"name": "top_k", "k": 3}, step={"rule": "theory_pl"})
    least = quadratic(3, seed)
    unsure = replace(said, constants=said.constants._replace(lowest=least - wide, attained=least + 2 * wide))
    drawn = unsure.columns(trace.columns)
    gamma, theta = said.constants.gamma, 1 - np.sqrt(1 - 3 / 12)
    psi = trace["loss"] - least + gamma / theta * trace["distortion"]
    line = (1 - gamma * problem.facts.mu) ** np.arange(61) * psi[0]
    seen = np.isfinite(drawn["psi"])
    assert seen[0]
    assert (drawn["psi"][seen] <= psi[seen] - 1.9 * wide).all()
    assert drawn["psi_line"][0] >= line[0] + 0.9 * wide
    assert (drawn["psi_line"] >= line).all()
