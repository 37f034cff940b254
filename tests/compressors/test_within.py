"""An error target: every message takes the smallest ranks that keep it, and says which."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.compressors import wire
from ef21lab.compressors.base import compressors
from ef21lab.compressors.low_rank.base import LowRank

DIMS = {"svd": (6, 8), "st_hosvd": (3, 4, 4), "tensor_train": (3, 4, 4)}
every_one = pytest.mark.parametrize("name", list(DIMS))


def within(name: str, error: float, dims: object = None) -> LowRank:
    compressor = compressors.make({"name": name, "dims": dims or DIMS[name], "error": error})
    assert isinstance(compressor, LowRank)
    return compressor


def graded(n: int, seed: int = 0) -> np.ndarray:
    """Tensors of 48 entries with a low-rank part of their own strength, so that neighbours need different ranks."""
    rng = np.random.default_rng(seed)
    parts = rng.normal(size=(n, 3)), rng.normal(size=(n, 4)), rng.normal(size=(n, 4))
    strength = 10.0 ** rng.uniform(-1, 1.5, size=(n, 1))
    return strength * np.einsum("na,nb,nc->nabc", *parts).reshape(n, 48) + rng.normal(size=(n, 48))


def ranks_sent(compressor: LowRank, vector: np.ndarray) -> tuple[int, ...]:
    reader = wire.Reader(compressor.encode(vector))
    reader.exponent()
    return tuple(1 + reader.take((most - 1).bit_length()) for most in compressor.plan(len(vector)).ranks)


@every_one
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), error=st.floats(0.001, 0.99))
def test_the_relative_error_keeps_within_the_target(name: str, seed: int, error: float) -> None:
    x = graded(6, seed)
    compressor = within(name, error)
    lost = np.linalg.norm(compressor.compress(x).values - x, axis=-1)
    assert np.all(lost <= (error + 1e-6) * np.linalg.norm(x, axis=-1))
    assert compressor.alpha(48) == 1 - error**2


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), error=st.floats(0.01, 0.99))
def test_svd_takes_the_smallest_rank_that_does(seed: int, error: float) -> None:
    x = graded(4, seed)
    for vector, floats in zip(x, within("svd", error).compress(x).floats, strict=True):
        s = np.linalg.svd(vector.reshape(6, 8), compute_uv=False)
        rank = next(r for r in range(1, 7) if np.sum(s[r:] ** 2) <= error**2 * np.sum(s**2))
        assert floats == rank * 14 - rank**2


@every_one
@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), error=st.floats(0.05, 0.95))
def test_each_step_takes_the_smallest_rank_within_its_part_of_what_may_be_lost(name: str, seed: int, error: float) -> None:
    """The thresholds, literally, one vector and one singular value decomposition at a time."""
    vector, compressor = graded(1, seed)[0], within(name, error)
    sides, steps = compressor.plan(48).sides, len(compressor.plan(48).ranks)
    left, before, allowed, expected = vector, 1, error**2 * np.sum(vector**2), []
    for step in range(steps):
        rows = sides[step] * (before if name != "st_hosvd" else 1)
        u, s, _ = np.linalg.svd(left.reshape(rows, -1), full_matrices=False)
        rank = next(r for r in range(1, len(s) + 1) if np.sum(s[r:] ** 2) <= allowed / (steps - step))
        left, before, allowed = u[:, :rank].T @ left.reshape(rows, -1), rank, allowed - np.sum(s[rank:] ** 2)
        left = left.T if name == "st_hosvd" else left
        expected.append(rank)
    assert ranks_sent(compressor, vector) == tuple(expected)


@every_one
def test_neighbours_of_different_ranks_arrive_as_if_each_were_alone(name: str) -> None:
    x, compressor = graded(40).reshape(2, 20, 48), within(name, 0.4)
    sent = compressor.compress(x)
    assert sent.floats.shape == sent.bits.shape == (2, 20)
    assert len(np.unique(sent.floats)) > 2
    for index in np.ndindex(2, 20):
        message = compressor.encode(x[index])
        assert np.array_equal(compressor.decode(message, 48), sent.values[index])
        assert message.bits == sent.bits[index]


@every_one
def test_what_a_message_of_these_ranks_costs(name: str) -> None:
    vector, compressor = graded(1)[0], within(name, 0.4)
    plan, ranks = compressor.plan(48), ranks_sent(compressor, vector)
    fixed = compressors.make({"name": name, "dims": DIMS[name], "ranks": ranks if len(ranks) > 1 else ranks[0]})
    said = sum(math.ceil(math.log2(most)) for most in plan.ranks)
    assert compressor.encode(vector).bits == fixed.encode(vector).bits + said
    assert np.array_equal(compressor.compress(vector).values, fixed.compress(vector).values)


def test_zero_takes_the_smallest_ranks() -> None:
    assert within("st_hosvd", 0.5).compress(np.zeros(48)).floats == 1 + 2 + 3 + 3


def test_ranks_that_no_tensor_has_are_refused() -> None:
    compressor = within("tensor_train", 0.5, (2, 2, 8))
    message = wire.pack(wire.header(0), wire.Bits(0, 1), wire.Bits(3, 2), wire.Bits(0, 200))  # after a bond of 1, one of 4 on a side of 2
    with pytest.raises(Refusal, match="no tensor of 2×2×8 has ranks 1×4"):
        compressor.decode(message, 32)


def test_without_a_target_the_ranks_are_those_of_the_settings() -> None:
    x = graded(3)
    assert compressors.make({"name": "st_hosvd", "dims": [3, 4, 4], "ranks": 2, "error": 0}).compress(x).floats == 8 + 2 * (1 + 2 + 2)
