"""Operators that keep some of the coordinates: which, how evenly, how few, and against the floor of what naming them costs."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.compressors import _sparse, wire
from ef21lab.compressors.base import Compressor, Message, compressors
from ef21lab.compressors.rand_k import random_sets


def made(name: str, **fields: object) -> Compressor:
    return compressors.make({"name": name, **fields})


def sets_drawn(d: int, k: int, draws: int) -> np.ndarray:
    """Which coordinates of a vector without zeros arrive, (draws, d)."""
    rand_k, x = made("rand_k", k=k), np.ones((draws, d))
    return rand_k.compress(x, rand_k.draw(np.random.default_rng(0), x.shape)).values != 0


@pytest.mark.parametrize("k", [1, 10, 100, 1000, 5000])
def test_top_k_is_within_three_percent_of_the_floor_at_ten_thousand(k: int) -> None:
    floor = 32 * k + math.ceil(math.log2(math.comb(10_000, k)))
    x = np.random.default_rng(0).normal(size=10_000)
    assert made("top_k", k=k).encode(x).bits <= 1.03 * floor


@pytest.mark.parametrize("error", [0.99, 0.9, 0.5, 0.1])
def test_top_k_to_an_error_is_within_three_percent_of_the_floor_of_the_set_it_sends(error: float) -> None:
    x = np.random.default_rng(0).normal(size=10_000)
    k = made("top_k_energy", error=error).compress(x).floats
    assert made("top_k_energy", error=error).encode(x).bits <= 1.03 * (32 * k + math.ceil(math.log2(math.comb(10_000, int(k)))))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=12), st.sampled_from([0.0, 0.3, 0.5, 0.8, 0.999]))
def test_no_smaller_set_would_reach_the_error(numbers: list[int], error: float) -> None:
    x = np.array(numbers, dtype=float)
    values, _, k = made("top_k_energy", error=error).compress(x)
    allowed = error**2 * np.sum(x**2)
    assert np.sum((values - x) ** 2) <= allowed + 1e-9
    assert np.count_nonzero(values) == k
    if k:
        best = max(sum(x[i] ** 2 for i in chosen) for chosen in combinations(range(len(x)), int(k) - 1))
        assert np.sum(x**2) - best > allowed


def test_of_equals_the_earliest_are_kept_to_reach_an_error() -> None:
    x = np.array([1.0, 2.0, -2.0, 2.0, 1.0])
    assert made("top_k_energy", error=0.85).compress(x).values.tolist() == [0, 2, 0, 0, 0]
    assert made("top_k_energy", error=0.8).compress(x).values.tolist() == [0, 2, -2, 0, 0]


def test_each_vector_of_a_stack_pays_for_its_own_k() -> None:
    x = np.stack([np.eye(100)[3], np.ones(100), np.zeros(100)])
    values, bits, floats = made("top_k_energy", error=0.5).compress(x)
    assert floats.tolist() == [1, 75, 0]
    assert bits.tolist() == [made("top_k_energy", error=0.5).encode(vector).bits for vector in x]
    assert bits[2] < bits[0] < bits[1]


@pytest.mark.parametrize(("d", "k"), [(1, 1), (2, 1), (5, 2), (7, 7), (100, 9), (641, 300), (7840, 2)])
def test_random_sets_have_k_different_members(d: int, k: int) -> None:
    seeds = np.random.default_rng(0).integers(0, 2**32, size=(200, 1))
    chosen = random_sets(np, seeds, d, k)
    assert chosen.min() >= 0
    assert chosen.max() < d
    assert all(len(set(row)) == k for row in chosen.tolist())


@pytest.mark.parametrize(("d", "k"), [(5, 2), (6, 3), (8, 1)])
def test_every_subset_is_equally_likely(d: int, k: int) -> None:
    """Pearson's χ² of the C(d, k) counts stays within 4 standard deviations of its mean, C(d, k) − 1."""
    _, counts = np.unique(sets_drawn(d, k, 20_000) @ (1 << np.arange(d)), return_counts=True)
    assert len(counts) == math.comb(d, k)
    freedom, expected = math.comb(d, k) - 1, 20_000 / math.comb(d, k)
    assert np.sum((counts - expected) ** 2) / expected <= freedom + 4 * math.sqrt(2 * freedom)


