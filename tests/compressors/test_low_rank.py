"""Tucker compressors against theorems, a literal transcription of the papers, and tensorly."""

from __future__ import annotations

import math
from itertools import permutations, product

import numpy as np
import pytest
import tensorly
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorly.decomposition import partial_tucker

from ef21lab.compressors.base import compressors
from ef21lab.compressors.low_rank.base import LowRank
from ef21lab.compressors.low_rank.fold import Fold, fold, folds, near_cubic, unfold
from ef21lab.compressors.low_rank.shares import sequential_alpha, sequential_shares

CASES = [((4, 4, 7), (2, 2, 2)), ((3, 5), (2, 2)), ((2, 3, 4, 5), (1, 2, 2, 3)), ((2, 2, 9), (1, 2, 2)), ((4, 5, 6), (4, 1, 6))]
each_case = pytest.mark.parametrize(("dims", "ranks"), CASES, ids=str)
both = pytest.mark.parametrize("name", ["st_hosvd", "hosvd"])

STALLING = np.zeros((2, 2, 2))  # e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁
STALLING[0, 0, 1] = STALLING[0, 1, 0] = STALLING[1, 0, 0] = 1.0


def low_rank(name: str, dims: object, ranks: object) -> LowRank:
    compressor = compressors.make({"name": name, "dims": dims, "ranks": ranks})
    assert isinstance(compressor, LowRank)
    return compressor


def leading(tensor: np.ndarray, mode: int, rank: int) -> np.ndarray:
    return np.linalg.svd(tensorly.base.unfold(tensor, mode))[0][:, :rank]


def projected(tensor: np.ndarray, factor: np.ndarray, mode: int) -> np.ndarray:
    return tensorly.tenalg.mode_dot(tensor, factor @ factor.T, mode)


def st_hosvd_as_printed(tensor: np.ndarray, ranks: tuple[int, ...]) -> np.ndarray:
    """Vannieuwenhoven et al. 2012, Algorithm 1, modes by ascending side, each projection applied where the paper shrinks the core."""
    for mode in sorted(range(tensor.ndim), key=lambda mode: tensor.shape[mode]):
        tensor = projected(tensor, leading(tensor, mode, ranks[mode]), mode)
    return tensor


def hosvd_as_printed(tensor: np.ndarray, ranks: tuple[int, ...]) -> np.ndarray:
    """De Lathauwer et al. 2000: all factors from the full tensor."""
    factors = [leading(tensor, mode, rank) for mode, rank in enumerate(ranks)]
    for mode, factor in enumerate(factors):
        tensor = projected(tensor, factor, mode)
    return tensor


