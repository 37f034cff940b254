"""What every objective promises, on dense and on sparse rows, with equal and unequal shares."""

import numpy as np
import pytest
import scipy.sparse as sp

from ef21lab.choices.text import Refusal
from ef21lab.datasets.base import Table
from ef21lab.plugins import of_problems as promised
from ef21lab.problems import _products, _spectrum
from ef21lab.problems._products import DenseProducts, SparseProducts, UnevenProducts
from ef21lab.problems.base import objectives

ROWS, P = 41, 5
SHARES = {
    "equal": np.repeat(np.arange(4), [10, 10, 10, 11]),
    "unequal": np.repeat(np.arange(4), [1, 3, 7, 30]),
    "interleaved": np.arange(ROWS) % 4,
    "one node": np.zeros(ROWS, dtype=int),
}
CURVATURE = {"softmax": 0.5, "least_squares": 1.0, "logistic_ridge": 0.25, "logistic_nonconvex": 0.25}  # of the loss, by the literature
AT_HAND = {name: member for name, member in objectives.members.items() if member().absence() is None}  # a network needs PyTorch
CASES = [(name, task) for name, member in AT_HAND.items() for task in sorted(member.tasks)]
KNOWN = [(name, task) for name, task in CASES if name in CURVATURE]
LAM = 0.07
SMALL = {"network": {"network": {"name": "mlp", "width": 3}}}  # each coordinate is moved a little, for every row


def table(task, sparse=False, seed=0):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(ROWS, P)) * (rng.random((ROWS, P)) < 0.6) * [1, 2, 0.1, 1, 3]
    labels, classes = {
        "two classes": (rng.choice([-1.0, 1.0], ROWS), ("no", "yes")),
        "many classes": (rng.permutation(np.arange(ROWS) % 3), ("a", "b", "c")),
        "regression": (rng.normal(size=ROWS), ()),
    }[task]
    return Table(sp.csr_matrix(features) if sparse else features, labels, classes, (P,))


def problem(name, task, share="unequal", sparse=False):
    node_of_row = SHARES[share]
    return member(name).on(table(task, sparse), node_of_row, node_of_row.max() + 1)


def member(name):
    kind = objectives.members[name]
    return kind(**({"lam": LAM} if "lam" in kind.fields() else {}), **SMALL.get(name, {}))


def points(problem, lanes=3, seed=1):
    return np.random.default_rng(seed).normal(size=(lanes, problem.d))


def posed(name, task, share):
    return promised.Posed(member(name), table(task), SHARES[share], problem(name, task, share))


def smoothness_of(name, rows, lam=LAM):
    """L of the mean over `rows` from the eigenvalues of the full Gram matrix, with the literature's bound on the loss's curvature."""
    return CURVATURE[name] * np.linalg.eigvalsh(rows.T @ rows / len(rows)).max() + lam * (2 if name == "logistic_nonconvex" else 1)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize(("name", "task"), CASES)
def test_the_loss_is_the_mean_over_nodes_of_the_mean_over_their_rows(name, task, share):
    found = posed(name, task, share)
    promised.is_the_mean_of_its_formula(found, points(found.problem))


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize(("name", "task"), KNOWN)
def test_every_node_is_as_strongly_convex_as_the_eigenvalues_of_its_own_rows_say(name, task, share, sparse):
    """The full Gram matrix of each node; only the squared loss is nowhere flat, and the nonconvex regulariser promises nothing."""
    found, given, node_of_row = problem(name, task, share, sparse).facts, table(task), SHARES[share]
    for i, mu in enumerate(found.node_mu):
        rows = given.features[node_of_row == i]
        of_data = max(0.0, np.linalg.eigvalsh(rows.T @ rows / len(rows)).min()) if name == "least_squares" else 0.0
        assert mu == pytest.approx(0.0 if name == "logistic_nonconvex" else of_data + 0.07, rel=1e-9, abs=1e-12)
    assert found.common_mu == (min(found.node_mu) or None)
    assert found.mu is None or found.common_mu <= found.mu * (1 + 1e-12)