def test_every_coordinate_is_kept_by_exactly_its_share_of_the_seeds() -> None:
    seeds = np.arange(7 * 50)[:, None]  # every shuffle of fifty, moved by every distance
    counts = np.bincount(random_sets(np, seeds, 7, 3).ravel(), minlength=7)
    assert counts.tolist() == [3 * 50] * 7


def test_pairs_of_coordinates_meet_as_often_as_chance_says() -> None:
    kept = sets_drawn(30, 10, 20_000).astype(float)
    together = (kept.T @ kept)[np.triu_indices(30, 1)] / 20_000
    share = (10 / 30) * (9 / 29)
    assert np.max(np.abs(together - share)) <= 5 * math.sqrt(share * (1 - share) / 20_000)


def test_a_random_set_costs_a_seed_or_its_place_whichever_is_shorter() -> None:
    assert made("rand_k", k=1).cost(112) == (1 + 7 + 32, 1)
    assert made("rand_k", k=50).cost(112) == (1 + 32 + 32 * 50, 50)
    assert made("rand_k", k=111).cost(112) == (1 + 7 + 32 * 111, 111)


def test_a_seed_that_nobody_draws_is_refused() -> None:
    payload = wire.pack(wire.Bits(0, 1), wire.Bits(2**32 - 1, 32), wire.floats(np.ones(50)))
    with pytest.raises(Refusal, match="index code"):
        made("rand_k", k=50).decode(Message(*payload), 112)


def test_scaling_by_d_over_k_makes_it_unbiased() -> None:
    kept, unbiased = made("rand_k", k=3), made("rand_k", k=3, scaling="unbiased")
    x, noise = np.arange(1.0, 13.0), np.array([12345])
    np.testing.assert_allclose(unbiased.compress(x, noise).values, 4 * kept.compress(x, noise).values)
    assert (kept.alpha(12), kept.omega(12)) == (3 / 12, None)
    assert (unbiased.alpha(12), unbiased.omega(12)) == (None, 3.0)


def test_the_index_code_of_top_k_is_its_set() -> None:
    basis = made("top_k", k=2).chosen(np, np.array([[0.0, 3.0, 1.0, -2.0]]), None)[0]
    assert made("top_k", k=2).basis_code(basis, 4) == [wire.subset_code([1, 3], 4)]


@pytest.mark.parametrize("d", [1, 2, 3, 13, 64, 112, 1000])
def test_the_bits_of_a_subset_are_those_of_its_count(d: int) -> None:
    assert [wire.subset_bits(d, k) for k in range(d + 1)] == [math.ceil(math.log2(math.comb(d, k))) for k in range(d + 1)]


def test_the_bits_of_a_large_subset_are_those_of_its_count() -> None:
    for k in range(0, 70_001, 3500):
        assert 2 ** (bits := wire.subset_bits(70_000, k)) >= math.comb(70_000, k)
        assert bits == 0 or 2 ** (bits - 1) < math.comb(70_000, k)


@pytest.fixture
def no_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of vectors that are too long for a copy."""
    monkeypatch.setattr("ef21lab.compressors._sparse.SMALL", 0)


@pytest.mark.usefixtures("no_copies")
@given(st.lists(st.lists(st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, np.inf, -np.inf, np.nan]), min_size=5, max_size=5), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_without_a_copy_the_largest_is_the_same_one(rows: list[list[float]]) -> None:
    vectors = np.array(rows)
    assert _sparse.largest_of_all(np, vectors).tolist() == np.argmax(np.abs(vectors), axis=-1).tolist()
