"""The channel of arrays: what is heard of a partial, a mixed, a weighted and a compared message, and what its observers make of each."""

from types import SimpleNamespace

import numpy as np
import pytest

from ef21lab.channels.arrays import ArrayChannel
from ef21lab.channels.bill import Bill
from ef21lab.channels.last import LastMessage
from ef21lab.channels.liveness import Liveness
from ef21lab.channels.messages import either
from ef21lab.compressors.base import compressors
from ef21lab.streams import Stream

LANES, NODES, D = 2, 4, 9


def channel(compressor="top_k", seeds=(0, 1), **settings):
    return ArrayChannel(compressors.make({"name": compressor, **settings}), seeds, NODES)


def observed(compressor="top_k", **settings):
    """A channel and its observers."""
    seen = SimpleNamespace(bill=Bill(LANES), last=LastMessage(), liveness=Liveness(LANES))
    return ArrayChannel(compressors.make({"name": compressor, **settings}), (0, 1), NODES, vars(seen).values()), seen


@pytest.fixture
def wanted():
    return np.random.default_rng(1).normal(size=(LANES, NODES, D))


PRESENT = np.array([[True, False, True, False], [True, True, True, False]])


def test_the_master_hears_the_mean_of_what_every_node_was_heard_to_say(wanted):
    sent = channel(k=2).send(wanted)
    for lane in range(LANES):
        np.testing.assert_allclose(sent.mean[lane], sum(sent.own[lane]) / NODES, rtol=1e-15)
        for i in range(NODES):
            largest = np.argsort(-np.abs(wanted[lane, i]))[:2]
            assert np.array_equal(np.flatnonzero(sent.own[lane, i]), np.sort(largest))


def test_a_silent_node_is_heard_as_zero_costs_nothing_and_has_no_contraction(wanted):
    (whole, all_seen), (part, seen) = observed(k=2), observed(k=2)
    everything, heard = whole.send(wanted), part.send(wanted, PRESENT)
    assert np.array_equal(heard.own, np.where(PRESENT[..., None], everything.own, 0.0))
    np.testing.assert_allclose(heard.mean, heard.own.sum(axis=1) / NODES, rtol=1e-15)
    assert seen.bill.bits_up == pytest.approx(all_seen.bill.bits_up * [2 / 4, 3 / 4])
    assert seen.bill.floats_up == pytest.approx(np.array([2 * 2 / 4, 2 * 3 / 4]))
    contraction = seen.last.contraction()
    assert np.array_equal(np.isnan(contraction), ~PRESENT)
    assert np.array_equal(contraction[PRESENT], all_seen.last.contraction()[PRESENT])


def test_two_partial_messages_of_a_round_make_one(wanted):
    one, seen = observed(k=2)
    heard = one.send(wanted, PRESENT).own + one.send_dense(wanted, ~PRESENT).own
    exact = np.float32(wanted)
    assert np.array_equal(heard[~PRESENT], exact[~PRESENT])
    assert np.array_equal(seen.last.pair.received, heard)
    assert seen.last.contraction()[~PRESENT] == pytest.approx(0.0, abs=1e-12)
    assert np.all(seen.last.contraction()[PRESENT] > 0.01)


def test_a_node_that_was_silent_for_a_round_has_no_message_left_from_the_round_before(wanted):
    one, seen = observed(k=2)
    one.send(wanted)
    one.round += 1
    one.send(wanted, PRESENT)
    assert np.all(seen.last.pair.wanted[~PRESENT] == 0)


def test_weights_are_what_master_and_node_make_of_a_message_and_not_part_of_it(wanted):
    weights = np.array([0.5, 1.0, 2.0, 4.0])[None, :, None]
    (one, seen), plain = observed(k=2), channel(k=2).send(wanted)
    sent = one.send(wanted, weights=weights)
    assert np.array_equal(sent.own, weights * plain.own)
    np.testing.assert_allclose(sent.mean, sum(weights[0, i] * plain.own[:, i] for i in range(NODES)) / NODES, rtol=1e-14, atol=1e-16)
    assert np.array_equal(seen.last.pair.received, plain.own)


