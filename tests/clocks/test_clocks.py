"""Seconds on a network are held to networks that are simulated: messages that really go round a ring, links that really share a master."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ef21lab as lab
from ef21lab.clocks.base import Clock, topologies
from ef21lab.clocks.even import Faster, SecondsSpent, faster, spent
from ef21lab.clocks.of_run import clock
from ef21lab.clocks.presets import PRESETS

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 5}, "rounds": 6}


def all_reduced(messages, bandwidth, latency):
    """Reduce-scatter and all-gather over a ring, chunk by chunk: what every node holds at the end, and the seconds it took.

    Messages are of numbers of one bit each; in a step every node sends one chunk to the next, and all wait for the slowest.
    """
    n, seconds = len(messages), 0.0
    held = [list(np.split(message, n)) for message in messages]
    for adds, first in ((True, 0), (False, 1)):
        for step in range(n - 1):
            sent = [(node, (node + first - step) % n) for node in range(n)]
            chunks = [held[node][chunk].copy() for node, chunk in sent]
            for (node, chunk), values in zip(sent, chunks, strict=True):
                to = (node + 1) % n
                held[to][chunk] = held[to][chunk] + values if adds else values
            seconds += latency + max(len(values) for values in chunks) / bandwidth
    return [np.concatenate(parts) for parts in held], seconds


def all_gathered(sizes, bandwidth, latency):
    """Whole messages passed on round a ring: who has heard whom at the end, and the seconds."""
    n, seconds = len(sizes), 0.0
    heard, carried = [{node} for node in range(n)], list(range(n))
    for _ in range(n - 1):
        seconds += latency + max(sizes[origin] for origin in carried) / bandwidth
        carried = [carried[(node - 1) % n] for node in range(n)]
        for node, origin in enumerate(carried):
            heard[node].add(origin)
    return heard, seconds


def through_the_master(bits, links, master):
    """Equal messages over links of their own into one that all share: by small steps, in which a link fills its pipe or gets its share."""
    left, seconds, step = np.full(len(links), float(bits)), 0.0, bits / min([*links, master]) / 500
    while (left > 1e-9 * bits).any():
        going = left > 1e-9 * bits
        rate = np.where(going, links, 0.0)
        rate *= min(1.0, master / rate.sum())
        dt = min(step, float((left[going] / rate[going]).min()))
        left, seconds = left - rate * dt, seconds + dt
    return seconds


def of_one_round(clock, bits):
    """Seconds between two records with one exchange of `bits` each way."""
    columns = {name: np.array([0.0, bits]) for name in ("bits_up", "bits_down")}
    return np.diff(clock.seconds({"round": np.array([0.0, 1.0]), "seconds": np.zeros(2), **columns}))[0]


@pytest.mark.parametrize("nodes", [2, 3, 7])
def test_a_ring_sums_dense_messages_in_the_time_that_summing_them_takes(nodes):
    messages = np.random.default_rng(nodes).normal(size=(nodes, 12 * nodes))
    sums, seconds = all_reduced(messages, 3e6, 2e-3)
    assert all(np.allclose(one, messages.sum(axis=0)) for one in sums)
    ring = topologies.make({"name": "ring", "link": 3.0, "latency": 2.0})
    assert of_one_round(ring.clock(nodes, summable=True), messages.shape[1]) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize("nodes", [2, 3, 7])
def test_a_ring_passes_compressed_messages_on(nodes):
    heard, seconds = all_gathered([840] * nodes, 3e6, 2e-3)
    assert all(each == set(range(nodes)) for each in heard)
    ring = topologies.make({"name": "ring", "link": 3.0, "latency": 2.0})
    assert of_one_round(ring.clock(nodes, summable=False), 840) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize(("up", "down", "master"), [(1.0, 4.0, 100.0), (8.0, 8.0, 10.0), (1.0, 50.0, 20.0)])
def test_links_of_a_star_share_the_masters(up, down, master):
    star = topologies.make({"name": "star", "up": up, "down": down, "master": master, "latency": 3.0})
    exact = 2 * 3e-3 + sum(through_the_master(5e4, np.full(6, link * 1e6), master * 1e6) for link in (up, down))
    assert of_one_round(star.clock(6, summable=True), 5e4) == pytest.approx(exact, rel=1e-3)


def test_a_node_computes_its_share():
    columns = {"round": np.arange(3.0), "bits_up": np.zeros(3), "bits_down": np.zeros(3), "seconds": np.array([0.0, 4.0, 10.0])}
    for name in topologies.members:
        times = {slower: topologies.make({"name": name, "latency": 0.0, "slower": slower}).clock(5, False) for slower in (0.0, 1.0, 3.0)}
        assert {slower: one.seconds(columns).tolist() for slower, one in times.items()} == {
            0.0: [0.0, 0.0, 0.0],
            1.0: [0.0, 0.8, 2.0],
            3.0: [0.0, pytest.approx(2.4), pytest.approx(6.0)],
        }


def test_the_message_of_round_0_is_waited_for_where_there_is_one():
    one = Clock(exchange=1.0, bit_up=0.0, bit_down=0.0, second=0.0)
    for init, exchanges in (("compressed", 7), ("full", 7), ("zero", 6)):
        assert one.seconds(lab.run({**SMALL, "algorithm": {"name": "ef21", "init": init}}))[-1] == exchanges


def test_no_compression_is_reduced_and_compressed_messages_are_gathered():
    ring = {"name": "ring", "link": 1.0, "latency": 0.0, "slower": 0.0}
    per_bit = {name: clock({**SMALL, **more}, ring).bit_up * 1e6 for name, more in {
        "top_k": {"compressor": "top_k"},
        "identity": {"compressor": "identity"},
        "gd": {"compressor": "top_k", "algorithm": "gd"},
    }.items()}  # fmt: skip
    assert per_bit == {"top_k": pytest.approx(4.0), "identity": pytest.approx(8 / 5), "gd": pytest.approx(8 / 5)}


def test_what_says_that_it_can_be_summed_can_be():
    x, y = np.random.default_rng(0).normal(size=(2, 24))
    for name, member in lab.FAMILIES["compressor"].members.items():
        if member.summable:
            one = lab.compressor(name)
            assert one.encode(x).bits == one.encode(y).bits == one.encode(x + y).bits
            np.testing.assert_allclose(
                one.compress(x).values + one.compress(y).values, one.compress(x + y).values, rtol=1e-5, atol=1e-6, err_msg=name
            )


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_networks_and_the_parts_add_up(name):
    trace = lab.run(SMALL)
    one = clock(SMALL, PRESETS[name][1])
    parts = one.parts(trace)
    assert np.array_equal(parts.waiting + parts.sending + parts.computing, one.seconds(trace))
    assert (np.diff(one.seconds(trace)) > 0).all()


AMOUNTS = st.floats(0.0, 1e3).filter(lambda amount: amount == 0.0 or amount > 1e-3)
SPENT = st.none() | st.builds(SecondsSpent, AMOUNTS, AMOUNTS)


@given(SPENT, SPENT, st.floats(1e-4, 1e4))
def test_the_first_is_faster_exactly_between_the_factors(own, other, factor):
    between = faster(own, other)
    if own is not None and other is not None:
        ours, theirs = (each.fixed + each.sending / factor for each in (own, other))
        if math.isclose(ours, theirs, rel_tol=1e-9):
            return
        assert (between.low < factor < between.high) == (ours < theirs)
    else:
        assert (between.low < factor < between.high) == (own is not None)


def test_break_even_of_real_runs_is_where_both_take_as_long():
    dense = {**SMALL, "compressor": "identity", "rounds": 40}
    sparse = {**SMALL, "compressor": {"name": "top_k", "k": 3}, "rounds": 80, "step": {"rule": "theory", "multiple": 16}}
    traces = [lab.run(sparse), lab.run(dense)]
    epsilon = max(trace["grad_norm_sq"][-1] for trace in traces)
    places = [int(np.flatnonzero(trace["grad_norm_sq"] <= epsilon)[0]) for trace in traces]
    network = topologies.make({"name": "star", "up": 1.0, "down": 1e5, "master": 1e6, "latency": 1.0, "slower": 0.0})
    between = faster(*(spent(clock(spec, network), trace, at) for spec, trace, at in zip((sparse, dense), traces, places, strict=True)))
    assert 0 == between.low < between.high < math.inf
    ours, theirs = (
        clock(spec, network).widened(between.high).seconds(trace)[at]
        for spec, trace, at in zip((sparse, dense), traces, places, strict=True)
    )
    assert ours == pytest.approx(theirs, rel=1e-9)


def test_who_does_not_reach_epsilon_is_never_the_faster():
    columns = {name: np.arange(3.0) for name in ("round", "bits_up", "bits_down", "seconds")}
    assert spent(Clock(1.0, 1.0, 1.0, 1.0), columns, None) is None
    assert faster(None, SecondsSpent(1.0, 1.0)) == faster(None, None) == Faster(0.0, 0.0)
    assert faster(SecondsSpent(1.0, 1.0), None) == Faster(0.0, math.inf)