@each_case
def test_st_hosvd_is_the_algorithm_of_the_paper(dims: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    tensor = np.random.default_rng(0).normal(size=dims)
    received = low_rank("st_hosvd", dims, ranks).compress(tensor.ravel()).values
    np.testing.assert_allclose(received, st_hosvd_as_printed(tensor, ranks).ravel(), atol=2e-6)


@each_case
def test_hosvd_is_the_algorithm_of_the_paper(dims: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    tensor = np.random.default_rng(1).normal(size=dims)
    received = low_rank("hosvd", dims, ranks).compress(tensor.ravel()).values
    np.testing.assert_allclose(received, hosvd_as_printed(tensor, ranks).ravel(), atol=2e-6)


@both
def test_on_a_tensor_of_those_ranks_both_agree_with_tensorly_and_lose_nothing(name: str) -> None:
    tensor = tensorly.random.random_tucker((4, 6, 5), (2, 3, 2), full=True, random_state=0)
    (core, factors), _ = partial_tucker(tensor, rank=[2, 3, 2], n_iter_max=1, init="svd")
    oracle = tensorly.tucker_to_tensor((core, factors))
    received = low_rank(name, (4, 6, 5), (2, 3, 2)).compress(tensor.ravel()).values
    np.testing.assert_allclose(received, oracle.ravel(), atol=2e-6 * np.max(np.abs(tensor)))
    np.testing.assert_allclose(received, tensor.ravel(), atol=2e-6 * np.max(np.abs(tensor)))


def test_one_mode_at_a_time_tensorly_finds_the_same_sequence() -> None:
    tensor = np.random.default_rng(2).normal(size=(4, 5, 6))
    oracle = tensor
    for mode in range(3):
        (core, factors), _ = partial_tucker(oracle, rank=[2], modes=[mode], n_iter_max=1, init="svd")
        oracle = tensorly.tenalg.mode_dot(core, factors[0], mode)
    np.testing.assert_allclose(low_rank("st_hosvd", (4, 5, 6), 2).compress(tensor.ravel()).values, oracle.ravel(), atol=2e-6)


def test_classical_hosvd_maps_a_nonzero_tensor_to_zero() -> None:
    assert not np.any(low_rank("hosvd", (2, 2, 2), (1, 1, 1)).compress(STALLING.ravel()).values)


def test_st_hosvd_keeps_a_third_of_that_tensor() -> None:
    received = low_rank("st_hosvd", (2, 2, 2), (1, 1, 1)).compress(STALLING.ravel()).values
    assert np.sum(received**2) == pytest.approx(np.sum(STALLING**2) / 3, rel=1e-6)


def test_classical_hosvd_does_not_certify_what_it_cannot_keep() -> None:
    classical = low_rank("hosvd", (2, 2, 2), 1)
    assert classical.alpha(8) is None
    assert "2×2×2" in classical.alpha_reason(8).en
    assert "2×2×2" in classical.alpha_reason(8).ru
    assert classical.nominal_alpha(8) == low_rank("st_hosvd", (2, 2, 2), 1).alpha(8) == 1 / 2 * 1 / 2 * 1


def test_classical_hosvd_certifies_the_sum_of_what_each_mode_drops() -> None:
    assert low_rank("hosvd", (10, 10, 10), (9, 8, 10)).alpha(1000) == pytest.approx(1 - 0.1 - 0.2)
    assert low_rank("hosvd", (3, 3, 3), 2).alpha(27) is None  # 1 − 3·⅓ is zero, not a rounding error above it
    assert low_rank("hosvd", (4, 4, 7), (4, 4, 7)).alpha(112) == 1


MATRICES = pytest.mark.parametrize(
    ("dims", "ranks"), [((8, 5), (3, 3)), ((5, 8), (4, 2)), ((6, 6), (1, 5)), ((7, 4), (7, 1)), ((1, 6, 4), (1, 2, 3))]
)


@MATRICES
def test_classical_hosvd_of_a_matrix_is_its_svd_at_the_smaller_rank(dims: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    """numpy's SVD as the oracle, and its α: r/min(d₁, d₂)."""
    rows, columns = dims[-2:]
    r, d = min(ranks[-2:]), rows * columns
    matrix = np.random.default_rng(3).normal(size=(rows, columns))
    u, sigma, v = np.linalg.svd(matrix, full_matrices=False)
    classical = low_rank("hosvd", dims, ranks)
    np.testing.assert_allclose(classical.compress(matrix.ravel()).values, ((u[:, :r] * sigma[:r]) @ v[:r]).ravel(), atol=2e-6)
    assert classical.alpha(d) == classical.nominal_alpha(d) == r / min(rows, columns)
    assert classical.compress(matrix.ravel()).floats == r * (rows + columns) - r * r


@pytest.mark.parametrize("r", [1, 2, 3])
def test_where_singular_values_tie_a_matrix_keeps_its_share(r: int) -> None:
    """All of an orthogonal matrix's are 1: of n of them r must be kept, whichever they are."""
    rng = np.random.default_rng(r)
    matrices = [np.eye(4)[rng.permutation(4)] * rng.choice([-1, 1], 4) for _ in range(20)]
    matrices += [np.linalg.qr(rng.normal(size=(4, 4)))[0] for _ in range(20)]
    received = low_rank("hosvd", (4, 4), (r, r)).compress(np.reshape(matrices, (40, 16))).values
    np.testing.assert_allclose(np.sum(received**2, axis=-1), r, rtol=1e-6)


@pytest.mark.parametrize(
    ("d", "dims", "ranks", "alpha"), [(112, (4, 4, 7), 2, 2 / 4 * 2 / 4 * 2 / 4), (12, (3, 4), 2, 2 / 3), (12, (3, 4), 9, 1.0)]
)
def test_st_hosvd_certifies_the_product_of_shares(d: int, dims: tuple[int, ...], ranks: int, alpha: float) -> None:
    assert low_rank("st_hosvd", dims, ranks).alpha(d) == pytest.approx(alpha)


def test_with_one_rank_for_all_no_order_of_modes_certifies_more_than_ascending() -> None:
    for sides in product(range(1, 8), repeat=3):
        for rank in range(1, 6):
            of = {order: sequential_alpha(sequential_shares(order, (rank,) * 3)) for order in permutations(sides)}
            assert of[tuple(sorted(sides))] == pytest.approx(max(of.values()))


@settings(max_examples=100, deadline=None)
@given(dims=st.lists(st.integers(1, 5), min_size=2, max_size=4), rank=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_no_certificate_is_violated_by_sparse_tensors(dims: list[int], rank: int, seed: int) -> None:
    rng, d = np.random.default_rng(seed), math.prod(dims)
    x = rng.integers(-1, 2, size=(8, d)) * (rng.random((8, d)) < 0.4)  # singular values that tie or vanish
    for name in ("st_hosvd", "hosvd"):
        compressor = low_rank(name, dims, rank)
        error = np.sum((compressor.compress(x).values - x) ** 2, axis=-1)
        assert np.all(error <= (1 - (compressor.alpha(d) or 0) + 1e-6) * np.sum(x**2, axis=-1))


@both
@each_case
def test_error_and_received_energy_add_up_to_the_whole(name: str, dims: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    x = np.random.default_rng(3).normal(size=(5, math.prod(dims)))
    y = low_rank(name, dims, ranks).compress(x).values
    np.testing.assert_allclose(np.sum((x - y) ** 2, axis=-1), np.sum(x**2, axis=-1) - np.sum(y**2, axis=-1), rtol=1e-5, atol=1e-5)


@both
@each_case
def test_full_ranks_lose_only_rounding(name: str, dims: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    x = np.random.default_rng(4).normal(size=math.prod(dims))
    np.testing.assert_allclose(low_rank(name, dims, dims).compress(x).values, x, atol=1e-6)


@both
def test_large_tensors_of_a_stack_arrive_as_if_each_were_alone(name: str) -> None:
    x = np.random.default_rng(5).normal(size=(2, 2, 7840))
    compressor = low_rank(name, (10, 28, 28), (3, 5, 4))
    values = compressor.compress(x).values
    for index in np.ndindex(2, 2):
        assert np.array_equal(compressor.decode(compressor.encode(x[index]), 7840), values[index])


@both
def test_floats_are_those_of_the_core_and_of_what_frames_leave_free(name: str) -> None:
    assert low_rank(name, (4, 4, 7), 2).compress(np.ones(112)).floats == 2 * 2 * 2 + 2 * (2 + 2 + 5)


def test_near_cubic_dims_are_the_best_by_exhaustion() -> None:
    for d in (1, 2, 3, 5, 17, 60, 112, 123):
        every = [(a, b, -(-d // (a * b))) for a in range(1, d + 1) for b in range(1, d + 1)]
        least = min(sum(sides) * math.prod(sides) for sides in every)
        dims = near_cubic(d)
        assert sum(dims) * math.prod(dims) == least
        assert math.prod(dims) >= d
    assert (near_cubic(112), near_cubic(123)) == ((4, 4, 7), (5, 5, 5))


@pytest.mark.parametrize("layout", [None, ((1, 28, 4),), ((100,), (12,))])
@pytest.mark.parametrize("d", [1, 2, 3, 112, 113])
def test_a_menu_of_folds_holds_every_coordinate_and_repeats_nothing(d: int, layout: tuple[tuple[int, ...], ...] | None) -> None:
    menu = folds(d, layout if d == 112 else None)
    assert 1 <= len(menu) <= 14
    assert len({entry.dims for entry in menu}) == len(menu)
    assert all(math.prod(entry.dims) == d + entry.padding and entry.padding >= 0 for entry in menu)
    assert near_cubic(d) in [entry.dims for entry in menu]


def test_the_natural_fold_leads_the_menu() -> None:
    assert folds(112, ((1, 28, 4),))[0] == Fold((28, 4), 0, natural=True)
    assert not any(entry.natural for entry in folds(112, ((112,),)))


@pytest.mark.parametrize(("layout", "dims"), [(((1, 28, 4),), (28, 4)), (((112,),), (4, 4, 7)), (((10, 10), (12,)), (4, 4, 7))])
def test_natural_means_the_only_shape_without_its_sides_of_one(layout: tuple[tuple[int, ...], ...], dims: tuple[int, ...]) -> None:
    assert low_rank("st_hosvd", "natural", 2).fitted(layout).dims == dims


def test_unfolding_undoes_folding() -> None:
    x = np.arange(14.0).reshape(2, 7)
    assert np.array_equal(unfold(np, fold(np, x, (2, 2, 2)), 3, 7), x)
