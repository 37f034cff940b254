"""Trains, matrices and sums of rank-one tensors against theorems, transcriptions of the papers, numpy.linalg and tensorly."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorly
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorly.decomposition import parafac

from ef21lab.choices.fields import Ranks
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.compressors.low_rank.base import LowRank
from ef21lab.compressors.low_rank.fold import folds, near_cubic

STALLING = np.zeros((2, 2, 2))  # e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁
STALLING[0, 0, 1] = STALLING[0, 1, 0] = STALLING[1, 0, 0] = 1.0

TRAINS = [
    ((4, 4, 7), (2, 2)),
    ((7, 4, 4), (3, 4)),
    ((3, 5), (2,)),
    ((2, 3, 4, 5), (2, 4, 3)),
    ((2, 2, 2, 2, 2), (2, 3, 3, 1)),
    ((9, 2, 2), (4, 2)),
]
each_train = pytest.mark.parametrize(("dims", "ranks"), TRAINS, ids=str)


def low_rank(name: str, dims: object, ranks: object, **settings: object) -> LowRank:
    compressor = compressors.make({"name": name, "dims": dims, "ranks": ranks, **settings})
    assert isinstance(compressor, LowRank)
    return compressor


def tt_svd_as_printed(tensor: np.ndarray, ranks: tuple[int, ...]) -> np.ndarray:
    """Oseledets 2011, Algorithm 1, with given ranks."""
    cores, left, before = [], tensor, 1
    for side, rank in zip(tensor.shape, ranks, strict=False):
        u, s, vt = np.linalg.svd(left.reshape(before * side, -1), full_matrices=False)
        cores.append(u[:, :rank].reshape(before, side, -1))
        left, before = s[:rank, None] * vt[:rank], cores[-1].shape[-1]
    received = left.reshape(before, tensor.shape[-1])
    for core in reversed(cores):
        received = np.tensordot(core, received, 1)
    return received.reshape(tensor.shape)


@each_train
def test_tensor_train_is_the_algorithm_of_the_paper(dims: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    tensor = np.random.default_rng(0).normal(size=dims)
    received = low_rank("tensor_train", dims, ranks).compress(tensor.ravel()).values
    np.testing.assert_allclose(received, tt_svd_as_printed(tensor, ranks).ravel(), atol=2e-6)


@each_train
def test_tensor_train_is_tensorlys(dims: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    tensor = np.random.default_rng(1).normal(size=dims)
    oracle = tensorly.tt_to_tensor(tensorly.decomposition.tensor_train(tensor, rank=[1, *ranks, 1]))
    np.testing.assert_allclose(low_rank("tensor_train", dims, ranks).compress(tensor.ravel()).values, oracle.ravel(), atol=2e-6)


@each_train
def test_a_train_sends_its_cores_without_the_bonds_own_freedom(dims: tuple[int, ...], ranks: tuple[int, ...]) -> None:
    joined = (1, *ranks, 1)
    cores = sum(before * side * after for before, side, after in zip(joined, dims, joined[1:], strict=False))
    kept = [min(joined[k] * dims[k - 1] if k else 1, joined[k]) for k in range(len(joined))]
    assert tuple(kept) == joined  # otherwise this counts bonds that cannot be
    assert low_rank("tensor_train", dims, ranks).compress(np.ones(math.prod(dims))).floats == cores - sum(rank**2 for rank in ranks)


@pytest.mark.parametrize(
    ("dims", "ranks", "alpha"),
    [
        ((4, 4, 7), (2, 2), 2 / 4 * 2 / 7),
        ((4, 4, 7), (4, 7), 1),
        ((2, 2, 9), (1, 1), 1 / 2 * 1 / 2),
        ((5, 3), (2,), 2 / 3),
        ((3, 3, 3), 1, 1 / 9),
    ],
)
def test_a_train_certifies_the_product_of_shares(dims: tuple[int, ...], ranks: object, alpha: float) -> None:
    assert low_rank("tensor_train", dims, ranks).alpha(math.prod(dims)) == pytest.approx(alpha)


def test_a_train_keeps_a_third_of_what_classical_hosvd_maps_to_zero() -> None:
    received = low_rank("tensor_train", (2, 2, 2), 1).compress(STALLING.ravel()).values
    assert np.sum(received**2) == pytest.approx(np.sum(STALLING**2) / 3, rel=1e-6)


@pytest.mark.parametrize(("dims", "rank"), [((8, 14), 2), ((14, 8), 3), ((5, 5), 5), ((1, 9), 1), ((20, 3), 2)])
def test_svd_is_the_nearest_matrix_of_that_rank(dims: tuple[int, int], rank: int) -> None:
    x = np.random.default_rng(2).normal(size=math.prod(dims))
    u, s, vt = np.linalg.svd(x.reshape(dims), full_matrices=False)
    compressor = low_rank("svd", dims, rank)
    np.testing.assert_allclose(compressor.compress(x).values, ((u[:, :rank] * s[:rank]) @ vt[:rank]).ravel(), atol=2e-6)
    assert compressor.compress(x).floats == rank * sum(dims) - rank**2
    assert compressor.alpha(len(x)) == rank / min(dims)


def test_the_worst_matrix_for_the_svd_has_equal_singular_values() -> None:
    compressor = low_rank("svd", (6, 6), 2)
    lost = np.eye(6).ravel() - compressor.compress(np.eye(6).ravel()).values
    assert np.sum(lost**2) == pytest.approx(6 * (1 - compressor.alpha(36)))


def test_a_matrix_has_two_sides_and_is_nearly_square_where_nothing_is_said() -> None:
    with pytest.raises(ValueError, match="a list of 2 sides"):
        low_rank("svd", (2, 3, 4), 1)
    auto, natural = low_rank("svd", "auto", 1), low_rank("power_sgd", "natural", 1)
    assert auto.fitted(((112,),)).dims == (8, 14)
    assert natural.fitted(((3, 5, 7),)).dims == (3, 35)


@pytest.mark.parametrize(
    ("given", "d", "words"),
    [
        (
            {"name": "tensor_train", "dims": [4, 4, 7], "ranks": [2, 2, 2]},
            112,
            "4×4×7 needs 2 ranks, one for each pair of neighbouring modes",
        ),
        ({"name": "tensor_train", "dims": [4, 4, 7], "ranks": [5, 2]}, 112, "the unfoldings of 4×4×7 have ranks of at most 4, 7"),
        ({"name": "svd", "dims": [10, 11]}, 112, "a fold must hold all of 112 coordinates"),
        ({"name": "cp", "dims": [1000, 1000]}, 112, "may hold at most 4,096"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(given: dict[str, object], d: int, words: str) -> None:
    compressor = compressors.make(given)
    why = compressor.refusal(d)
    assert why is not None
    assert words in why.en
    assert why.ru != why.en
    with pytest.raises(Refusal):
        compressor.compress(np.ones(d))


def test_a_decomposition_with_one_rank_takes_no_list_of_several() -> None:
    assert low_rank("cp", "auto", [3]) == low_rank("cp", "auto", 3)
    with pytest.raises(Refusal, match=r"ranks must be an integer in 1\.\.1,000,000$"):
        low_rank("svd", "auto", [2, 3])


@pytest.mark.parametrize("name", ["svd", "hooi", "tensor_train", "cp", "power_sgd"])
@pytest.mark.parametrize("dims", [(4, 4, 7), (2, 12), (9, 2, 2), (1, 5)])
def test_the_largest_ranks_of_use_are_those_that_lose_nothing_more(name: str, dims: tuple[int, ...]) -> None:
    """For all but CP, whose greedy sum only comes nearer, the largest ranks lose rounding alone; larger ones are taken as these."""
    dims = dims if name not in ("svd", "power_sgd") else (dims[0], math.prod(dims[1:]))
    field = compressors.members[name].fields()["ranks"]
    assert isinstance(field, Ranks)
    most, x = field.most(dims), np.random.default_rng(9).normal(size=math.prod(dims))
    largest, beyond = low_rank(name, dims, most if len(most) > 1 else most[0]), low_rank(name, dims, 1000)
    assert largest.plan(len(x)).ranks == beyond.plan(len(x)).ranks
    noise = largest.draw(np.random.default_rng(0), x.shape)
    lost = np.linalg.norm(largest.compress(x, noise).values - x)
    assert lost <= (1e-6 if name != "cp" else math.sqrt(1 - largest.alpha(len(x)))) * np.linalg.norm(x) + 1e-6


@pytest.mark.parametrize(("layout", "first"), [(((3, 5, 7),), (3, 35)), (((5, 1, 21),), (5, 21)), (((105,),), near_cubic(105, 2))])
def test_a_menu_of_matrices_holds_matrices_alone_the_natural_one_first(layout: tuple[tuple[int, ...], ...], first: tuple[int, int]) -> None:
    menu = [entry.dims for entry in folds(105, layout, 2)]
    assert menu[0] == first
    assert near_cubic(105, 2) in menu
    assert all(len(dims) == 2 for dims in menu)


def _gaussian_stack(dims: tuple[int, ...], n: int = 500) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(n, math.prod(dims)))


@pytest.mark.parametrize(("dims", "ranks"), [((4, 4, 7), 2), ((4, 5, 6), (1, 2, 3)), ((3, 3, 3, 3), 1), ((3, 4, 4), (3, 2, 1))])
def test_hooi_never_keeps_less_than_st_hosvd_and_mostly_more(dims: tuple[int, ...], ranks: object) -> None:
    x = _gaussian_stack(dims)
    start, improved = (np.sum(low_rank(name, dims, ranks).compress(x).values ** 2, axis=-1) for name in ("st_hosvd", "hooi"))
    assert np.all(improved >= start * (1 - 1e-6))
    assert np.mean(improved > start * (1 + 1e-4)) > 0.5


@pytest.mark.parametrize("sweeps", [1, 4])
@pytest.mark.parametrize(("dims", "ranks"), [((3, 4, 5), (2, 2, 2)), ((4, 5, 6), (2, 3, 2)), ((2, 3, 4, 5), (1, 2, 2, 2))])
def test_hooi_is_tensorlys_from_the_same_start(dims: tuple[int, ...], ranks: tuple[int, ...], sweeps: int) -> None:
    tensor = np.random.default_rng(4).normal(size=dims)
    left, factors = tensor, []
    for mode, rank in enumerate(ranks):  # ST-HOSVD, the sides ascend
        factors.append(np.linalg.svd(tensorly.base.unfold(left, mode))[0][:, :rank])
        left = tensorly.tenalg.mode_dot(left, factors[-1].T, mode)
    found, _ = tensorly.decomposition.partial_tucker(tensor, rank=list(ranks), n_iter_max=sweeps, init=(left, factors), tol=0)
    received = low_rank("hooi", dims, ranks, sweeps=sweeps).compress(tensor.ravel()).values
    np.testing.assert_allclose(received, tensorly.tucker_to_tensor(found).ravel(), atol=3e-6)


def test_hooi_lowers_ranks_that_a_core_cannot_have_and_loses_nothing_by_it() -> None:
    """On 3×4×4 ranks (3, 2, 1) leave a 3×2×1 core of rank 2 in its first mode: (2, 2, 1), but certified as (3, 2, 1)."""
    x = _gaussian_stack((3, 4, 4))
    asked, lowered = low_rank("hooi", (3, 4, 4), (3, 2, 1)), low_rank("hooi", (3, 4, 4), (2, 2, 1))
    assert asked.compress(x).floats == lowered.compress(x).floats
    assert asked.alpha(48) == low_rank("st_hosvd", (3, 4, 4), (3, 2, 1)).alpha(48) > lowered.alpha(48)
    start = low_rank("st_hosvd", (3, 4, 4), (3, 2, 1)).compress(x).values
    assert np.all(np.sum(asked.compress(x).values ** 2, axis=-1) >= np.sum(start**2, axis=-1) * (1 - 1e-6))


def test_a_sweep_that_would_lose_energy_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    x, whole = _gaussian_stack((4, 4, 7)), low_rank("st_hosvd", (4, 4, 7), 2).compress(_gaussian_stack((4, 4, 7))).values
    worst = [np.broadcast_to(np.eye(side)[:, -2:], (len(x), side, 2)) for side in (4, 4, 7)]
    monkeypatch.setattr("ef21lab.compressors.low_rank.tucker._swept", lambda xp, tensors, bases: worst)
    kept = np.sum(low_rank("hooi", (4, 4, 7), 2).compress(x).values ** 2, axis=-1)
    np.testing.assert_allclose(
        kept, np.maximum(np.sum(whole**2, axis=-1), np.sum(x.reshape(-1, 4, 4, 7)[:, 2:, 2:, 5:] ** 2, axis=(1, 2, 3))), rtol=1e-5
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), components=st.integers(1, 4))
def test_cp_is_deflation_by_the_best_rank_one_tensor_it_finds(seed: int, components: int) -> None:
    """Alternating least squares, literally: each direction in turn, from ST-HOSVD's, on what the components before left."""
    tensor = np.random.default_rng(seed).normal(size=(3, 4, 5))
    left = tensor
    for _ in range(components):
        part, directions = left, []
        for _ in range(3):  # ST-HOSVD with ranks 1
            directions.append(np.linalg.svd(part.reshape(part.shape[0], -1))[0][:, 0])
            part = np.tensordot(directions[-1], part, 1)
        for _ in range(3):
            for mode, letters in enumerate(("abc,b,c->a", "abc,a,c->b", "abc,a,b->c")):
                others = [direction for other, direction in enumerate(directions) if other != mode]
                best = np.einsum(letters, left, *others)
                directions[mode] = best / np.linalg.norm(best)
        left = left - np.einsum("abc,a,b,c->", left, *directions) * np.einsum("a,b,c->abc", *directions)
    received = low_rank("cp", (3, 4, 5), components, sweeps=3).compress(tensor.ravel()).values
    np.testing.assert_allclose(received, (tensor - left).ravel(), atol=1e-5)


