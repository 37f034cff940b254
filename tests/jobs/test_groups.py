"""Runs submitted together are computed as lanes and recorded as the runs they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.engine import Failure, execute, execute_together, guarded
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.store import Store
from ef21lab.runs.spec import RunSpec

from .conftest import Asked, HandEngine, assert_same_numbers, computed_here, spec, until


def lane(multiple: float, seed: int = 0, **changes: object) -> RunSpec:
    return spec(step={"rule": "theory", "multiple": multiple}, seed=seed, compressor={"name": "rand_k", "k": 3}, **changes)


GROUP = [lane(1.0), lane(2.0, seed=1), lane(0.5, seed=2), lane(1.0, seed=3)]


def compute(asked: Asked, seconds: float = 0.0, most: int | None = None) -> None:
    given, checkpoints, _, records, facts = asked.args
    asked.on_done(guarded(asked.function, given, checkpoints, seconds, records or most, facts))


def compute_all(lab: Lab, hand: HandEngine, runs: list[RunSpec], most: int = 17) -> list[int]:
    """Until all are done; how many runs there were in each chunk."""
    sizes = []
    while any(lab.status(run.key).state != "done" for run in runs):
        until(lambda: hand.waiting or all(lab.status(run.key).state == "done" for run in runs))
        if hand.waiting:
            asked = hand.next()
            sizes.append(len(asked.args[0]) if asked.function is execute_together else 1)
            compute(asked, 60.0, most)
    return sizes


def assert_stored_as_alone(store: Store, run: RunSpec) -> None:
    expected = computed_here(run)
    assert_same_numbers(store.trace(run.key), expected)
    np.testing.assert_array_equal(store.point(run.key), expected.x)
    assert store.snapshot_rounds(run.key) == list(expected.snapshots)
    for round, shot in expected.snapshots.items():
        for kept, made in zip(store.snapshot(run.key, round), shot, strict=True):
            np.testing.assert_array_equal(kept, made)


def test_a_group_is_computed_together_and_recorded_as_its_runs(hand_lab: Lab, hand: HandEngine) -> None:
    other = spec()
    keys = hand_lab.submit_many([*GROUP[:2], other, *GROUP[2:]], "ann")
    assert keys == [run.key for run in (*GROUP[:2], other, *GROUP[2:])]
    sizes = compute_all(hand_lab, hand, [*GROUP, other])
    assert sorted(sizes) == [1] * 4 + [4] * 4  # 61 records in chunks of 17
    for run in (*GROUP, other):
        assert_stored_as_alone(hand_lab.store, run)


def test_a_lane_that_diverges_is_done_while_the_others_go_on(hand_lab: Lab, hand: HandEngine) -> None:
    quadratic = {"dataset": "breast_cancer", "objective": "least_squares"}
    runs = [spec(step={"rule": "fixed", "gamma": gamma, "multiple": 1e9}, **quadratic) for gamma in (1e-11, 1e9, 1e3)]
    hand_lab.submit_many(runs, "ann")
    sizes = compute_all(hand_lab, hand, runs, most=20)
    assert sizes[0] == 3
    assert sizes[-1] == 1
    ends = [int(hand_lab.trace(run.key)["round"][-1]) for run in runs]
    assert ends[0] == 60
    assert len(set(ends)) == 3
    for run in runs:
        assert_stored_as_alone(hand_lab.store, run)


def test_one_that_is_paused_leaves_the_group_and_goes_on_alone(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit_many(GROUP, "ann")
    compute(hand.next(), 60.0, 5)
    asked = hand.next()
    hand_lab.pause(GROUP[1].key, "ann")
    compute(asked, 60.0, 5)
    until(lambda: hand_lab.status(GROUP[1].key).round == 9)
    asked = hand.next()
    assert {RunSpec.make(given).key for given in asked.args[0]} == {GROUP[0].key, GROUP[2].key, GROUP[3].key}
    compute(asked, 60.0, 5)
    hand_lab.resume(GROUP[1].key, "ann")
    sizes = compute_all(hand_lab, hand, GROUP)
    assert {1, 3} <= set(sizes)
    for run in GROUP:
        assert_stored_as_alone(hand_lab.store, run)


def test_a_group_that_fails_is_tried_one_by_one_and_only_the_guilty_fail(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit_many(GROUP, "ann")
    hand.next().on_done(Failure(Text("too much memory", "мало памяти"), refused=False))
    alone = []
    for _ in GROUP:
        asked = hand.next()
        assert asked.function is execute
        alone.append(RunSpec.make(asked.args[0]))
        if alone[-1] == GROUP[2]:
            asked.on_done(Failure(Text("too much memory", "мало памяти"), refused=False))
        else:
            compute(asked, 60.0)
    until(lambda: sorted(hand_lab.status(run.key).state for run in GROUP) == ["done"] * 3 + ["failed"])
    assert hand_lab.status(GROUP[2].key).state == "failed"
    assert_stored_as_alone(hand_lab.store, GROUP[0])


def test_after_a_restart_each_goes_on_from_where_the_group_was(tmp_path: Path) -> None:
    first, second = HandEngine(), HandEngine()
    lab = Lab(Store(tmp_path / "runs.db"), first)
    lab.submit_many(GROUP, "ann")
    compute(first.next(), 60.0, 12)
    until(lambda: all(lab.status(run.key).round == 11 for run in GROUP))
    lab.close()
    lab = Lab(Store(tmp_path / "runs.db"), second)
    lab.submit(GROUP[3], "bob")
    assert second.waiting == [] or second.waiting[0].args[1].round == 11
    compute_all(lab, second, GROUP[3:])
    lab.submit_many(GROUP, "ann")
    assert set(compute_all(lab, second, GROUP)) == {3}
    for run in GROUP:
        assert_stored_as_alone(lab.store, run)
    lab.close()


def test_where_one_is_no_run_none_of_them_begins(hand_lab: Lab, hand: HandEngine) -> None:
    with pytest.raises(Refusal, match="k"):
        hand_lab.submit_many([GROUP[0], spec(compressor={"name": "top_k", "k": 113})], "ann")
    assert hand_lab.status(GROUP[0].key) is None
    assert hand.waiting == []


def test_a_group_is_bounded_like_its_runs(store: Store, hand: HandEngine) -> None:
    lab = Lab(store, hand, Limits(running=3))
    with pytest.raises(Refusal, match="you have 3 runs going"):
        lab.submit_many(GROUP, "ann")
    lab.close()


@pytest.mark.engine
def test_workers_compute_a_group_as_its_runs(lab: Lab) -> None:
    for key in lab.submit_many(GROUP, "ann"):
        until(lambda key=key: lab.status(key).state == "done", 60)
    for run in GROUP:
        assert_stored_as_alone(lab.store, run)
