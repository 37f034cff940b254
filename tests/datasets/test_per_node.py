"""Datasets drawn for a number of nodes: least squares on them is exactly the function that their docstring states."""

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.choices.text import Refusal
from ef21lab.datasets.base import PerNode, datasets
from ef21lab.datasets.divergence import Divergence
from ef21lab.datasets.quadratic import Quadratic
from ef21lab.datasets.stall import Stall
from ef21lab.partitions.contiguous import Contiguous
from ef21lab.problems.least_squares import LeastSquares
from ef21lab.theory import arithmetic_mean, quadratic_mean

MEMBERS = [pytest.param(member, id=name) for name, member in datasets.members.items() if issubclass(member, PerNode)]


def posed(dataset, nodes, lam=0.0):
    """Least squares on the rows of these nodes, dealt contiguously."""
    table = dataset.load_for(nodes)
    return LeastSquares(lam=lam).on(table, Contiguous(nodes=nodes).assign(table), nodes)


def points(d, lanes=4):
    return np.random.default_rng(7).normal(size=(lanes, d))


@pytest.mark.parametrize("nodes", [3, 12])
@pytest.mark.parametrize("member", MEMBERS)
def test_the_contiguous_partition_gives_every_node_as_many_rows(member, nodes):
    table = member().load_for(nodes)
    assert len(set(np.bincount(Contiguous(nodes=nodes).assign(table)))) == 1


@pytest.mark.parametrize("member", MEMBERS)
def test_another_number_of_nodes_is_drawn_anew_and_the_same_again(member):
    few, many, again = (member().load_for(nodes) for nodes in (3, 12, 3))
    assert len(many.labels) == 4 * len(few.labels)
    assert np.array_equal(few.features, again.features)
    assert np.array_equal(few.labels, again.labels)


