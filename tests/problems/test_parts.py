"""A pass over the data takes it part by part: into how many parts changes no bit, nor who else takes part in the pass."""

import numpy as np
import pytest

from ef21lab.problems import _products
from ef21lab.problems._products import DenseProducts, PiecewiseProducts, SparseProducts, UnevenProducts
from ef21lab.problems.base import objectives
from tests.problems.test_sampled import CASES, LANES, NODE_OF_ROW, NODES, ROWS, points, problem, table


def asked(made, x, rows):
    """All that a point is asked, by a method of either kind."""
    at, batches = made.measured().at(x), made.at(x)
    gradients = at.gradients
    return gradients, at.loss(), made.at(x).loss(), batches.sampled(rows), batches.gradients


def same(one, other):
    return all(np.array_equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))


@CASES
def test_how_the_data_are_cut_changes_no_bit(name, layout, monkeypatch):
    made, rows = problem(name, layout), np.random.default_rng(5).integers(0, 9, (LANES, NODES, 4))
    x = points(made.facts.d)
    whole = asked(made, x, rows)
    monkeypatch.setattr(_products, "MOST_MARGINS", 1)
    assert len(problem(name, layout).products.parts(LANES)) == NODES
    assert same(asked(problem(name, layout), x, rows), whole)


@CASES
def test_a_lane_has_the_numbers_that_it_has_alone_in_parts_and_whole(name, layout, monkeypatch):
    for most in (1, 100, _products.MOST_MARGINS):
        monkeypatch.setattr(_products, "MOST_MARGINS", most)
        made, rows = problem(name, layout), np.random.default_rng(5).integers(0, 9, (LANES, NODES, 4))
        x = points(made.facts.d)
        together = asked(made, x, rows)
        for lane in range(LANES):
            alone = asked(made, x[lane : lane + 1], rows[lane : lane + 1])
            assert same([part[lane : lane + 1] for part in together], alone)


@CASES
def test_the_loss_measured_in_passing_is_the_mean_over_nodes_of_the_literal_one(name, layout):
    made, given = problem(name, layout), table(name, layout)
    x, dense = points(made.facts.d), np.asarray(getattr(given.features, "todense", lambda: given.features)())
    literal = objectives.make({"name": name, "lam": 0.07}).literal
    at = made.measured().at(x)
    at.gradients  # noqa: B018 - the pass
    for lane in range(LANES):
        each = np.array([literal(x[lane], row, label, len(given.classes)) for row, label in zip(dense, given.labels, strict=True)])
        expected = np.mean([each[i == NODE_OF_ROW].mean() for i in range(NODES)])
        assert at.loss()[lane] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", [SparseProducts, PiecewiseProducts, DenseProducts])
def test_a_part_holds_the_rows_of_its_nodes_and_the_parts_all_of_them(kind, monkeypatch):
    monkeypatch.setattr(_products, "MOST_MARGINS", 60)
    layout = {SparseProducts: "sparse", PiecewiseProducts: "piecewise", DenseProducts: "dense"}[kind]
    made = problem("least_squares", layout).products
    parts = made.parts(1) if kind is not DenseProducts else made.parts(2)
    assert [type(part.products) for part in parts] == [kind] * len(parts)
    x, c = np.random.default_rng(6).normal(size=(2, made.p)), np.random.default_rng(7).normal(size=(2, made.rows))
    assert np.array_equal(np.concatenate([part.products.forward(x) for part in parts], axis=1), made.forward(x))
    assert np.array_equal(np.concatenate([part.products.backward(c[:, part.rows]) for part in parts], axis=1), made.backward(c))


@pytest.mark.parametrize("layout", ["dense", "sparse"])
def test_sums_leave_padding_out(layout, monkeypatch):
    made = problem("least_squares", layout).products
    values = made.rowwise(np.ones(ROWS), 1e6)[None].repeat(2, axis=0)
    for most in (1, 10**6):
        monkeypatch.setattr(_products, "MOST_MARGINS", most)
        sums = np.concatenate([part.sums(values[:, part.rows]) for part in made.parts(2)], axis=1)
        assert sums.tolist() == [[9.0, 14.0, 17.0]] * 2


def test_parts_of_very_unequal_shares_are_those_that_are_padded_together(monkeypatch):
    monkeypatch.setattr(_products, "LARGE_TABLE", 0)
    sizes = [40, 3, 4, 38, 1]
    node_of_row = np.repeat(np.arange(5), sizes)
    made = _products.products(np.random.default_rng(0).normal(size=(86, 4)), node_of_row, 5)
    assert type(made) is UnevenProducts
    values, sums = made.rowwise(np.ones(86), 1e6)[None], np.empty((1, 5))
    for part in made.parts(1):
        sums[:, part.nodes] = part.sums(values[:, part.rows])
    assert sums.tolist() == [[float(size) for size in sizes]]
