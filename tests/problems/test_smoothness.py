"""L, Lᵢ and μ are those of f with the weight 1/(n mᵢ) that every row has in it, however little the shares differ."""

import numpy as np
import pytest
import scipy.sparse as sp

import ef21lab as lab
from ef21lab.algorithms.base import algorithms
from ef21lab.datasets.base import Table
from ef21lab.problems.base import objectives
from ef21lab.runs.guarantees import guarantees
from ef21lab.runs.loop import optimize
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import trace_of

LAM, P, CLASSES = 0.07, 6, 3
CURVATURE = {"logistic_nonconvex": 1 / 4, "logistic_ridge": 1 / 4, "least_squares": 1.0, "softmax": 1 / 2}
PENALTY = {"logistic_nonconvex": 2 * LAM, "logistic_ridge": LAM, "least_squares": LAM, "softmax": LAM}  # its smoothness
SHARES = {"equal": [30, 30, 30], "within 1 %": [100, 101, 100], "unequal": [7, 40, 90], "a row each but one": [1, 1, 60]}


def rows_of(sizes, seed=0):
    """Rows whose second moments differ from node to node, so that it matters how nodes weigh."""
    rng = np.random.default_rng(seed)
    scales = np.repeat(10.0 ** rng.uniform(-1, 1, (len(sizes), P)), sizes, axis=0)
    return rng.normal(size=(sum(sizes), P)) * scales * (rng.random((sum(sizes), P)) < 0.7)


def problem(name, sizes, sparse=False):
    rng, rows, count = np.random.default_rng(1), rows_of(sizes), sum(sizes)
    labels, classes = (rng.choice([-1.0, 1.0], count), ("no", "yes"))
    if name == "softmax":
        labels, classes = np.arange(count) % CLASSES, ("a", "b", "c")
    table = Table(sp.csr_matrix(rows) if sparse else rows, labels, classes, (P,))
    return objectives.make({"name": name, "lam": LAM}).on(table, np.repeat(np.arange(len(sizes)), sizes), len(sizes))


def second_moment(sizes, nodes):
    """Σ aaᵀ/(n mᵢ) over the rows of these nodes, n of them, one row at a time."""
    total, start = np.zeros((P, P)), np.concatenate([[0], np.cumsum(sizes)])
    for i in nodes:
        for a in rows_of(sizes)[start[i] : start[i + 1]]:
            total += np.outer(a, a) / (len(nodes) * sizes[i])
    return total


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("name", CURVATURE)
def test_the_constants_are_eigenvalues_of_the_second_moments_with_the_weights_of_f(name, share, sparse):
    facts, sizes = problem(name, SHARES[share], sparse).facts, SHARES[share]
    whole = np.linalg.eigvalsh(second_moment(sizes, range(len(sizes))))
    assert facts.smoothness == pytest.approx(CURVATURE[name] * whole[-1] + PENALTY[name], rel=1e-12)
    of_nodes = [np.linalg.eigvalsh(second_moment(sizes, [i]))[-1] for i in range(len(sizes))]
    np.testing.assert_allclose(facts.node_smoothness, CURVATURE[name] * np.array(of_nodes) + PENALTY[name], rtol=1e-12)
    if name == "logistic_nonconvex":
        assert facts.mu is None
    else:
        least = whole[0] if name == "least_squares" else 0.0
        assert facts.mu == pytest.approx(least + LAM, rel=1e-12)


@pytest.mark.parametrize("share", SHARES)
def test_of_a_quadratic_they_are_the_extreme_eigenvalues_of_its_hessian(share):
    """Whatever the weights are said to be: the Hessian is read off the gradients that the method is given."""
    made = problem("least_squares", SHARES[share])
    at_0, *at_axes = made.gradients(np.vstack([np.zeros(P), np.eye(P)])).mean(axis=1)
    eigenvalues = np.linalg.eigvalsh(np.array(at_axes) - at_0)
    assert (made.facts.mu, made.facts.smoothness) == pytest.approx((eigenvalues[0], eigenvalues[-1]), rel=1e-10)


@pytest.mark.parametrize("share", SHARES)
def test_the_authors_l_weighs_all_rows_alike(share):
    sizes = SHARES[share]
    largest = np.linalg.eigvalsh(sum(np.outer(a, a) for a in rows_of(sizes)) / sum(sizes))[-1]
    facts = problem("logistic_nonconvex", sizes).facts
    assert facts.pooled_smoothness == pytest.approx(largest / 4 + 2 * LAM, rel=1e-12)
    assert (facts.pooled_smoothness == facts.smoothness) == (share == "equal")


def test_of_mushrooms_on_twenty_nodes_both_values_are_said():
    said = lab.describe({"partition": {"name": "contiguous", "nodes": 20}})
    assert said["L"] == pytest.approx(2.7864127, abs=5e-8)
    assert said["L_authors"] == pytest.approx(2.7862142, abs=5e-8)


@pytest.fixture
def all_on_one_node():
    """203 rows of one feature, b = 2a, on two nodes of 101 and 102: node 0 holds all that is not zero."""
    rows = np.zeros((203, 1))
    rows[:101, 0] = np.sqrt(2 * 0.681876)
    return objectives.make({"name": "least_squares", "lam": 0}).on(Table(rows, 2 * rows[:, 0], (), (1,)), np.repeat([0, 1], [101, 102]), 2)


def test_a_line_that_is_called_certain_is_not_crossed_where_shares_differ_by_one_row(all_on_one_node):
    """f(x) = L(x − 2)²/2 from x⁰ = 1: one exact step of 1/L ends it, and 2(f(x⁰) − f*)/γ = ‖∇f(x⁰)‖² leaves no room for a smaller L."""
    facts = all_on_one_node.facts
    assert facts.smoothness == pytest.approx(0.681876, rel=1e-12)
    assert facts.mu == pytest.approx(0.681876, rel=1e-12)
    spec = RunSpec.make({"objective": {"name": "least_squares", "lam": 0}, "compressor": "identity", "start": "ones", "rounds": 40})
    planned = plan(spec, facts)
    going = optimize(
        all_on_one_node, algorithms.make("ef21"), planned.compressor, x0=np.ones((1, 1)), gammas=[planned.gamma], seeds=[0], rounds=40
    )
    trace = trace_of(going)
    drawn = guarantees(planned).columns(trace.columns)
    assert np.all(drawn["mean"][1:] <= drawn["mean_line"][1:] * (1 + 1e-12))
    assert drawn["mean"][1] > 0.99 * drawn["mean_line"][1]
