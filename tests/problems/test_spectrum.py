"""The ends of the spectrum of AᵀWA by every way there is, against the singular values of √W A."""

import numpy as np
import pytest
import scipy.sparse as sp

from ef21lab.problems import _spectrum
from ef21lab.problems._spectrum import extremes, largest_eigenvalue

WAYS = {
    "a Gram matrix": {},
    "a Gram matrix, piece by piece": {"PIECE": 50},
    "iterations on a Gram matrix": {"SMALL_SIDE": 3, "PIECE": 50},
    "iterations on the rows": {"LARGEST_GRAM": 3, "PIECE": 2000},
    "iterations on sparse rows": {"LARGE_SIDE": 3},
}
SHAPES = {"tall": (60, 7), "wide": (7, 60), "square": (30, 30), "one row": (1, 9), "one column": (9, 1)}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    for name, value in WAYS[request.param].items():
        monkeypatch.setattr(_spectrum, name, value)


def rows(shape, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=shape) * 10.0 ** rng.uniform(-1, 1, shape[1]) * (rng.random(shape) < 0.8)


def weights(count, seed=1):
    return np.random.default_rng(seed).uniform(0.1, 3.0, count)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_the_largest_eigenvalue_is_the_square_of_the_largest_singular_value(way, shape, sparse):
    A, w = rows(shape), weights(shape[0])
    given = sp.csr_matrix(A) if sparse else A
    assert largest_eigenvalue(given) == pytest.approx(np.linalg.svd(A, compute_uv=False)[0] ** 2, rel=1e-12)
    weighed = np.linalg.svd(np.sqrt(w)[:, None] * A, compute_uv=False)[0] ** 2
    assert largest_eigenvalue(given, w) == pytest.approx(weighed, rel=1e-12)


@pytest.mark.parametrize("columns_are_centred", [False, True])
def test_a_start_sees_the_direction_whatever_the_rows_sum_to(way, columns_are_centred):
    A = rows((40, 60)) - (rows((40, 60)).mean(axis=0) if columns_are_centred else 0.0)
    assert largest_eigenvalue(A) == pytest.approx(np.linalg.svd(A, compute_uv=False)[0] ** 2, rel=1e-12)


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_the_least_eigenvalue_is_that_over_all_of_space(sparse):
    A, w = rows((60, 7)), weights(60)
    least, *_, largest = np.linalg.eigvalsh(sum(weight * np.outer(a, a) for weight, a in zip(w, A, strict=True)))
    assert extremes(sp.csr_matrix(A) if sparse else A, w) == pytest.approx((least, largest), rel=1e-10)


def test_fewer_rows_than_columns_leave_a_direction_flat():
    assert extremes(rows((7, 60)), np.ones(7)) is None


@pytest.mark.parametrize("side", [3, 20])
def test_rows_of_zeros_have_no_curvature(way, side):
    assert largest_eigenvalue(np.zeros((20, side))) == 0.0


def test_a_multiple_of_the_identity_is_one_cluster(way):
    assert largest_eigenvalue(0.1 * np.eye(25)) == pytest.approx(0.01, rel=1e-12)
