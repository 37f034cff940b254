"""The two products with the data: whatever the layout, they are those of the dense matrix."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.problems._products import MOST_SPREAD, PIECE, PiecewiseProducts, SparseProducts, UnevenProducts, _in_pieces, products

NODES = 3


def one_hot(rows=600, attributes=16, levels=4, seed=0):
    """Signed one-hot rows whose attributes are mostly at their first level, as in mushrooms."""
    rng = np.random.default_rng(seed)
    level = np.minimum(rng.geometric(0.9, (rows, attributes)) - 1, levels - 1)
    signs = rng.choice([-1.0, 1.0], (rows, 1, 1))
    return (signs * np.eye(levels)[level]).reshape(rows, -1)


def nodes_of(rows, seed=1):
    return np.random.default_rng(seed).permutation(np.arange(rows) % NODES)


def coefficients(*shape):
    return np.random.default_rng(2).normal(size=shape)


@st.composite
def few_values(draw):
    """A matrix of at most five nonzero values, empty rows and columns included, wider than one piece or not."""
    rows, p = draw(st.integers(1, 12)), draw(st.sampled_from([1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 3]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return rng.choice([-3.0, -1.0, 0.5, 1.0, 2.0], (rows, p)) * (rng.random((rows, p)) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])))


def test_one_hot_rows_are_written_with_pieces():
    A = one_hot()
    laid_out = products(sp.csr_matrix(A), nodes_of(len(A)), NODES)
    assert type(laid_out) is PiecewiseProducts
    assert laid_out.entries <= np.count_nonzero(A) / 2


def test_rows_that_share_nothing_are_kept_as_they_are():
    A = np.random.default_rng(0).choice([0.0, 1.0], (600, 64))
    assert type(products(sp.csr_matrix(A), nodes_of(600), NODES)) is SparseProducts


def test_six_different_values_leave_a_piece_without_an_exact_key():
    A = np.zeros((8, PIECE))
    A[:6, 0] = range(1, 7)
    assert _in_pieces(sp.csr_matrix(A), nodes_of(8), NODES) is None


@given(few_values())
def test_pieces_times_distinct_pieces_are_the_rows(A):
    node_of_row = nodes_of(len(A))
    made = _in_pieces(SparseProducts(sp.csr_matrix(A), node_of_row, NODES).matrix, node_of_row, NODES)
    assert np.array_equal((made.pieces @ made.distinct.matrix).toarray(), A)


@given(few_values())
def test_no_node_has_the_same_piece_twice_and_no_two_nodes_share_one(A):
    node_of_row = nodes_of(len(A))
    made = _in_pieces(SparseProducts(sp.csr_matrix(A), node_of_row, NODES).matrix, node_of_row, NODES)
    chunks = [
        (i, start, tuple(row[start : start + PIECE]))
        for i, row in zip(node_of_row, A, strict=True)
        for start in range(0, A.shape[1], PIECE)
    ]
    assert made.pieces.shape[1] == len({chunk for chunk in chunks if any(chunk[2])})


@pytest.mark.parametrize("lanes", [1, 4])
def test_products_of_one_hot_rows_are_those_of_the_dense_matrix(lanes):
    A = one_hot()
    node_of_row = nodes_of(len(A))
    laid_out = products(sp.csr_matrix(A), node_of_row, NODES)
    x, c = coefficients(lanes, A.shape[1]), coefficients(lanes, len(A))
    np.testing.assert_allclose(laid_out.forward(x), x @ A.T, rtol=1e-12, atol=1e-12)
    expected = np.stack([c[:, node_of_row == i] @ A[node_of_row == i] for i in range(NODES)], axis=1)
    np.testing.assert_allclose(laid_out.backward(c), expected, rtol=1e-12, atol=1e-12)


def test_a_lane_of_one_hot_rows_does_not_depend_on_its_neighbours():
    A = one_hot()
    laid_out = products(sp.csr_matrix(A), nodes_of(len(A)), NODES)
    x, c = coefficients(5, A.shape[1]), coefficients(5, len(A))
    for lane in range(5):
        alone = slice(lane, lane + 1)
        assert np.array_equal(laid_out.forward(x)[lane], laid_out.forward(x[alone])[0])
        assert np.array_equal(laid_out.backward(c)[lane], laid_out.backward(c[alone])[0])


def test_features_are_not_touched():
    """Columns out of order and an entry given twice are put right in a copy."""
    given_rows = sp.csr_matrix((np.ones(4), np.array([3, 0, 0, 2]), np.array([0, 3, 4])), shape=(2, 4))
    laid_out = products(given_rows, np.array([0, 1]), 2)
    assert given_rows.indices.tolist() == [3, 0, 0, 2]
    assert laid_out.forward(np.array([[1.0, 10.0, 100.0, 1000.0]])).tolist() == [[1002.0, 100.0]]


@pytest.fixture(params=[1, 4])
def uneven(request, monkeypatch):
    """Dense rows on nodes of very different shares, in another order and scaled: (laid out, A, node of each row of A), and lanes."""
    monkeypatch.setattr("ef21lab.problems._products.LARGE_TABLE", 0)
    rng = np.random.default_rng(3)
    A, scale, node_of_row = rng.normal(size=(90, 6)), rng.normal(size=90), rng.permutation(np.repeat(np.arange(5), [1, 4, 5, 20, 60]))
    order = rng.permutation(90)
    laid_out = products(A, node_of_row, 5, order, scale)
    assert type(laid_out) is UnevenProducts
    return laid_out, (scale[:, None] * A)[order], node_of_row[order], request.param


def test_products_of_uneven_shares_are_those_of_the_dense_matrix(uneven):
    laid_out, A, node_of_row, lanes = uneven
    x, c = coefficients(lanes, 6), coefficients(lanes, 90)
    by_margin = np.stack([laid_out.rowwise(margins, 0.0) for margins in x @ A.T])
    np.testing.assert_allclose(laid_out.forward(x), by_margin, rtol=1e-12, atol=1e-12)
    expected = np.stack([c[:, node_of_row == i] @ A[node_of_row == i] for i in range(5)], axis=1)
    found = laid_out.backward(np.stack([laid_out.rowwise(one, 7.0) for one in c]))  # whatever stands on the padding
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_uneven_shares_begin_where_they_are_said_to(uneven):
    laid_out, _, node_of_row, _ = uneven
    margins = laid_out.rowwise(node_of_row.astype(float), np.nan)
    assert laid_out.node_rows.tolist() == [1, 4, 5, 20, 60]
    for i, (first, share) in enumerate(zip(laid_out.first_rows, laid_out.node_rows, strict=True)):
        assert (margins[first : first + share] == i).all()


def test_a_lane_on_uneven_shares_does_not_depend_on_its_neighbours(uneven):
    laid_out, _, _, lanes = uneven
    x, c = coefficients(lanes, 6), coefficients(lanes, laid_out.rows)
    for lane in range(lanes):
        alone = slice(lane, lane + 1)
        assert np.array_equal(laid_out.forward(x)[lane], laid_out.forward(x[alone])[0])
        assert np.array_equal(laid_out.backward(c)[lane], laid_out.backward(c[alone])[0])


def test_little_of_uneven_shares_is_padding(uneven):
    laid_out, A, _, _ = uneven
    assert laid_out.entries <= MOST_SPREAD * A.size
