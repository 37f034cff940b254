"""DCT blocks against scipy's transform block by block, its certificate where it is attained, and stacks to the bit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.fft import dct, idct

from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.compressors.dct_blocks import waves


def made(block: int, per_block: int) -> Compressor:
    return compressors.make({"name": "dct_blocks", "block": block, "per_block": per_block})


def by_scipy(x: np.ndarray, block: int, k: int) -> np.ndarray:
    """Block by block, the shorter one at the end by a transform of its own length."""
    parts = []
    for start in range(0, len(x), block):
        found = dct(x[start : start + block], norm="ortho")
        dropped = sorted(range(len(found)), key=lambda u: -abs(found[u]))[k:]
        found[dropped] = 0.0
        parts.append(idct(found, norm="ortho"))
    return np.concatenate(parts)


@pytest.mark.parametrize("length", [1, 2, 7, 64, 1024])
def test_the_waves_are_scipys_and_orthonormal(length: int) -> None:
    np.testing.assert_allclose(waves(length), dct(np.eye(length), axis=0, norm="ortho"), atol=1e-13)
    np.testing.assert_allclose(waves(length) @ waves(length).T, np.eye(length), atol=1e-13)


@pytest.mark.parametrize(("d", "block", "k"), [(64, 16, 3), (67, 16, 3), (5, 16, 3), (3, 16, 5), (40, 1, 1), (33, 8, 8)])
def test_it_is_the_largest_coefficients_of_every_block(d: int, block: int, k: int) -> None:
    x = np.random.default_rng(d).normal(size=d)
    np.testing.assert_allclose(made(block, k).compress(x).values, by_scipy(x, block, k), rtol=0, atol=1e-6 * np.abs(x).max())


def test_a_vector_of_a_stack_is_what_it_is_alone_to_the_bit() -> None:
    x = np.random.default_rng(1).normal(size=(3, 7, 150)) * 10.0 ** np.random.default_rng(2).uniform(-30, 30, size=(3, 7, 1))
    operator = made(16, 3)
    together = operator.compress(x)
    for place in np.ndindex(3, 7):
        alone = operator.compress(x[place])
        assert np.array_equal(together.values[place], alone.values)
        assert np.array_equal(operator.decode(operator.encode(x[place]), 150), alone.values)
        assert np.broadcast_to(together.bits, (3, 7))[place] == alone.bits == operator.encode(x[place]).bits


@pytest.mark.parametrize(("d", "block", "k"), [(128, 16, 4), (9, 64, 2)])
def test_the_certificate_is_attained_where_all_coefficients_are_equal(d: int, block: int, k: int) -> None:
    length = min(block, d)
    x = np.tile(waves(length).sum(axis=0), d // length)
    lost = np.sum((made(block, k).compress(x).values - x) ** 2) / np.sum(x**2)
    assert lost == pytest.approx(1.0 - made(block, k).alpha(d), abs=1e-6)
    assert made(block, k).alpha(d) == k / length


def test_a_wave_is_sent_by_one_number() -> None:
    """Top-k would need nearly all of them."""
    x = np.concatenate([waves(64)[5], 3 * waves(64)[17], np.zeros(64)])
    np.testing.assert_allclose(made(64, 1).compress(x).values, x, atol=1e-6)
    assert made(64, 1).compress(x).bits == 1 + 3 * (6 + 32)


def test_bits_are_those_of_the_blocks() -> None:
    operator = made(16, 3)
    assert operator.cost(67) == (1 + 4 * (math.ceil(math.log2(math.comb(16, 3))) + 96) + math.comb(3, 3) - 1 + 96, 15)


def test_more_than_a_block_has_is_refused_in_words() -> None:
    assert "1..4" in str(made(4, 5).refusal(100))
    with pytest.raises(Refusal, match="per_block"):
        compressors.make({"name": "dct_blocks", "per_block": 0})
