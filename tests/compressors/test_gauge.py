"""Frames: a subspace that travels without its redundant numbers is still the subspace, whatever its basis looks like."""

from __future__ import annotations

import math

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.compressors import wire
from ef21lab.compressors.base import Message, compressors
from ef21lab.compressors.wire import gauge as frames

FLOAT32 = 2.0**-24  # relative rounding


@st.composite
def bases(draw: st.DrawFn) -> np.ndarray:
    """Orthonormal columns (n, I, r): of Gaussians, of sparse integers, with rows that are nearly multiples of each other, or graded."""
    side = draw(st.integers(1, 12))
    rank, n = draw(st.integers(1, side)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    columns = rng.normal(size=(n, side, rank))
    match draw(st.sampled_from(["gaussian", "sparse", "dependent", "graded", "axes"])):
        case "sparse":
            columns = np.round(columns) + 1e-3 * columns * (rng.random((n, side, 1)) < 0.5)
        case "dependent":
            columns = columns[:, :1] * rng.normal(size=(n, side, 1)) + draw(st.sampled_from([1e-3, 1e-7, 1e-12])) * columns
        case "graded":
            columns = columns * 10.0 ** -np.arange(side)[:, None]
        case "axes":
            columns = np.stack([rng.permutation(np.eye(side))[:, :rank] for _ in range(n)])
    return np.linalg.qr(columns)[0]


def projector(basis: np.ndarray) -> np.ndarray:
    return basis @ np.swapaxes(basis, -1, -2)


@settings(max_examples=300, deadline=None)
@given(columns=bases())
def test_a_frame_spans_what_it_was_made_from_up_to_float32(columns: np.ndarray) -> None:
    _, side, rank = columns.shape
    made = frames.frame(xp, columns)
    np.testing.assert_allclose(
        np.swapaxes(made.basis, 1, 2) @ made.basis, np.broadcast_to(np.eye(rank), (len(columns), rank, rank)), atol=1e-13
    )
    turned = np.linalg.norm(projector(made.basis) - projector(columns), 2, axis=(1, 2))
    assert np.all(turned <= FLOAT32 * frames.STEEPEST * math.sqrt(rank * (side - rank)) + 1e-12)  # ‖rounding of V‖, since V ≥ identity


@settings(max_examples=300, deadline=None)
@given(columns=bases())
def test_weights_are_the_identity_in_the_pivot_rows_and_moderate_elsewhere(columns: np.ndarray) -> None:
    made = frames.frame(xp, columns)
    assert np.all(np.diff(made.pivots, axis=1) > 0)
    for pivots, weights in zip(made.pivots, made.weights, strict=True):
        assert np.array_equal(weights[pivots], np.eye(columns.shape[2]))
        assert np.all(np.abs(weights) <= frames.STEEPEST)
        assert np.array_equal(weights, weights.astype(np.float32))


@settings(max_examples=150, deadline=None)
@given(columns=bases())
def test_a_receiver_assembles_the_same_frame_to_the_bit(columns: np.ndarray) -> None:
    size, together = columns.shape[1:], frames.frame(xp, columns)
    for index in range(len(columns)):
        made = frames.frame(xp, columns[index : index + 1])
        message = wire.pack(*frames.pivot_codes([made]), *(wire.floats(part) for part in frames.numbers([made])))
        assert message.bits == frames.pivot_bits([size]) + 32 * frames.floats([size])
        reader = wire.Reader(message)
        (received,) = frames.assembled(frames.read_pivots(reader, [size]), [size], reader.floats(frames.floats([size])))
        for sent, arrived, stacked in zip(made, received, together, strict=True):
            assert sent.tobytes() == arrived.tobytes()  # 0.0 and −0.0 differ
            assert stacked[index : index + 1].tobytes() == arrived.tobytes()


def test_some_bases_need_an_exchange_and_get_it() -> None:
    columns = np.linalg.qr(np.random.default_rng(0).normal(size=(200, 16, 6)))[0]
    exchanged = frames.frame(xp, columns).pivots
    pivots = np.zeros((200, 6), dtype=int)
    eliminated = columns
    for column in range(6):  # elimination alone
        pivots[:, column] = np.argmax(np.abs(eliminated[:, :, column]), axis=-1)
        eliminated = frames._pivoted(xp, eliminated, pivots[:, column], column)
    steep = np.max(np.abs(eliminated), axis=(1, 2)) > frames.STEEPEST
    assert np.array_equal(steep, np.any(np.sort(pivots, axis=1) != exchanged, axis=1))
    assert 0 < np.sum(steep) < 200


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), side=st.integers(2, 9), data=st.data())
def test_from_any_pivots_exchanges_lead_to_moderate_weights_of_the_same_span(seed: int, side: int, data: st.DataObject) -> None:
    rank = data.draw(st.integers(1, side - 1))
    rng = np.random.default_rng(seed)
    weights = np.concatenate(
        [np.eye(rank), 10.0 ** rng.uniform(-3, 5, size=(side - rank, rank)) * rng.choice([-1, 1], (side - rank, rank))]
    )
    flat, pivots = frames._flattened(xp, np.stack([weights, weights[::-1]]).copy(), np.stack([np.arange(rank), side - 1 - np.arange(rank)]))
    for found, places, start in zip(flat, pivots, (weights, weights[::-1]), strict=True):
        assert np.max(np.abs(found)) <= frames.STEEPEST
        np.testing.assert_allclose(found, start @ np.linalg.inv(start[places]), rtol=1e-5, atol=1e-5)


