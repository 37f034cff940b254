"""Messages of long vectors, a few nodes at a time: to the last bit what they are as arrays of all nodes."""

from types import SimpleNamespace

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.channels import arrays
from ef21lab.channels.arrays import ArrayChannel
from ef21lab.channels.bill import Bill
from ef21lab.channels.held import Held, Sparse, Whole
from ef21lab.channels.last import LastMessage
from ef21lab.channels.liveness import Liveness
from ef21lab.compressors.base import compressors
from ef21lab.runs.experiment import start_run
from ef21lab.runs.record import Record

LANES, NODES, D = 2, 5, 60
PRESENT = np.array([[True, False, True, False, True], [True, True, True, False, True]])
WEIGHTS = np.array([0.5, 1.0, 2.0, 4.0, 0.3])[None, :, None]


@pytest.fixture
def in_parts(monkeypatch):
    """Switches to messages of one or two nodes at a time."""

    def switch():
        monkeypatch.setattr(arrays, "WIDE", 0)
        monkeypatch.setattr(arrays, "TOGETHER", 2 * LANES * D)

    return switch


def vectors(d=D, seed=0):
    rng = np.random.default_rng(seed)
    wanted = rng.normal(size=(LANES, NODES, d)) * np.exp(2 * rng.normal(size=(LANES, NODES, 1)))
    wanted[0, 1] = 0.0
    wanted[:, 2] = np.round(wanted[:, 2])  # ties, and zeros of both signs
    wanted[1, 3] *= 2.0**-80  # travels scaled
    return wanted


def heard(name, wanted, present=None, weights=None, dense=False):
    """All that is left of one message, as bytes."""
    seen = SimpleNamespace(bill=Bill(LANES), last=LastMessage(), liveness=Liveness(LANES))
    channel = ArrayChannel(compressors.make(name).fitted([(wanted.shape[-1],)]), (0, 1), NODES, vars(seen).values())
    sent = (channel.send_dense if dense else channel.send)(wanted, present, weights)
    base = vectors(wanted.shape[-1], seed=1)
    pair = seen.last.pair
    assert pair is not None
    kept = {"wanted": pair.wanted, "received": pair.received, "contraction": seen.last.contraction(), "alive": seen.liveness.alive}
    sums = {"own": np.asarray(sent.own), "on": base + sent.own, "under": sent.own + base, "less": base - sent.own, "scaled": 0.3 * sent.own}
    numbers = {**kept, **sums, **seen.bill.entries()}
    return {**{label: (array.shape, array.tobytes()) for label, array in numbers.items()}, "mean": (sent.mean + 0.0).tobytes()}


@pytest.mark.parametrize("name", compressors.members)
@pytest.mark.parametrize(("present", "weights"), [(None, None), (PRESENT, None), (None, WEIGHTS)])
def test_a_message_in_parts_is_the_message_of_all(in_parts, name, present, weights):
    whole = heard(name, vectors(), present, weights)
    in_parts()
    assert heard(name, vectors(), present, weights) == whole


@pytest.mark.parametrize("name", ["top_k", "identity", "rand_k", "natural"])
def test_so_is_that_of_vectors_longer_than_numpy_adds_up_at_once(in_parts, name):
    choice = {"name": name, "k": 5} if name in ("top_k", "rand_k") else name
    whole = heard(choice, vectors(20_000))
    in_parts()
    found = heard(choice, vectors(20_000))
    for label in ("wanted", "received"):  # of the nodes that fit a snapshot
        (_, all_of_them), (shape, some) = whole.pop(label), found.pop(label)
        everything = np.frombuffer(all_of_them).reshape(LANES, NODES, -1)
        assert np.array_equal(everything[:, : shape[1]], np.frombuffer(some).reshape(shape))
    assert found == whole


@pytest.mark.parametrize("beyond", [np.nan, np.inf, 2.0**1000])
@pytest.mark.parametrize("name", ["top_k", "identity"])
def test_so_is_that_of_a_lane_that_overflows(in_parts, name, beyond):
    broken = vectors()
    broken[0, 2, 5] = beyond
    whole = heard(name, broken)
    in_parts()
    assert heard(name, broken) == whole


def test_a_dense_message_in_parts_is_the_message_of_all(in_parts):
    whole = heard("top_k", vectors(), PRESENT, dense=True)
    in_parts()
    assert heard("top_k", vectors(), PRESENT, dense=True) == whole


@pytest.mark.parametrize("name", algorithms.members)
def test_every_method_takes_the_same_steps_on_them(in_parts, name):
    def records() -> list[Record]:
        compressor = {"name": "rand_k", "k": 5, "scaling": "unbiased"} if name in ("diana", "marina") else {"name": "top_k", "k": 5}
        run = start_run({"algorithm": name, "compressor": compressor, "rounds": 8, "step": {"rule": "theory", "multiple": 2.0}})
        found = list(run)
        return [*found, run.checkpoint().state]

    *whole, reached = records()
    in_parts()
    *found, arrived = records()
    for one, other in zip(whole, found, strict=True):
        for field in ("loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "contraction"):
            assert np.array_equal(getattr(one, field), getattr(other, field), equal_nan=True), (one.round, field)
    assert {field: array.tobytes() for field, array in reached.items()} == {field: array.tobytes() for field, array in arrived.items()}


def test_what_is_held_acts_as_the_array_that_it_stands_for():
    rng = np.random.default_rng(0)
    columns, numbers = np.array([[[1, 4]], [[0, 3]]]), rng.normal(size=(2, 1, 2))
    held = Held([Whole(rng.normal(size=(2, 2, 5))), Sparse(columns, numbers, 5)])
    array, other = np.array(held), rng.normal(size=(2, 3, 5))
    assert array[0, 2].tolist() == [0.0, numbers[0, 0, 0], 0.0, 0.0, numbers[0, 0, 1]]
    assert (held.shape, held.size, held.ndim, len(held)) == (array.shape, array.size, array.ndim, len(array))
    for made in (
        lambda x: x + other,
        lambda x: other + x,
        lambda x: other - x,
        lambda x: x - other,
        lambda x: x + x,
        lambda x: x + other[:, :1],
        lambda x: 2 * x / 3,
        lambda x: -x,
        lambda x: x[:, 1:],
        lambda x: x.sum(axis=1),
        lambda x: np.where(other > 0, x, 0.0),
        lambda x: np.add(other, x, out=np.empty_like(other)),
        lambda x: np.stack(list(x)),
    ):
        assert np.array_equal(made(held), made(array))


def test_a_zero_of_either_sign_added_to_one_is_what_it_is_among_arrays():
    zeros = np.array([0.0, -0.0])
    base, said = np.repeat(zeros, 2)[None, None], np.tile(zeros, 2)[None, None]
    for part in (Whole(said), Sparse(np.arange(4)[None, None], said, 4)):
        assert (base + Held([part])).tobytes() == (base + said).tobytes()
        assert (base - Held([part])).tobytes() == (base - said).tobytes()
    none = Held([Sparse(np.zeros((1, 1, 0), dtype=int), np.zeros((1, 1, 0)), 4)])
    assert (base + none).tobytes() == (base + 0.0).tobytes()