@pytest.mark.parametrize("nodes", [3, 6])
def test_every_node_of_the_divergence_example_has_the_papers_function(nodes):
    """∇(⟨a, x⟩² + ¼‖x‖²) = 2⟨a, x⟩ a + ½ x."""
    problem, x = posed(Divergence(), nodes, lam=0.5), points(3)
    a = np.tile([[-3.0, 2, 2], [2, -3, 2], [2, 2, -3]], (nodes // 3, 1))
    np.testing.assert_allclose(problem.loss(x), np.mean((x @ a.T) ** 2, axis=1) + np.sum(x**2, axis=1) / 4, rtol=1e-13)
    np.testing.assert_allclose(problem.gradients(x), 2 * (x @ a.T)[:, :, None] * a + x[:, None, :] / 2, rtol=1e-12)


@pytest.mark.parametrize("nodes", [1, 2, 4, 20])
def test_the_divergence_example_over_another_number_of_nodes_is_refused_in_words(nodes):
    with pytest.raises(Refusal, match="multiple of 3") as refusal:
        Divergence().load_for(nodes)
    assert str(nodes) in refusal.value.text.ru


@pytest.mark.parametrize("heterogeneity", [0.0, 0.4, 0.8])
def test_every_quadratic_is_as_convex_and_as_smooth_as_its_own_hessian(heterogeneity):
    """Hᵢ column by column from the gradients; μᵢ and Lᵢ are its extreme eigenvalues."""
    problem = posed(Quadratic(dimension=8, heterogeneity=heterogeneity, mu_share=0.1), 5)
    at_0, *at_axes = problem.gradients(np.vstack([np.zeros(8), np.eye(8)]))  # each (nodes, d)
    extremes = np.linalg.eigvalsh(np.moveaxis(np.array(at_axes) - at_0, 1, 0))
    np.testing.assert_allclose(problem.facts.node_mu, extremes[:, 0], rtol=1e-9)
    np.testing.assert_allclose(problem.facts.node_smoothness, extremes[:, -1], rtol=1e-9)
    assert problem.facts.common_mu == problem.facts.node_mu.min()


@pytest.mark.parametrize("nodes", [1, 5])
def test_every_node_of_the_stall_problem_pulls_straight_to_the_tensor(nodes):
    e = np.eye(2)
    wanted = sum(np.einsum("i,j,k->ijk", e[i], e[j], e[k]) for i, j, k in ((0, 0, 1), (0, 1, 0), (1, 0, 0))).reshape(-1)
    problem, x = posed(Stall(), nodes), points(8)
    np.testing.assert_allclose(problem.loss(x), np.sum((x - wanted) ** 2, axis=1) / 2, rtol=1e-12)
    np.testing.assert_allclose(problem.gradients(x), np.repeat((x - wanted)[:, None, :], nodes, axis=1), rtol=0, atol=1e-13)
    assert problem.facts.layout == ((2, 2, 2),)
    assert problem.facts.smoothness == pytest.approx(1.0, rel=1e-14)


def stalled(compressor):
    """‖∇f‖² of EF21 on the stall problem from zero, ranks 1 on the natural fold."""
    return lab.run(
        {
            "dataset": "stall",
            "partition": {"name": "contiguous", "nodes": 5},
            "objective": {"name": "least_squares", "lam": 0.0},
            "compressor": {"name": compressor, "dims": "natural", "ranks": 1},
            "start": "zeros",
            "rounds": 200,
        }
    )["grad_norm_sq"]


def test_with_classical_hosvd_the_gradient_stays_where_it_is_for_ever():
    assert len(set(stalled("hosvd"))) == 1


@pytest.mark.parametrize("compressor", ["st_hosvd", "tensor_train"])
def test_with_a_contractive_decomposition_the_gradient_goes_to_zero(compressor):
    assert stalled(compressor)[-1] < 1e-20 * stalled(compressor)[0]


@pytest.mark.parametrize("heterogeneity", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("mu_share", [1.0, 1e-3])
def test_l_and_mu_of_the_quadratics_are_exact_at_every_heterogeneity(heterogeneity, mu_share):
    facts = posed(Quadratic(heterogeneity=heterogeneity, smoothness=5.0, mu_share=mu_share), 20).facts
    assert facts.smoothness == pytest.approx(5.0, rel=1e-12)
    assert facts.mu == pytest.approx(5.0 * mu_share, rel=1e-9)


@pytest.mark.parametrize("heterogeneity", [0.0, 1.0])
def test_a_flat_direction_leaves_no_strong_convexity(heterogeneity):
    problem = posed(Quadratic(dimension=12, heterogeneity=heterogeneity, mu_share=0.0), 7)
    assert problem.facts.mu is None
    assert problem.facts.smoothness == pytest.approx(1.0, rel=1e-12)
    assert np.linalg.matrix_rank(Quadratic(dimension=12, mu_share=0.0).load_for(7).features, tol=1e-8) == 11


def test_heterogeneity_shares_f_out_but_does_not_change_it():
    """f differs by a constant, its gradient not at all."""
    alike, apart = (posed(Quadratic(heterogeneity=h), 20) for h in (0.0, 1.0))
    x = points(40)
    np.testing.assert_allclose(apart.gradients(x).mean(axis=1), alike.gradients(x).mean(axis=1), atol=1e-12)
    assert np.ptp(apart.loss(x) - alike.loss(x)) < 1e-11
    assert np.abs(alike.gradients(x) - alike.gradients(x)[:, :1]).max() < 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_the_nodes_constants_never_fall_as_heterogeneity_grows(seed):
    """And none passes (1 − h + hn) L."""
    nodes = 10
    by_h = [(h, posed(Quadratic(dimension=15, heterogeneity=h, seed=seed), nodes).facts.node_smoothness) for h in np.linspace(0, 1, 6)]
    for mean in (arithmetic_mean, quadratic_mean):
        means = [mean(node_smoothness) for _, node_smoothness in by_h]
        assert means[0] == pytest.approx(1.0, rel=1e-12)
        assert np.all(np.diff(means) > -1e-12)
    assert all(node_smoothness.max() <= (1 - h + h * nodes) * (1 + 1e-12) for h, node_smoothness in by_h)


def test_the_nodes_disagree_more_and_more_at_the_minimum():
    def disagreement(h):
        problem = posed(Quadratic(heterogeneity=h), 20)
        table = Quadratic(heterogeneity=h).load_for(20)
        minimum = np.linalg.lstsq(table.features, table.labels)[0]
        return np.mean(np.sum(problem.gradients(minimum[None])[0] ** 2, axis=1))

    measured = [disagreement(h) for h in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert measured[0] < 1e-20
    assert np.all(np.diff(measured) > 0)


def test_another_seed_draws_another_problem():
    first, second = (Quadratic(seed=seed).load_for(3) for seed in (0, 1))
    assert not np.allclose(first.features, second.features)


@pytest.mark.parametrize("member", MEMBERS)
def test_more_nodes_than_a_machine_holds_are_refused_in_words(member):
    with pytest.raises(Refusal, match=r"nodes must be an integer in 1\.\."):
        member().drawn_for(2**31 - 2)  # a multiple of three
    assert len(member().drawn_for(3).labels) == len(member().load_for(3).labels)