def test_cp_finds_a_rank_one_tensor_and_orthogonal_ones_whole() -> None:
    rng = np.random.default_rng(5)
    bases = [np.linalg.qr(rng.normal(size=(side, 3)))[0] for side in (4, 5, 6)]
    tensor = np.einsum("r,ar,br,cr->abc", np.array([3.0, 2.0, 1.0]), *bases)
    np.testing.assert_allclose(low_rank("cp", (4, 5, 6), 3, sweeps=50).compress(tensor.ravel()).values, tensor.ravel(), atol=1e-5)


def test_cp_is_near_a_simultaneous_fit() -> None:
    """tensorly's PARAFAC fits all components at once and may be nearer; greedy ones must not be far behind."""
    rng = np.random.default_rng(6)
    tensor = tensorly.cp_to_tensor((None, [rng.normal(size=(side, 2)) for side in (4, 5, 6)])) + 0.1 * rng.normal(size=(4, 5, 6))
    together = tensorly.cp_to_tensor(parafac(tensor, rank=2, n_iter_max=200, init="svd", random_state=0))
    greedy = low_rank("cp", (4, 5, 6), 2, sweeps=20).compress(tensor.ravel()).values
    assert np.linalg.norm(together - tensor) <= np.linalg.norm(greedy - tensor.ravel()) < np.linalg.norm(tensor) / 2