def test_an_offer_costs_nothing_until_it_is_sent(wanted):
    (compared, seen), (plain, plainly) = observed("qsgd"), observed("qsgd")
    offer = compared.offer(wanted)
    assert np.all(seen.bill.bits_up == 0)
    assert np.array_equal(compared.post(offer).own, plain.send(wanted).own)
    assert np.array_equal(seen.bill.bits_up, plainly.bill.bits_up)


def test_a_second_offer_draws_anew(wanted):
    one = channel("qsgd")
    first, second = one.offer(wanted), one.offer(wanted, second=True)
    assert not np.array_equal(first.received, second.received)
    assert np.array_equal(one.offer(wanted, second=True).received, second.received)


def test_the_better_of_two_offers_costs_one_bit_more_than_itself(wanted):
    one, seen = observed(k=2)
    first, second = one.offer(wanted), one.offer(wanted[:, ::-1], second=True)
    sent = one.post(either(PRESENT, first, second))
    assert np.array_equal(sent.own, np.where(PRESENT[..., None], first.received, second.received))
    assert np.array_equal(seen.bill.bits_up, np.full(LANES, first.bits + 1.0))


def test_the_downlink_draws_apart_from_the_uplink_and_is_billed_apart(wanted):
    (one, seen), quantised = observed("qsgd"), compressors.make("qsgd")
    heard = one.broadcast_compressed(quantised, wanted[:, 0])
    assert np.all(seen.bill.bits_up == 0)
    assert not np.array_equal(heard, one.send(wanted).own[:, 0])
    noise = np.stack([quantised.draw(np.random.default_rng([seed, 0, Stream.DOWNLINK]), (1, D)) for seed in one.seeds])
    sent = quantised.compress(wanted[:, :1], noise)
    assert np.array_equal(heard, sent.values[:, 0])
    assert seen.bill.bits_down == pytest.approx(np.broadcast_to(sent.bits, (LANES, 1))[:, 0])


def test_only_those_who_take_part_are_told(wanted):
    one, seen = observed()
    one.broadcast(wanted[:, 0], PRESENT)
    assert seen.bill.bits_down == pytest.approx(64 * D * PRESENT.mean(axis=1))


@pytest.mark.parametrize("beyond", [np.nan, np.inf, -np.inf, 2.0**1000])
def test_a_lane_that_overflows_sends_zeros_and_is_no_longer_alive(wanted, beyond):
    one, seen = observed(k=2)
    broken = wanted.copy()
    broken[0, 2, 5] = beyond
    sent = one.send(broken)
    assert seen.liveness.alive.tolist() == [False, True]
    assert not sent.own[0].any()
    assert np.array_equal(sent.own[1], channel(k=2).send(wanted).own[1])


def test_a_methods_randomness_is_a_function_of_lane_seed_and_round():
    one, alone = channel(seeds=(5, 7)), ArrayChannel(compressors.make("top_k"), (7,), NODES)
    one.round = alone.round = 3
    draws = one.drawn(lambda rng: rng.random(NODES), Stream.ROWS)
    assert np.array_equal(draws[1], alone.drawn(lambda rng: rng.random(NODES), Stream.ROWS)[0])
    assert not np.array_equal(draws[0], draws[1])
    one.round = 4
    assert not np.array_equal(draws, one.drawn(lambda rng: rng.random(NODES), Stream.ROWS))


@pytest.mark.parametrize("compressor", ["top_k", "st_hosvd", "natural", "qsgd", "identity"])
@pytest.mark.parametrize("present", [None, PRESENT])
def test_tensors_of_pytorch_go_through_as_arrays_of_numpy_do(wanted, compressor, present):
    torch = pytest.importorskip("torch")
    (one, seen), (plain, plainly) = observed(compressor), observed(compressor)
    sent, known = one.send(torch.asarray(wanted), present), plain.send(wanted, present)
    np.testing.assert_allclose(np.asarray(sent.own), known.own, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(np.asarray(sent.mean), known.mean, rtol=1e-12, atol=1e-14)
    for entry, bits in plainly.bill.entries().items():
        assert np.array_equal(seen.bill.entries()[entry], bits)
