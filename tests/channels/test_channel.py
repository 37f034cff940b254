"""The channel: what is heard of a partial, a mixed and a compared message, and what each costs."""

import numpy as np
import pytest

from ef21lab.channels.arrays import Channel
from ef21lab.compressors.base import compressors
from ef21lab.streams import Stream

LANES, NODES, D = 2, 4, 9


def channel(compressor="top_k", seeds=(0, 1), **settings):
    return Channel(compressors.make({"name": compressor, **settings}), seeds, NODES)


@pytest.fixture
def wanted():
    return np.random.default_rng(1).normal(size=(LANES, NODES, D))


PRESENT = np.array([[True, False, True, False], [True, True, True, False]])


def test_a_silent_node_is_heard_as_zero_costs_nothing_and_has_no_contraction(wanted):
    whole, part = channel(k=2), channel(k=2)
    everything, received = whole.send(wanted), part.send(wanted, PRESENT)
    assert np.array_equal(received, np.where(PRESENT[..., None], everything, 0.0))
    assert part.bits_up == pytest.approx(whole.bits_up * [2 / 4, 3 / 4])
    assert part.floats_up == pytest.approx(np.array([2 * 2 / 4, 2 * 3 / 4]))
    assert np.array_equal(np.isnan(part.contraction()), ~PRESENT)
    assert np.array_equal(part.contraction()[PRESENT], whole.contraction()[PRESENT])


def test_two_partial_messages_of_a_round_make_one(wanted):
    one = channel(k=2)
    heard = one.send(wanted, PRESENT) + one.send_dense(wanted, ~PRESENT)
    exact = np.float32(wanted)
    assert np.array_equal(heard[~PRESENT], exact[~PRESENT])
    assert np.array_equal(one.last.received, heard)
    assert one.contraction()[~PRESENT] == pytest.approx(0.0, abs=1e-12)
    assert np.all(one.contraction()[PRESENT] > 0.01)


def test_a_node_that_was_silent_for_a_round_has_no_message_left_from_the_round_before(wanted):
    one = channel(k=2)
    one.send(wanted)
    one.round += 1
    one.send(wanted, PRESENT)
    assert np.all(one.last.wanted[~PRESENT] == 0)


def test_an_offer_costs_nothing_until_it_is_sent(wanted):
    compared, plain = channel("qsgd"), channel("qsgd")
    offer = compared.offer(wanted)
    assert np.all(compared.bits_up == 0)
    assert np.array_equal(compared.post(offer), plain.send(wanted))
    assert np.array_equal(compared.bits_up, plain.bits_up)


def test_a_second_offer_draws_anew(wanted):
    one = channel("qsgd")
    first, second = one.offer(wanted), one.offer(wanted, second=True)
    assert not np.array_equal(first.received, second.received)
    assert np.array_equal(one.offer(wanted, second=True).received, second.received)


def test_the_downlink_draws_apart_from_the_uplink_and_is_billed_apart(wanted):
    one, quantised = channel("qsgd"), compressors.make("qsgd")
    heard = one.broadcast_compressed(quantised, wanted[:, 0])
    assert not np.array_equal(heard, one.send(wanted)[:, 0])
    noise = np.stack([quantised.draw(np.random.default_rng([seed, 0, Stream.DOWNLINK]), (1, D)) for seed in one.seeds])
    sent = quantised.compress(wanted[:, :1], noise)
    assert np.array_equal(heard, sent.values[:, 0])
    assert one.bits_down == pytest.approx(np.broadcast_to(sent.bits, (LANES, 1))[:, 0])


def test_only_those_who_take_part_are_told(wanted):
    one = channel()
    one.broadcast(wanted[:, 0], PRESENT)
    assert one.bits_down == pytest.approx(64 * D * PRESENT.mean(axis=1))


def test_a_methods_randomness_is_a_function_of_lane_seed_and_round():
    one, alone = channel(seeds=(5, 7)), Channel(compressors.make("top_k"), (7,), NODES)
    one.round = alone.round = 3
    draws = one.drawn(lambda rng: rng.random(NODES), Stream.ROWS)
    assert np.array_equal(draws[1], alone.drawn(lambda rng: rng.random(NODES), Stream.ROWS)[0])
    assert not np.array_equal(draws[0], draws[1])
    one.round = 4
    assert not np.array_equal(draws, one.drawn(lambda rng: rng.random(NODES), Stream.ROWS))