@pytest.mark.parametrize(
    ("dims", "components", "alpha"), [((4, 4, 7), 1, 1 / 4 / 4), ((4, 4, 7), 3, 1 - (1 - 1 / 16) ** 3), ((3, 5), 2, 1 - (2 / 3) ** 2)]
)
def test_cp_certifies_that_each_component_takes_its_share(dims: tuple[int, ...], components: int, alpha: float) -> None:
    compressor = low_rank("cp", dims, components)
    assert compressor.alpha(math.prod(dims)) == pytest.approx(alpha)
    assert compressor.compress(np.ones(math.prod(dims))).floats == components * (sum(dims) - (len(dims) - 1))


@pytest.mark.parametrize("name", ["tensor_train", "hooi", "cp"])
@settings(max_examples=60, deadline=None)
@given(dims=st.lists(st.integers(1, 5), min_size=2, max_size=4), rank=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_no_certificate_is_violated_by_sparse_tensors(name: str, dims: list[int], rank: int, seed: int) -> None:
    rng, d = np.random.default_rng(seed), math.prod(dims)
    x = rng.integers(-1, 2, size=(8, d)) * (rng.random((8, d)) < 0.4)
    compressor = low_rank(name, dims, rank)
    error = np.sum((compressor.compress(x).values - x) ** 2, axis=-1)
    assert np.all(error <= (1 - compressor.alpha(d) + 1e-6) * np.sum(x**2, axis=-1))


def test_power_sgd_is_the_algorithm_of_the_paper() -> None:
    rng = np.random.default_rng(7)
    compressor = low_rank("power_sgd", (6, 9), 3)
    x, start = rng.normal(size=54), rng.normal(size=(9, 3))
    p = np.linalg.qr(x.reshape(6, 9) @ start)[0]
    np.testing.assert_allclose(compressor.compress(x, start).values, (p @ p.T @ x.reshape(6, 9)).ravel(), atol=2e-6)


@pytest.mark.parametrize("spectrum", [(1.0, 1.0, 1.0, 1.0, 1.0, 1.0), (3.0, 1.0, 0.5, 0.1, 0.0, 0.0), (1.0, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3)])
@pytest.mark.parametrize("rank", [1, 2, 4])
def test_power_sgd_keeps_on_average_what_it_certifies(spectrum: tuple[float, ...], rank: int) -> None:
    """The mean of 4000 messages of one matrix, with four standard errors of room."""
    rng, compressor = np.random.default_rng(8), low_rank("power_sgd", (6, 9), rank)
    matrix = np.linalg.qr(rng.normal(size=(6, 6)))[0] * np.array(spectrum) @ np.linalg.qr(rng.normal(size=(9, 9)))[0][:6]
    x = np.broadcast_to(matrix.ravel(), (4000, 54))
    lost = np.sum((compressor.compress(x, compressor.draw(rng, x.shape)).values - x) ** 2, axis=-1) / np.sum(matrix**2)
    assert np.mean(lost) <= 1 - compressor.alpha(54) + 4 * np.std(lost) / math.sqrt(4000) + 1e-6


def test_for_every_start_of_power_sgd_there_is_a_matrix_that_it_loses() -> None:
    compressor = low_rank("power_sgd", (4, 4), 1)
    assert not np.any(compressor.compress(np.outer([0, 1, 2, 3], [0, 0, 0, 1]).ravel(), np.eye(4)[:, :1]).values)