def test_where_one_node_is_flat_there_is_no_common_constant():
    node_of_row = np.repeat(np.arange(2), [3, ROWS - 3])  # three rows of five columns
    found = objectives.members["least_squares"](lam=0.0).on(table("regression"), node_of_row, 2).facts
    assert found.node_mu[0] == 0.0 < found.node_mu[1]
    assert found.common_mu is None
    assert found.mu is not None


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize(("name", "task"), CASES)
def test_every_nodes_gradient_is_the_finite_difference_of_its_own_loss(name, task, share):
    found = posed(name, task, share)
    promised.has_the_slopes_of_its_formula(found, points(found.problem, lanes=1)[0])


@pytest.mark.parametrize("share", ["equal", "unequal", "interleaved"])
@pytest.mark.parametrize(("name", "task"), CASES)
def test_sparse_rows_give_what_dense_rows_give(name, task, share):
    dense, sparse = problem(name, task, share), problem(name, task, share, sparse=True)
    x = points(dense)
    np.testing.assert_allclose(sparse.loss(x), dense.loss(x), rtol=1e-12)
    np.testing.assert_allclose(sparse.gradients(x), dense.gradients(x), rtol=1e-11, atol=1e-13)
    assert_near(sparse.facts.node_smoothness, dense.facts.node_smoothness, rel=1e-10)
    assert_near(sparse.facts.smoothness, dense.facts.smoothness, rel=1e-10)
    assert_near(sparse.facts.mu, dense.facts.mu, rel=1e-8)


def assert_near(one, other, rel):
    """Both are not known, or both are and nearly the same."""
    assert (one is None) == (other is None)
    assert one is None or one == pytest.approx(other, rel=rel)


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("share", ["equal", "unequal"])
@pytest.mark.parametrize(("name", "task"), CASES)
def test_a_lane_does_not_depend_on_its_neighbours(name, task, share, sparse):
    made = problem(name, task, share, sparse)
    promised.keeps_lanes_apart(made, points(made, lanes=4))


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize(("name", "task"), KNOWN)
def test_node_smoothness_is_the_bound_from_the_largest_eigenvalue(name, task, sparse):
    given, node_of_row = table(task), SHARES["unequal"]
    expected = [smoothness_of(name, given.features[node_of_row == i]) for i in range(4)]
    np.testing.assert_allclose(problem(name, task, "unequal", sparse).facts.node_smoothness, expected, rtol=1e-10)


@pytest.mark.parametrize(("name", "task"), KNOWN)
def test_smoothness_of_f_weighs_rows_as_f_does(name, task):
    given, node_of_row = table(task), SHARES["unequal"]
    share_of_row = 1 / np.bincount(node_of_row)[node_of_row] / 4  # weight of a row's loss in f
    weighted = given.features * np.sqrt(share_of_row * ROWS)[:, None]
    assert problem(name, task, "unequal").facts.smoothness == pytest.approx(smoothness_of(name, weighted), rel=1e-10)
    assert problem(name, task, "one node").facts.smoothness == pytest.approx(smoothness_of(name, given.features), rel=1e-10)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize(("name", "task"), CASES)
def test_gradients_never_change_faster_than_smoothness_allows(name, task, share):
    made = problem(name, task, share)
    if made.facts.smoothness is None:
        pytest.skip(f"no L is known for {name}")
    pairs = promised.pairs_near_and_far(points(made, lanes=200), np.random.default_rng(2))
    promised.changes_no_faster_than_allowed(made, *pairs)


@pytest.mark.parametrize("share", ["equal", "unequal"])
@pytest.mark.parametrize(("name", "task"), CASES)
def test_mu_is_never_above_the_curvature_between_two_points(name, task, share):
    made = problem(name, task, share)
    if made.facts.mu is None:
        assert name == "logistic_nonconvex" or name not in CURVATURE
        return
    x, y = points(made, 200), points(made, 200, seed=3)
    change = made.gradients(x).mean(axis=1) - made.gradients(y).mean(axis=1)
    assert np.all(np.sum(change * (x - y), axis=-1) >= 0.999999 * made.facts.mu * np.sum((x - y) ** 2, axis=-1))


