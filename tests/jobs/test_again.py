"""Messages that are not kept are those that were sent: their errors are the recorded ones, and kept rounds come out as they are kept."""

import dataclasses

import numpy as np
import pytest

from ef21lab.channels import last
from ef21lab.channels.last import SNAPSHOT_FLOATS
from ef21lab.choices.text import Refusal
from ef21lab.jobs import again
from ef21lab.runs.experiment import start_run
from tests.jobs.conftest import spec, until


@pytest.fixture
def done(lab):
    def begin(**changes):
        asked = spec(**changes)
        key = lab.submit(asked, "visitor")
        until(lambda: lab.status(key).state == "done")
        return key

    return begin


def error_of(shot, node):
    row = shot.nodes.tolist().index(node)
    wanted, received = shot.wanted[row].astype(float), shot.received[row].astype(float)
    return np.sum((received - wanted) ** 2) / np.sum(wanted**2)


@pytest.mark.parametrize(
    "parts",
    [
        {"compressor": {"name": "top_k", "k": 3}},
        {"compressor": {"name": "rand_k", "k": 20}, "seed": 7},
        {"compressor": {"name": "rand_k", "k": 20}, "algorithm": "ef21_sgd", "record_every": 3},
        {"compressor": {"name": "st_hosvd", "ranks": 2}, "algorithm": "ef21_pp"},
    ],
    ids=["top_k", "rand_k", "ef21_sgd", "ef21_pp"],
)
def test_the_error_of_every_message_computed_again_is_the_recorded_one(lab, done, parts):
    key = done(**parts)
    trace = lab.trace(key)
    for row in (1, len(trace) // 2, len(trace) - 2):
        round = int(trace["round"][row])
        shot = lab.snapshot_again(key, round, 2)
        for node in range(4):
            if np.isfinite(trace.contraction[row, node]):
                assert error_of(shot, node) == pytest.approx(trace.contraction[row, node], rel=1e-4, abs=1e-12), (round, node)


def test_a_kept_round_computed_again_is_what_is_kept_to_the_last_bit(lab, done):
    key = done(compressor={"name": "rand_k", "k": 20})
    for round in lab.snapshot_rounds(key)[::9]:
        for kept, computed in zip(lab.snapshot(key, round), lab.snapshot_again(key, round, 0), strict=True):
            np.testing.assert_array_equal(kept, computed)


def test_neighbouring_rounds_are_computed_together(lab, done, monkeypatch):
    key = done()
    asked = []
    submit = lab.engine.submit
    monkeypatch.setattr(lab.engine, "submit", lambda *given, **named: (asked.append(given), submit(*given, **named))[1])
    for round in (5, 6, 7):
        lab.snapshot_again(key, round, 1)
    assert len(asked) == 1


def test_a_node_beyond_what_a_snapshot_holds_comes_with_its_neighbours(monkeypatch):
    monkeypatch.setattr(last, "SNAPSHOT_FLOATS", 2 * 112)
    run = start_run(spec(rounds=1))
    next(run)
    assert run.snapshot().nodes.tolist() == [0, 1]
    late = run.snapshot(2)
    assert late.nodes.tolist() == [2, 3]
    np.testing.assert_array_equal(late.wanted, run.last.pair.wanted[0, 2:].astype(np.float32))


@pytest.mark.parametrize(("round", "node", "words"), [(61, 0, "round 61"), (7, 4, "no node 4"), (10, 0, "round 10 is not recorded")])
def test_what_was_never_recorded_is_refused_in_words(lab, done, round, node, words):
    key = done(record_every=7)
    with pytest.raises(Refusal, match=words):
        lab.snapshot_again(key, round, node)


def test_what_would_take_too_long_is_refused_before_it_begins(lab, done, monkeypatch):
    key = done()
    monkeypatch.setattr(again, "LONGEST", 1e-9)
    monkeypatch.setattr(lab.engine, "submit", None)
    with pytest.raises(Refusal, match="would take about"):
        lab.snapshot_again(key, 33, 0)


def test_a_block_is_never_larger_than_memory_allows(lab, done):
    key = done()
    facts, trace = lab.facts(lab.spec(key)), lab.trace(key)
    for d in (112, 7850, 300_000):
        large = facts._replace(d=d, nodes=100)
        rounds = again._block(dataclasses.replace(spec(), rounds=60), large, trace, 33, 0)
        one = max(d, min(100 * d, SNAPSHOT_FLOATS))
        assert 33 in rounds
        assert len(rounds) == 1 or len(rounds) * one <= again.FLOATS
