"""What theorems say of a run is never crossed by the run, and is not said where a theorem does not reach."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ef21lab import theory
from ef21lab.datasets.base import Table
from ef21lab.problems.base import Problem, objectives
from ef21lab.problems.minimum import minimum
from ef21lab.runs import posed
from ef21lab.runs.guarantees import Guarantees, band, guarantees, running_mean
from ef21lab.runs.loop import optimize
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace, trace_of

FLOAT64 = 1e-12  # relative: adding up losses and squares
RECEIVED = 2.0**-21  # relative: messages arrive as float32
DETERMINISTIC = [
    {"name": "top_k", "k": 1},
    {"name": "top_k", "k": 4},
    {"name": "st_hosvd", "dims": [3, 4], "ranks": 1},
    {"name": "sign"},
    {"name": "identity"},
]
CONVEX = ["logistic_ridge", "least_squares"]
ROUNDS = 40


def problem_of(objective: str, nodes: int, seed: int, lam: float = 0.1) -> Problem:
    rng = np.random.default_rng(seed)
    scales = 10.0 ** rng.uniform(-1, 1, nodes)  # nodes differ
    rows = np.repeat(np.arange(nodes), 6)
    table = Table(rng.normal(size=(6 * nodes, 12)) * scales[rows, None], rng.choice([-1.0, 1.0], 6 * nodes), ("no", "yes"), (3, 4))
    return objectives.make({"name": objective, "lam": lam}).on(table, rows, nodes)


def run(problem: Problem, rounds: int = ROUNDS, known: bool = True, **parts: object) -> tuple[Trace, Guarantees]:
    """A run of these parts on this problem, and what is said of it."""
    spec = RunSpec.make({"rounds": rounds, **parts})
    planned = plan(spec, problem.facts)
    x0 = spec.start.point(problem)[None, :]
    records = optimize(problem, spec.algorithm, planned.compressor, x0=x0, gammas=[planned.gamma], seeds=[spec.seed], rounds=rounds)
    found = minimum(problem) if known and problem.facts.mu is not None else None
    return trace_of(records), guarantees(planned, found)


def above(line: np.ndarray, curve: np.ndarray) -> bool:
    """Wherever both are drawn."""
    drawn = np.isfinite(line) & np.isfinite(curve)
    return bool(drawn.any() and (curve[drawn] <= line[drawn] * (1 + FLOAT64)).all())


problems = st.builds(problem_of, st.sampled_from(["logistic_nonconvex", *CONVEX]), st.integers(1, 6), st.integers(0, 10**6))
convex = st.builds(problem_of, st.sampled_from(CONVEX), st.integers(1, 6), st.integers(0, 10**6))
deterministic = st.sampled_from(DETERMINISTIC)
momentum = st.builds(lambda eta: {"name": "ef21_hb", "eta": eta}, st.sampled_from([0.0, 0.5, 0.9]))
proximal = st.builds(lambda l1: {"name": "ef21_prox", "l1": l1}, st.sampled_from([0.0, 0.01, 1.0]))
methods = st.one_of(st.sampled_from(["ef21", "ef21_plus", "ef21_w", "gd"]), momentum, proximal)
starts = st.sampled_from(["normal", "zeros"])


@settings(max_examples=60, deadline=None)
@given(problems, deterministic, methods, starts, st.sampled_from(["theory", "theory_2024"]))
def test_the_running_mean_stays_below_its_line(problem, compressor, method, start, rule):
    rule = rule if method in ("ef21", "ef21_plus", "ef21_w") else "theory"
    trace, said = run(problem, compressor=compressor, algorithm=method, start=start, step=rule)
    assert "mean" not in said.missing
    drawn = said.columns(trace.columns)
    assert above(drawn["mean_line"], drawn["mean"])


@settings(max_examples=60, deadline=None)
@given(convex, deterministic, st.sampled_from(["ef21", "ef21_plus"]), starts, st.floats(0.1, 1.0))
def test_psi_stays_below_its_line(problem, compressor, method, start, multiple):
    trace, said = run(problem, compressor=compressor, algorithm=method, start=start, step={"rule": "theory_pl", "multiple": multiple})
    drawn = said.columns(trace.columns)
    assert above(drawn["psi_line"], drawn["psi"])


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CONVEX), st.integers(1, 6), st.integers(0, 10**6), starts, st.floats(0.1, 1.0), st.sampled_from([0.01, 1e3]))
def test_gradient_descent_keeps_psi_below_its_line_at_every_step_up_to_1_over_l(objective, nodes, seed, start, multiple, lam):
    """With λ = 1000 μ is above L/2, where Theorem 2 of EF21 stops at 1/(2μ). The floor of float32 gradients is in the line."""
    problem = problem_of(objective, nodes, seed, lam)
    trace, said = run(problem, rounds=400, algorithm="gd", start=start, step={"rule": "theory", "multiple": multiple})
    drawn = said.columns(trace.columns)
    assert "psi" not in said.missing
    psi, line = drawn["psi"], drawn["psi_line"]
    assert above(line + FLOAT64 * trace["loss"], psi)
    gamma, mu = said.constants.gamma, problem.facts.mu
    first = trace["loss"][0] - said.constants.lowest
    assert line[1] == pytest.approx((1 - gamma * mu) * first, rel=1e-6, abs=1e-9 * first)


def test_where_the_nodes_disagree_what_float32_costs_gradient_descent_is_in_its_line():
    """One node pulls to −1000, the other to 1000: their gradients never vanish, so neither does what rounding them costs."""
    table = Table(np.ones((2, 1)), np.array([-1000.3, 1000.0]), (), (1,))
    problem = objectives.make({"name": "least_squares", "lam": 0.3}).on(table, np.arange(2), 2)
    trace, said = run(problem, rounds=300, algorithm="gd", step={"rule": "theory", "multiple": 0.5})
    drawn = said.columns(trace.columns)
    G, gamma, mu = trace["distortion"], said.constants.gamma, problem.facts.mu
    expected = trace["loss"][0] - said.constants.lowest
    for t in range(300):
        expected = (1 - gamma * mu) * expected + gamma / 2 * G[t]
    assert drawn["psi_line"][300] == pytest.approx(expected + gamma * G[300], rel=1e-5)
    assert drawn["psi_line"][300] > 1e6 * (1 - gamma * mu) ** 300 * trace["loss"][0]


@settings(max_examples=40, deadline=None)
@given(convex, deterministic, st.sampled_from(["ef21", "ef21_plus"]), starts, st.sampled_from([0.1, 0.5, 1.0, 1.02, 1.3]))
def test_the_potential_of_the_exact_rate_stays_below_its_line_at_every_step_that_has_one(problem, compressor, method, start, multiple):
    step = {"rule": "theory_tight", "multiple": multiple}
    trace, said = run(problem, rounds=200, known=False, compressor=compressor, algorithm=method, start=start, step=step)
    drawn = said.columns(trace.columns)
    assert multiple > 1 or "tight" not in said.missing
    assert "tight" in said.missing or above(drawn["tight_line"], drawn["tight"])


def test_v_of_a_record_is_v_of_the_paper_and_its_line_falls_at_the_rate():
    """(s/n)‖Σ ∇fᵢ‖² + Σ ‖∇fᵢ − gᵢ‖² from the state of every round, and ρ* as printed."""
    problem = problem_of("least_squares", 3, 5)
    spec = RunSpec.make({"compressor": {"name": "top_k", "k": 3}, "step": "theory_tight", "rounds": 12})
    planned = plan(spec, problem.facts)
    going = optimize(problem, spec.algorithm, planned.compressor, x0=np.ones((1, 12)), gammas=[planned.gamma], seeds=[0], rounds=12)
    records = [(record, going.checkpoint().state) for record in going]
    drawn = guarantees(planned).columns(trace_of([record for record, _ in records]).columns)
    s, kappa = np.sqrt(1 - 3 / 12), max(problem.facts.node_smoothness) / min(problem.facts.node_mu)
    rate = s + (1 - s) / 2 * ((kappa - 1) / (kappa + 1)) ** 2 * (1 - s + np.sqrt((1 + s) ** 2 + 16 * kappa * s / (kappa - 1) ** 2))
    for t, (_, state) in enumerate(records):
        gradients = problem.gradients(state["x"])[0]
        V = s / 3 * np.sum(gradients.sum(axis=0) ** 2) + np.sum((gradients - state["estimates"][0]) ** 2)
        assert drawn["tight"][t] == pytest.approx(V, rel=1e-6)
        assert drawn["tight_line"][t] == pytest.approx(drawn["tight"][0] * rate**t, rel=1e-5)


def test_where_v_does_not_fall_for_certain_it_has_no_line():
    problem = problem_of("least_squares", 3, 5)
    _, said = run(problem, rounds=3, compressor="sign", step={"rule": "theory_tight", "multiple": 3})
    assert "times the longest that the theorem allows" in said.missing["tight"].en
    _, said = run(problem, rounds=3, compressor="rand_k")
    assert "random" in said.missing["tight"].en


@settings(max_examples=60, deadline=None)
@given(problems, deterministic, st.sampled_from(["ef21", "ef21_plus"]), st.sampled_from([1.0, 30.0]))
def test_distortion_stays_below_its_recursion_at_any_step(problem, compressor, method, multiple):
    trace, said = run(problem, compressor=compressor, algorithm=method, step={"rule": "theory", "multiple": multiple})
    kept = trace["distortion"] > 1e-24 * trace["grad_norm_sq"][0]  # below that the gradients' own rounding is measured
    line = np.where(kept, said.columns(trace.columns)["distortion_line"], np.nan)
    assert not kept[1:].any() or above(line, trace["distortion"])


@settings(max_examples=60, deadline=None)
@given(problems, deterministic, starts)
def test_the_potential_never_rises_at_the_step_of_the_theorem(problem, compressor, start):
    trace, said = run(problem, compressor=compressor, algorithm={"name": "ef21"}, start=start)
    gamma, alpha = said.constants.gamma, said.constants.alpha
    height = trace["loss"] - said.constants.lowest + gamma / (2 * theory.theta(alpha)) * trace["distortion"]
    assert (np.diff(height) <= RECEIVED * height[:-1] + FLOAT64 * np.maximum(1.0, trace["loss"][:-1])).all()


@settings(max_examples=40, deadline=None)
@given(problems, deterministic, st.integers(0, 3))
def test_every_message_contracts_as_certified(problem, compressor, seed):
    trace, said = run(problem, rounds=5, compressor=compressor, seed=seed)
    least, median, greatest = band(trace.contraction)
    assert (np.nan_to_num(greatest) <= said.level).all()
    assert (np.nan_to_num(least) <= np.nan_to_num(median)).all()


def test_a_random_compressor_keeps_its_line_in_the_mean_over_draws():
    problem = problem_of("logistic_nonconvex", 4, 1)
    runs = [
        run(problem, compressor={"name": "rand_k", "k": 3}, algorithm={"name": "ef21", "init": "full"}, seed=seed) for seed in range(20)
    ]
    assert all(said.in_expectation for _, said in runs)
    means = np.mean([said.columns(trace.columns)["mean"] for trace, said in runs], axis=0)
    assert above(runs[0][1].columns(runs[0][0].columns)["mean_line"], means)


def test_some_of_the_nodes_keep_the_line_of_a_smaller_alpha_in_the_mean_over_draws():
    problem, p, alpha = problem_of("logistic_nonconvex", 4, 1), 0.4, 3 / 12
    runs = [run(problem, compressor={"name": "top_k", "k": 3}, algorithm={"name": "ef21_pp", "p": p}, seed=seed) for seed in range(20)]
    trace, said = runs[0]
    assert said.in_expectation
    line = said.columns(trace.columns)["mean_line"]
    gap, theta = trace["loss"][0] - problem.facts.lowest, 1 - np.sqrt(1 - p * alpha)
    assert line[10] == pytest.approx((2 * gap / said.constants.gamma + trace["distortion"][0] / theta) / 10, rel=1e-5)
    assert above(line, np.mean([said.columns(trace.columns)["mean"] for trace, said in runs], axis=0))


def test_momentum_counts_as_a_step_so_much_longer():
    problem = problem_of("logistic_nonconvex", 4, 1)
    trace, said = run(problem, compressor={"name": "top_k", "k": 3}, algorithm={"name": "ef21_hb", "eta": 0.75})
    gap, theta = trace["loss"][0] - problem.facts.lowest, 1 - np.sqrt(1 - 3 / 12)
    expected = (2 * gap / (4 * said.constants.gamma) + trace["distortion"][0] / theta) / 10
    assert said.columns(trace.columns)["mean_line"][10] == pytest.approx(expected, rel=1e-5)


def test_of_a_penalised_loss_the_mean_of_the_gradient_mapping_is_bounded_as_the_proof_says():
    """8(Φ⁰ − F_inf)/(γT) with Φ = F + (5γ/4θ)G, F ≥ 0."""
    problem = problem_of("logistic_nonconvex", 4, 1)
    trace, said = run(problem, compressor={"name": "top_k", "k": 3}, algorithm={"name": "ef21_prox", "l1": 0.02})
    gamma, theta = said.constants.gamma, 1 - np.sqrt(1 - 3 / 12)
    x0 = np.random.default_rng(0).normal(size=12)
    F = problem.loss(x0[None])[0] + 0.02 * np.sum(np.abs(x0))
    expected = 8 * (F + 5 * gamma / (4 * theta) * trace["distortion"][0]) / (gamma * 10)
    assert said.columns(trace.columns)["mean_line"][10] == pytest.approx(expected, rel=1e-5)


def test_a_proximal_step_that_is_too_long_has_no_line():
    _, said = run(problem_of("logistic_nonconvex", 2, 0), rounds=3, algorithm="ef21_prox", step={"rule": "theory", "multiple": 2})
    assert "2 times" in said.missing["mean"].en


def test_without_a_theorem_about_the_method_no_line_is_drawn():
    _, said = run(problem_of("logistic_nonconvex", 2, 0), rounds=3, compressor={"name": "top_k", "k": 1}, algorithm="dcgd")
    assert "no such bound is implemented for DCGD" in said.missing["mean"].en


def test_the_columns_are_those_of_a_slow_loop():
    """Every formula of THEORY written out with numbers, over a trace of unequal nodes."""
    problem = problem_of("least_squares", 3, 5)
    trace, said = run(problem, rounds=12, compressor={"name": "top_k", "k": 3}, step={"rule": "theory_pl"})
    alpha, gamma, mu = 3 / 12, said.constants.gamma, problem.facts.mu
    theta, beta = 1 - (1 - alpha) ** 0.5, (1 - alpha) / (1 - (1 - alpha) ** 0.5)
    smoothness_sq = sum(L * L for L in problem.facts.node_smoothness) / 3
    least = minimum(problem).high
    f, g, G, moved = trace["loss"], trace["grad_norm_sq"], trace["distortion"], trace["moved"]
    drawn = said.columns(trace.columns)
    for t in range(1, 13):
        assert drawn["mean"][t] == pytest.approx(sum(g[s] for s in range(t)) / t, rel=1e-12)
        assert drawn["mean_line"][t] == pytest.approx(2 * (f[0] - least) / (gamma * t) + G[0] / (theta * t), rel=1e-5)
        assert drawn["psi"][t] == pytest.approx(f[t] - least + gamma / theta * G[t], rel=1e-5)
        assert drawn["psi_line"][t] == pytest.approx((1 - gamma * mu) ** t * (f[0] - least + gamma / theta * G[0]), rel=1e-5)
        assert drawn["distortion_line"][t] == pytest.approx((1 - theta) * G[t - 1] + beta * smoothness_sq * moved[t], rel=1e-5)
    assert all(np.isnan(drawn[name][0]) for name in ("mean", "mean_line", "distortion_line"))


def test_a_step_that_only_the_2024_theorem_allows_pays_for_it_in_the_first_distortion():
    """Σ ‖gᵢ − ∇fᵢ‖²/(n²wᵢ) with wᵢ = Lᵢ/ΣLⱼ is at most G/(n min wᵢ)."""
    problem = problem_of("logistic_nonconvex", 3, 5)
    shares = problem.facts.node_smoothness / problem.facts.node_smoothness.sum()
    trace, said = run(problem, rounds=3, compressor={"name": "top_k", "k": 3}, step="theory_2024")
    gap, theta = trace["loss"][0] - problem.facts.lowest, 1 - (1 - 3 / 12) ** 0.5
    expected = (2 * gap / said.constants.gamma + trace["distortion"][0] / (3 * min(shares)) / theta) / 2
    assert said.columns(trace.columns)["mean_line"][2] == pytest.approx(expected, rel=1e-5)


def test_the_mean_over_the_first_iterates_leaves_the_present_one_out():
    assert running_mean(np.array([4.0, 2.0, 9.0]))[1:].tolist() == [4.0, 3.0]


def test_the_band_is_over_those_who_spoke():
    drawn = band(np.array([[0.5, np.nan, 0.1, 0.3], [np.nan] * 4, [0.4, 0.2, 0.6, 0.8]]))
    np.testing.assert_allclose(np.stack(drawn).T, [[0.1, 0.3, 0.5], [np.nan] * 3, [0.2, 0.5, 0.8]])


REACHES = {
    "mean": ("a longer step", {"step": {"rule": "theory", "multiple": 32}}, "32 times"),
    "psi": ("no μ", {}, "μ"),
    "tight": ("no μᵢ", {}, "μᵢ"),
    "distortion": ("another method", {"algorithm": "gd"}, "no such bound is implemented for Gradient descent"),
    "contraction": ("no certificate", {"compressor": {"name": "hosvd", "dims": [3, 2, 2], "ranks": 1}}, "α"),
}


@pytest.mark.parametrize("statement", REACHES)
def test_where_a_theorem_does_not_reach_the_reason_is_said(statement):
    _, parts, words = REACHES[statement]
    trace, said = run(problem_of("logistic_nonconvex", 2, 0), rounds=3, **{"compressor": {"name": "top_k", "k": 1}, **parts})
    assert words in said.missing[statement].en
    assert f"{statement}_line" not in said.columns(trace.columns)
    assert statement != "contraction" or said.level is None


def test_a_step_too_long_for_psi_leaves_psi_itself_in_sight():
    trace, said = run(problem_of("least_squares", 2, 0), rounds=3, compressor="identity", step={"rule": "theory_pl", "multiple": 2})
    assert "2 times" in said.missing["psi"].en
    assert "psi" in said.columns(trace.columns)


def test_rounds_left_out_leave_no_running_mean():
    problem = problem_of("least_squares", 2, 0)
    trace, said = run(problem, rounds=4, record_every=2)
    drawn = said.columns(trace.columns)
    assert {"mean", "distortion"} <= said.missing.keys()
    assert drawn.keys() == {"psi", "psi_line"} if "psi" not in said.missing else {"psi"}


@pytest.mark.parametrize("objective", [*CONVEX, "softmax"])
@pytest.mark.parametrize("lam", [0.1, 1e-4])
def test_the_minimum_is_closed_in_from_both_sides(objective, lam):
    problem = problem_of(objective, 3, 2, lam)
    low, high = minimum(problem)
    rng = np.random.default_rng(0)
    assert high - low <= 2e-12 * max(1.0, high)
    assert (problem.loss(rng.normal(size=(200, problem.d))) > low).all()


def test_the_minimum_of_a_quadratic_is_that_of_its_normal_equations():
    problem = problem_of("least_squares", 3, 2)
    shift, basis = problem.gradients(np.zeros((1, problem.d))).mean(axis=1)[0], problem.gradients(np.eye(problem.d)).mean(axis=1)
    solution = np.linalg.solve(basis - shift, -shift)
    low, high = minimum(problem)
    assert low <= problem.loss(solution[None])[0] <= high


def test_without_compression_one_step_serves_both_theorems() -> None:
    """What float32 loses set the two steps 10⁻⁸ apart, and the line of Ψ was refused for a step "1 times" too long."""
    spec = RunSpec.make({"objective": "logistic_ridge", "compressor": "identity"})
    problem = posed.problem_of(spec)
    facts = problem.facts
    planned = plan(spec, facts)
    assert "psi" not in guarantees(planned, minimum(problem)).missing
    assert planned.gamma == pytest.approx(1 / facts.smoothness, rel=1e-6)