def test_a_weight_that_no_sender_sends_is_refused() -> None:
    with pytest.raises(Refusal, match="malformed message: a weight in it is larger than 2"):
        frames.assembled([np.array([0])], [(3, 1)], np.array([0.5, -2.5]))


@settings(max_examples=200, deadline=None)
@given(columns=bases(), seed=st.integers(0, 2**32 - 1), tail=st.sampled_from([1.0, 1e-3, 1e-8, 0.0]))
def test_a_gauge_fixed_message_loses_what_plain_truncation_loses(columns: np.ndarray, seed: int, tail: float) -> None:
    """Matrices UVᵀ plus something smaller: the excess over the discarded singular values is that of float32, times √(numbers sent)."""
    rng, (n, side, rank) = np.random.default_rng(seed), columns.shape
    x = columns @ rng.normal(size=(n, rank, 9)) + tail * rng.normal(size=(n, side, 9)) / 9
    rank = min(rank, 9)
    discarded = np.sqrt(np.sum(np.linalg.svd(x, compute_uv=False)[:, rank:] ** 2, axis=-1))
    received = compressors.make({"name": "st_hosvd", "dims": [side, 9], "ranks": [rank, rank]}).compress(x.reshape(n, -1)).values
    lost = np.linalg.norm(received - x.reshape(n, -1), axis=-1)
    room = 4 * frames.STEEPEST * math.sqrt(rank * (side + 9)) * FLOAT32
    assert np.all(lost <= discarded + room * np.linalg.norm(x, axis=(1, 2)))


@pytest.mark.parametrize("name", ["st_hosvd", "hosvd"])
def test_ranks_of_one_on_4x4x7_send_13_floats(name: str) -> None:
    compressor = compressors.make({"name": name, "dims": [4, 4, 7], "ranks": 1})
    sent = compressor.compress(np.random.default_rng(0).normal(size=112))
    assert sent.floats == 13
    assert sent.bits == 1 + 32 * 13 + 2 + 2 + 3  # the pivots: one row of 4, of 4, of 7


def test_a_mode_of_full_rank_costs_only_its_core() -> None:
    compressor = compressors.make({"name": "st_hosvd", "dims": [4, 5, 6], "ranks": [4, 5, 1]})
    assert compressor.compress(np.ones(120)).floats == 4 * 5 * 1 + 5


def test_the_message_is_pivots_then_weights_then_core() -> None:
    """x = 3 (1, −½) ⊗ (½, 1): by hand."""
    compressor = compressors.make({"name": "st_hosvd", "dims": [2, 2], "ranks": 1})
    message = compressor.encode(3 * np.outer([1, -0.5], [0.5, 1]).ravel())
    reader = wire.Reader(message)
    assert (reader.exponent(), reader.take(1), reader.take(1)) == (0, 0, 1)
    weights, core = reader.floats(2), reader.floats(1)
    reader.end()
    assert weights.tolist() == pytest.approx([-0.5, 0.5])
    assert core[0] == pytest.approx(3 * math.sqrt(1.25) * math.sqrt(1.25))
    assert isinstance(message, Message)
