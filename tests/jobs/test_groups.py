"""Runs submitted together are computed as lanes and recorded as the runs they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.admission import MOST_LANES, shared_out
from ef21lab.jobs.engine import Failure, execute, execute_together, guarded
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.store import Store
from ef21lab.runs.posed import problem_of
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


def unlike(number: int) -> list[RunSpec]:
    """So many runs of which no two share lanes."""
    return [spec(compressor={"name": "top_k", "k": k}) for k in range(1, number + 1)]


def test_a_group_takes_the_room_of_one_run(store: Store, hand: HandEngine) -> None:
    lab = Lab(store, hand, Limits(running=1))
    lab.submit_many(GROUP, "ann")
    with pytest.raises(Refusal, match="you have 4 runs going"):
        lab.submit(spec(), "ann")
    lab.submit(spec(), "bob")
    lab.close()


def test_no_group_is_so_large_that_it_takes_a_worker_for_long(store: Store, hand: HandEngine) -> None:
    lab = Lab(store, hand, Limits(running=2))
    with pytest.raises(Refusal, match="ask for 3 more at once, and here 2 may go"):
        lab.submit_many([lane(1.0, seed) for seed in range(2 * MOST_LANES + 1)], "ann")
    lab.submit_many([lane(1.0, seed) for seed in range(2 * MOST_LANES)], "ann")
    assert len(hand.next().args[0]) == MOST_LANES
    lab.close()


def test_lanes_that_would_not_fit_together_take_a_place_each() -> None:
    facts = problem_of(GROUP[0]).facts
    large = facts._replace(d=2**18)  # on four nodes: one lane is an array of 2²⁰ numbers
    assert [len(place) for place in shared_out(GROUP, {run.key: facts for run in GROUP})] == [4]
    assert [len(place) for place in shared_out(GROUP, {run.key: large for run in GROUP})] == [1] * 4


@pytest.mark.parametrize("limits", [{"running": 3}, {"queue": 3}])
def test_where_there_is_no_room_for_all_none_of_them_begins(store: Store, hand: HandEngine, limits: dict[str, int]) -> None:
    lab = Lab(store, hand, Limits(**limits))
    with pytest.raises(Refusal, match="ask for 4 more at once, and here 3 may go|waiting here already") as refused:
        lab.submit_many(unlike(4), "ann")
    assert "шагом" in refused.value.text.ru or "очереди" in refused.value.text.ru
    assert [lab.status(run.key) for run in unlike(4)] == [None] * 4
    assert lab.submit_many(unlike(3), "ann") == [run.key for run in unlike(3)]
    lab.close()


def test_what_is_done_is_not_computed_again(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(GROUP[1], "ann")
    compute_all(hand_lab, hand, GROUP[1:2])
    hand_lab.submit_many([*GROUP, GROUP[0]], "bob")
    assert set(compute_all(hand_lab, hand, GROUP)) == {3}


def test_of_those_asked_for_together_the_first_is_served_first(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit_many(unlike(4), "ann")
    assert [hand.compute() for _ in range(4)] == unlike(4)


def test_all_are_entered_into_the_record_in_one_transaction(hand_lab: Lab, hand: HandEngine) -> None:
    said: list[str] = []
    hand_lab.store.file.connection.set_trace_callback(said.append)
    hand_lab.submit_many(GROUP, "ann")
    hand.wait()
    entered = [place for place, statement in enumerate(said) if statement.startswith("INSERT INTO runs")]
    assert len(entered) == len(GROUP)
    assert "COMMIT" not in said[entered[0] : entered[-1]]


def test_the_pace_of_lanes_is_tried_once(store: Store, hand: HandEngine) -> None:
    lab = Lab(store, hand, Limits(seconds=1))
    lab.submit_many([lane(1.0, seed, rounds=500) for seed in range(4)], "ann")
    assert len(hand.tried) == 1
    lab.close()


@pytest.mark.parametrize(("workers", "shares"), [(1, [4]), (2, [2, 2]), (3, [2, 1, 1]), (8, [1, 1, 1, 1])])
def test_workers_that_have_nothing_else_to_do_share_a_group(store: Store, workers: int, shares: list[int]) -> None:
    hand = HandEngine(workers)
    lab = Lab(store, hand)
    lab.submit_many(GROUP, "ann")
    until(lambda: len(hand.waiting) == len(shares))
    assert [len(asked.args[0]) if asked.function is execute_together else 1 for asked in hand.waiting] == shares
    compute_all(lab, hand, GROUP)
    for run in GROUP:
        assert_stored_as_alone(store, run)
    lab.close()


def test_a_worker_that_others_wait_for_is_not_shared(store: Store) -> None:
    hand = HandEngine(2)
    lab = Lab(store, hand)
    lab.submit_many([*GROUP, spec()], "ann")
    until(lambda: len(hand.waiting) == 2)
    assert [asked.function for asked in hand.waiting] == [execute_together, execute]
    lab.close()


def test_what_nobody_watches_takes_no_worker_from_a_group_that_somebody_does(store: Store) -> None:
    hand = HandEngine(2)
    lab = Lab(store, hand)
    lab.submit_many([spec(rounds=7), spec(rounds=8)], "bob")
    until(lambda: len(hand.waiting) == 2)
    lab.submit(spec(rounds=9), "bob")
    lab.leave("bob")
    lab.submit_many(GROUP, "ann")
    until(lambda: all(lab.status(run.key).state == "queued" for run in GROUP))
    for asked in (hand.next(), hand.next()):
        asked.on_done(guarded(asked.function, *asked.args))
    until(lambda: len(hand.waiting) == 2)
    assert [len(asked.args[0]) for asked in hand.waiting if asked.function is execute_together] == [2, 2]
    lab.close()


@pytest.mark.engine
def test_workers_compute_a_group_as_its_runs(lab: Lab) -> None:
    for key in lab.submit_many(GROUP, "ann"):
        until(lambda key=key: lab.status(key).state == "done")
    for run in GROUP:
        assert_stored_as_alone(lab.store, run)