def test_mu_of_least_squares_is_its_smallest_eigenvalue():
    rows = table("regression").features
    expected = np.linalg.eigvalsh(rows.T @ rows / ROWS).min() + 0.07
    assert problem("least_squares", "regression", "one node").facts.mu == pytest.approx(expected, rel=1e-10)


def test_mu_of_very_many_columns_is_that_of_the_regulariser(monkeypatch):
    """A bound from below that asks for no eigenvalues of a matrix that large."""
    monkeypatch.setattr(_spectrum, "LARGE_SIDE", 4)
    assert problem("least_squares", "regression", "one node").facts.mu == 0.07


@pytest.mark.parametrize("scale", [1e3, 1e150])
@pytest.mark.parametrize("name", [name for name in CURVATURE if name != "least_squares"])
def test_huge_margins_do_not_overflow(name, scale):
    given = table("two classes")
    made = objectives.members[name](lam=0.0).on(given, SHARES["equal"], 4)
    at = made.at(np.array([[scale] * made.d, [-scale] * made.d]))
    assert np.all(np.isfinite(at.loss()))
    assert np.all(np.isfinite(at.gradients))


@pytest.fixture
def one_row():
    """Logistic regression on the single row a = 1 with y = +1, no regulariser."""
    return objectives.make({"name": "logistic_ridge", "lam": 0}).on(
        Table(np.array([[1.0]]), np.array([1.0]), ("no", "yes"), (1,)), np.zeros(1, dtype=int), 1
    )


def test_the_logistic_loss_of_a_confident_row_keeps_its_digits(one_row):
    """log(1 + exp(−50)) = exp(−50) to sixteen digits, although 1 + exp(−50) rounds to 1."""
    assert one_row.loss(np.array([[50.0]]))[0] == pytest.approx(np.exp(-50.0), rel=1e-12, abs=0)
    assert one_row.gradients(np.array([[50.0]]))[0, 0, 0] == pytest.approx(-np.exp(-50.0), rel=1e-12, abs=0)


@pytest.mark.parametrize("z", [0.0, 1e-9, -1e-9, 1e-5, -1e-5])
def test_the_logistic_slope_is_smooth_through_zero(one_row, z):
    """−1/(1 + exp(z)) = −1/2 + z/4 − …"""
    assert one_row.gradients(np.array([[z]]))[0, 0, 0] == pytest.approx(-0.5 + z / 4, rel=1e-14)


@pytest.mark.parametrize("task", ["two classes", "many classes", "regression"])
@pytest.mark.parametrize("name", AT_HAND)
def test_an_objective_takes_the_tasks_that_it_declares_and_refuses_the_others(name, task):
    if task in objectives.members[name].tasks:
        assert problem(name, task).facts.rows == ROWS
    else:
        with pytest.raises(Refusal, match="choose"):
            problem(name, task)


@pytest.mark.parametrize(("share", "kind"), [("equal", DenseProducts), ("unequal", SparseProducts)])
def test_dense_rows_are_padded_only_while_that_is_cheap(share, kind):
    assert type(problem("least_squares", "regression", share).products) is kind


@pytest.mark.parametrize(("name", "task"), KNOWN)
def test_a_large_dense_table_of_unequal_shares_is_not_made_sparse(name, task, monkeypatch):
    small = problem(name, task, "unequal")
    monkeypatch.setattr(_products, "LARGE_TABLE", 0)
    large, x = problem(name, task, "unequal"), points(small)
    assert (type(small.products), type(large.products)) == (SparseProducts, UnevenProducts)
    rows = np.random.default_rng(2).integers(0, 1000, (len(x), 4, 3)) % small.facts.node_rows[:, None]
    np.testing.assert_allclose(large.loss(x), small.loss(x), rtol=1e-12)
    np.testing.assert_allclose(large.gradients(x), small.gradients(x), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(large.at(x).sampled(rows), small.at(x).sampled(rows), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("name", "task"), CASES)
def test_the_facts_describe_the_problem(name, task):
    facts = problem(name, task).facts
    assert facts.d == sum(np.prod(shape) for shape in facts.layout)
    assert (facts.nodes, facts.rows) == (4, ROWS)
    assert facts.smoothness is None or facts.smoothness <= facts.L_bar * (1 + 1e-12)
