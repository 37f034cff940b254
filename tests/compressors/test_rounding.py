"""What rounding to float32 takes off a certificate, on vectors that leave the exact operator nothing to spare."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.compressors.base import Compressor, compressors

FLOAT64 = 4e-15  # relative: what measuring an error costs
FLAT = [  # the fold of an operator, whose singular values are all alike below
    {"name": "svd", "dims": [8, 8], "ranks": 1},
    {"name": "svd", "dims": [8, 8], "ranks": 5},
    {"name": "svd", "dims": [4, 16], "ranks": 2},
    {"name": "tensor_train", "dims": [8, 8], "ranks": 3},
    {"name": "st_hosvd", "dims": [8, 8], "ranks": 3},
    {"name": "st_hosvd", "dims": [4, 4, 4], "ranks": 1},
    {"name": "hosvd", "dims": [8, 8], "ranks": [7, 7]},
    {"name": "hooi", "dims": [8, 8], "ranks": 3},
    {"name": "hooi", "dims": [8, 8], "ranks": [3, 5]},
    {"name": "cp", "dims": [8, 8], "ranks": 2},
    {"name": "svd", "dims": [8, 8], "error": 0.9},
]
ENTRIES = [
    "identity",
    "sign",
    "natural",
    "half",
    {"name": "top_k", "k": 1},
    {"name": "top_k", "k": 40},
    {"name": "top_k_energy", "error": 0.7},
    {"name": "then", "first": {"name": "top_k", "k": 5}, "second": "sign"},
    {"name": "residual", "first": {"name": "top_k", "k": 5}, "second": "sign"},
    {"name": "residual", "first": {"name": "svd", "dims": [8, 8], "ranks": 1}, "second": {"name": "top_k", "k": 9}},
]


def orthogonal(side: int, rng: np.random.Generator) -> np.ndarray:
    return np.linalg.qr(rng.normal(size=(side, side)))[0]


def vectors(rng: np.random.Generator) -> np.ndarray:
    """(n, 64): matrices of equal singular values, some nearly of lower rank, and vectors of equal or of awkwardly rounded entries."""
    flat = [orthogonal(8, rng) for _ in range(20)]
    flat += [orthogonal(8, rng) * np.where(np.arange(8) < kept, 1.0, 1 - 1e-7) for kept in range(1, 8)]
    flat += [np.kron(orthogonal(2, rng), orthogonal(4, rng)) for _ in range(5)]
    halfway = 1.0 + 2.0**-24 * rng.integers(0, 4, (5, 64))  # between two float32 numbers
    signs = rng.choice([-1.0, 1.0], (10, 64))
    one = np.eye(64)[:3] * (1 + 2.0**-24)
    return np.concatenate(
        [np.reshape(flat, (-1, 64)), signs, np.concatenate([halfway, halfway * signs[:5]]), one, rng.normal(size=(5, 64))]
    )


def lost(compressor: Compressor, x: np.ndarray) -> np.ndarray:
    """‖C(x) − x‖²/‖x‖² of every vector."""
    received = compressor.compress(x, compressor.draw(np.random.default_rng(0), x.shape)).values
    return np.sum((received - x) ** 2, axis=-1) / np.sum(x**2, axis=-1)


@pytest.mark.parametrize("given", FLAT + ENTRIES, ids=str)
def test_what_arrives_contracts_by_what_is_left_of_the_certificate(given: object) -> None:
    compressor = compressors.make(given)
    for seed in range(5):
        worst = lost(compressor, vectors(np.random.default_rng(seed))).max()
        assert worst <= 1 - compressor.received_alpha(64) + FLOAT64


@pytest.mark.parametrize("given", [*FLAT[:5], *ENTRIES[4:6]], ids=str)
def test_the_certificate_itself_is_attained_there(given: object) -> None:
    """So the vectors above are as hard as they are meant to be."""
    compressor = compressors.make(given)
    assert lost(compressor, vectors(np.random.default_rng(0))).max() >= 1 - compressor.alpha(64) - 1e-6


def test_a_frame_that_is_not_spanned_by_singular_directions_pays_in_first_order() -> None:
    """PowerSGD's P' is P turned by an angle t: ‖X − P'X‖ ≤ ‖X − PX‖ + t‖X‖, and no better is known."""
    svd, power = (compressors.make({"name": name, "dims": [100, 100], "ranks": 3}) for name in ("svd", "power_sgd"))
    assert svd.alpha(10_000) == power.alpha(10_000)
    assert svd.lost_to_float32(10_000) < 1e-10 < 1e-6 < power.lost_to_float32(10_000)


def test_exact_messages_lose_nothing() -> None:
    assert compressors.make({"name": "identity", "width": "64"}).received_alpha(7) == 1.0
