"""Who runs, when, and who may end it: with an engine that computes when told to."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.engine import Chunk, Failure
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.store import Store
from ef21lab.runs.trace import Trace

from .conftest import HandEngine, assert_same_numbers, computed_here, spec, until

RUNS = [spec(seed=seed) for seed in range(20)]
KEYS = [run.key for run in RUNS]


def state(lab: Lab, key: str) -> str:
    return lab.status(key).state


def test_the_same_spec_asked_for_by_fifty_runs_once(hand_lab: Lab, hand: HandEngine) -> None:
    keys = {hand_lab.submit(RUNS[0], f"visitor {number}") for number in range(50)}
    assert keys == {KEYS[0]}
    hand.compute(seconds=10.0)
    until(lambda: state(hand_lab, KEYS[0]) == "done")
    assert hand_lab.submit(RUNS[0], "one more") == KEYS[0]
    assert hand.waiting == []
    assert hand.facts_computed == 1


def test_what_a_newer_choice_replaced_is_cancelled_unless_another_page_shows_it(hand_lab: Lab, hand: HandEngine) -> None:
    for visitor in ("ann", "bob"):
        hand_lab.submit(RUNS[0], visitor)
    hand_lab.submit(RUNS[1], "ann")
    hand_lab.watch("ann", KEYS[2:3])
    assert state(hand_lab, KEYS[0]) != "cancelled"
    until(lambda: state(hand_lab, KEYS[1]) == "cancelled")
    hand_lab.watch("bob", [])
    until(lambda: state(hand_lab, KEYS[0]) == "cancelled")


def test_a_page_that_is_closed_leaves_its_runs_to_finish(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    hand_lab.leave("ann")
    hand.compute()
    hand.compute(seconds=10.0)
    until(lambda: state(hand_lab, KEYS[0]) == "done")


def test_a_run_that_was_left_is_cancelled_once_it_is_taken_up_and_dropped(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    hand_lab.leave("ann")
    hand_lab.submit(RUNS[0], "ann reloaded")
    hand_lab.watch("ann reloaded", [])
    until(lambda: state(hand_lab, KEYS[0]) == "cancelled")


def test_a_paused_run_holds_no_worker(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    hand.compute()
    hand.wait()
    hand_lab.pause(KEYS[0], "ann")
    hand.compute()  # it was under way
    hand_lab.submit(RUNS[1], "bob")
    assert hand.compute() == RUNS[1]
    assert state(hand_lab, KEYS[0]) == "paused"


def test_pause_and_stop_are_one_visitors_wish(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    hand_lab.submit(RUNS[0], "bob")
    hand_lab.stop(KEYS[0], "ann")
    assert state(hand_lab, KEYS[0]) in ("queued", "running")
    hand_lab.pause(KEYS[0], "bob")
    assert state(hand_lab, KEYS[0]) == "paused"
    hand_lab.stop(KEYS[0], "bob")
    until(lambda: state(hand_lab, KEYS[0]) == "cancelled")


def test_a_status_says_how_many_pages_wish_the_run_to_go_on(hand_lab: Lab, hand: HandEngine) -> None:
    def wanted() -> int:
        return hand_lab.status(KEYS[0]).wanted

    hand_lab.submit(RUNS[0], "ann")
    hand_lab.submit(RUNS[0], "bob")
    assert (wanted(), hand_lab.wish(KEYS[0], "ann")) == (2, "run")
    hand_lab.pause(KEYS[0], "ann")
    before = hand_lab.version(KEYS[0])
    assert (wanted(), hand_lab.wish(KEYS[0], "ann"), hand_lab.wish(KEYS[0], "bob")) == (1, "pause", "run")
    hand_lab.pause(KEYS[0], "bob")
    until(lambda: hand_lab.version(KEYS[0]) != before)
    assert wanted() == 0
    hand_lab.step(KEYS[0], "bob")
    assert wanted() == 0
    hand_lab.resume(KEYS[0], "bob")
    assert (wanted(), hand_lab.wish(KEYS[0], "ann"), hand_lab.wish(KEYS[0], "nobody")) == (1, "pause", "run")


@pytest.mark.parametrize("gesture", ["pause", "stop"])
def test_a_rerun_of_the_page_does_not_undo_a_pause_or_a_stop(hand_lab: Lab, hand: HandEngine, gesture: str) -> None:
    hand_lab.submit(RUNS[0], "ann")
    getattr(hand_lab, gesture)(KEYS[0], "ann")
    ended = {"pause": "paused", "stop": "cancelled"}[gesture]
    until(lambda: state(hand_lab, KEYS[0]) == ended)
    hand_lab.submit(RUNS[0], "ann")
    hand_lab.watch("ann", KEYS[:1])
    assert state(hand_lab, KEYS[0]) == ended
    hand_lab.resume(KEYS[0], "ann")
    assert state(hand_lab, KEYS[0]) in ("queued", "running")


def test_a_step_is_one_record(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    hand.compute()
    hand.wait()
    hand_lab.pause(KEYS[0], "ann")
    hand.compute()
    until(lambda: hand_lab.status(KEYS[0]).round == 1)
    for round in (2, 3):
        hand_lab.step(KEYS[0], "ann")
        hand.compute(seconds=10.0)
        until(lambda round=round: hand_lab.status(KEYS[0]).round == round)
        assert state(hand_lab, KEYS[0]) == "paused"
    assert hand.waiting == []


def test_a_step_from_nothing_is_the_first_record(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    asked = hand.next()
    hand_lab.stop(KEYS[0], "ann")
    asked.on_done(asked.function(*asked.args))  # not wanted any more
    assert state(hand_lab, KEYS[0]) == "cancelled"
    hand_lab.step(KEYS[0], "ann")
    hand.compute(seconds=10.0)
    until(lambda: hand_lab.status(KEYS[0]).round == 0)
    assert state(hand_lab, KEYS[0]) == "paused"


def test_a_cancelled_run_goes_on_from_where_it_was(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    for _ in range(3):
        hand.compute()
    hand.wait()
    hand_lab.watch("ann", [])
    hand.compute()  # under way, and thrown away
    hand_lab.submit(RUNS[0], "ann")
    asked = hand.next()
    assert asked.args[1].round == 2
    asked.on_done(asked.function(*asked.args[:2], 10.0))
    until(lambda: state(hand_lab, KEYS[0]) == "done")
    assert_same_numbers(hand_lab.trace(KEYS[0]), computed_here(RUNS[0]))


def test_visitors_take_turns_and_then_their_runs(hand_lab: Lab, hand: HandEngine) -> None:
    for run in RUNS[:3]:
        hand_lab.submit(run, "ann")
    hand_lab.submit(RUNS[3], "bob")
    for _ in range(4):
        hand.compute()  # everyone's first points
    served = Counter(hand.compute().key for _ in range(12))
    assert served[KEYS[3]] == 6
    assert [served[key] for key in KEYS[:3]] == [2, 2, 2]


def test_the_newest_runs_get_their_first_points_before_all_that_has_some(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    hand.compute()
    hand.wait()
    for run in RUNS[1:4]:
        hand_lab.submit(run, "ann")
    hand.compute()  # was under way already
    assert [hand.compute() for _ in range(3)] == [RUNS[3], RUNS[2], RUNS[1]]


def test_first_chunks_are_short_while_many_wait_for_theirs(store: Store, hand: HandEngine) -> None:
    lab = Lab(store, hand)
    lengths = []
    for number in range(40):
        lab.submit(spec(seed=number), f"visitor {number}")
    until(lambda: len(lab._wishes.runs) == 40 and all(run.opened for run in lab._wishes.runs.values()))
    for _ in range(40):
        hand.wait()
        lengths.append(hand.waiting[0].args[2])
        hand.compute()
    lab.close()
    assert lengths[3] < lengths[-1]
    assert lengths[3:] == sorted(lengths[3:])


def test_a_new_choice_has_its_first_points_before_others_go_on(hand_lab: Lab, hand: HandEngine) -> None:
    for number, visitor in enumerate(("ann", "bob", "eve")):
        hand_lab.submit(RUNS[number], visitor)
    for _ in range(3):
        hand.compute()
    assert hand.compute() == RUNS[0]
    hand.wait()  # bob's or eve's is under way, the other waits longest, ann was served last
    hand_lab.submit(RUNS[3], "ann")
    hand.compute()
    assert hand.compute() == RUNS[3]


def test_a_failed_run_shows_its_reason_and_is_tried_again_only_when_told_to(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    hand.next().on_done(Failure(Text("no memory", "нет памяти"), refused=False))
    until(lambda: state(hand_lab, KEYS[0]) == "failed")
    assert hand_lab.status(KEYS[0]).reason == Text("no memory", "нет памяти")
    hand_lab.submit(RUNS[0], "ann")
    assert state(hand_lab, KEYS[0]) == "failed"
    hand_lab.resume(KEYS[0], "ann")
    hand.compute(seconds=10.0)
    until(lambda: state(hand_lab, KEYS[0]) == "done")
    assert hand_lab.status(KEYS[0]).reason is None


def test_a_run_that_is_lost_from_the_disk_is_computed_anew_for_those_who_show_it(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    hand.compute(seconds=10.0)
    until(lambda: state(hand_lab, KEYS[0]) == "done")
    hand_lab._records.evict(KEYS[0])
    hand_lab.store.file.connection.execute("UPDATE chunks SET blob = x'00'")
    assert len(hand_lab.trace(KEYS[0])) == 0
    hand.compute(seconds=10.0)
    until(lambda: state(hand_lab, KEYS[0]) == "done")
    assert_same_numbers(hand_lab.trace(KEYS[0]), computed_here(RUNS[0]))


def test_two_servers_on_one_store_end_with_one_whole_run(tmp_path: Path) -> None:
    engines = [HandEngine(), HandEngine()]
    labs = [Lab(Store(tmp_path / "runs.db"), engine) for engine in engines]
    for lab in labs:
        lab.submit(RUNS[0], "ann")
    for _ in range(3):
        engines[0].compute()
    until(lambda: labs[0].status(KEYS[0]).round == 2)
    engines[1].compute(seconds=10.0)  # from round 0: it does not follow what is stored
    engines[1].compute(seconds=10.0)
    until(lambda: state(labs[1], KEYS[0]) == "done")
    engines[0].compute()
    until(lambda: state(labs[0], KEYS[0]) == "done")
    for lab in labs:
        assert_same_numbers(lab.trace(KEYS[0]), computed_here(RUNS[0]))
        lab.close()


def test_every_change_is_announced_with_a_larger_version(hand_lab: Lab, hand: HandEngine) -> None:
    seen: list[tuple[str, int]] = []
    unsubscribe = hand_lab.subscribe(lambda key: seen.append((key, hand_lab.version(key))))
    hand_lab.submit(RUNS[0], "ann")
    for _ in range(3):
        hand.compute()
    until(lambda: hand_lab.status(KEYS[0]).round == 2)
    until(lambda: len(seen) >= 4)
    assert {key for key, _ in seen} == {KEYS[0]}
    assert [version for _, version in seen] == sorted({version for _, version in seen})
    unsubscribe()
    told = len(seen)
    hand.compute()
    until(lambda: hand_lab.status(KEYS[0]).round == 3)
    assert len(seen) == told


def test_a_listener_that_fails_stops_nothing(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.subscribe(lambda key: 1 / 0)
    hand_lab.submit(RUNS[0], "ann")
    hand.compute(seconds=10.0)
    until(lambda: state(hand_lab, KEYS[0]) == "done")


def limited(store: Store, hand: HandEngine, **limits: int) -> Lab:
    return Lab(store, hand, Limits(**limits))


def test_a_visitor_has_a_bounded_number_of_runs(store: Store, hand: HandEngine) -> None:
    lab = limited(store, hand, running=2)
    for run in RUNS[:2]:
        lab.submit(run, "ann")
    with pytest.raises(Refusal, match="you have 2 runs going"):
        lab.submit(RUNS[2], "ann")
    lab.submit(RUNS[2], "bob")
    lab.pause(KEYS[0], "ann")
    lab.submit(RUNS[3], "ann")
    lab.close()


def test_what_an_interrupted_page_asked_for_and_never_showed_gives_way(store: Store, hand: HandEngine) -> None:
    lab = limited(store, hand, running=2)
    lab.submit(RUNS[0], "ann")
    lab.watch("ann", KEYS[:1])
    lab.submit(RUNS[1], "ann")
    lab.submit(RUNS[2], "ann")
    assert state(lab, KEYS[0]) != "cancelled"
    until(lambda: state(lab, KEYS[1]) == "cancelled")
    lab.close()


def test_the_queue_is_bounded(store: Store, hand: HandEngine) -> None:
    lab = limited(store, hand, queue=3)
    for number, run in enumerate(RUNS[:3]):
        lab.submit(run, f"visitor {number}")
    with pytest.raises(Refusal, match="3 runs are waiting"):
        lab.submit(RUNS[3], "one more")
    lab.submit(RUNS[0], "one more")  # nothing new
    lab.close()


def test_what_nobody_watches_any_more_yields_to_what_somebody_does(store: Store, hand: HandEngine) -> None:
    lab = limited(store, hand, queue=3)
    for number, run in enumerate(RUNS[:3]):
        lab.submit(run, f"tab {number}")
        lab.leave(f"tab {number}")
    hand.compute()  # under way before anybody came
    lab.submit(RUNS[3], "ann")  # the queue was full
    until(lambda: state(lab, KEYS[0]) == "cancelled")
    hand.wait()
    hand.compute()  # may be an abandoned one that was sent before
    assert [hand.compute() for _ in range(3)] == [RUNS[3]] * 3
    lab.close()


def test_of_those_who_are_watched_none_waits_for_those_who_are_not(hand_lab: Lab, hand: HandEngine) -> None:
    for number, run in enumerate(RUNS[:5]):
        hand_lab.submit(run, f"tab {number}")
        hand_lab.leave(f"tab {number}")
    hand.wait()
    hand_lab.submit(RUNS[5], "ann")
    hand.compute()
    assert [hand.compute() for _ in range(4)] == [RUNS[5]] * 4
    hand_lab.leave("ann")
    hand.compute()
    assert hand.compute() != RUNS[5]  # now they take turns


def slow(chunk: Chunk, seconds: float) -> Chunk:
    """The same chunk, had it taken so long."""
    share = np.linspace(0, 1, len(chunk.part) + 1)[1:]
    return chunk._replace(part=Trace({**chunk.part.columns, "seconds": seconds * share}, chunk.part.contraction, chunk.part.snapshots))


@pytest.mark.parametrize(("seconds", "ends"), [(0.9, "running"), (1.1, "running"), (30.0, "failed")])
def test_a_run_is_held_to_the_time_that_its_rounds_really_take(store: Store, hand: HandEngine, seconds: float, ends: str) -> None:
    """61 rounds, of which 2 are computed: 30 s of them make 915 s in all, where 2 × 300 s are bearable."""
    lab = limited(store, hand, seconds=300)
    lab.submit(RUNS[0], "ann")
    asked = hand.next()
    asked.on_done(slow(asked.function(*asked.args[:2], 60.0, 2), seconds))
    until(lambda: lab.status(KEYS[0]).round == 1)
    until(lambda: state(lab, KEYS[0]) == ends)
    if ends == "failed":
        assert "all would take about 915 s" in lab.status(KEYS[0]).reason.en
        assert hand.waiting == []
    lab.close()


def test_a_failure_that_cannot_be_written_is_said_all_the_same(hand_lab: Lab, hand: HandEngine) -> None:
    def full(*what: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    hand_lab.submit(RUNS[0], "ann")
    hand.compute()
    until(lambda: hand_lab.status(KEYS[0]).round == 0)
    change = hand_lab.store.file.change
    hand_lab.store.file.change = full
    hand.compute()
    until(lambda: state(hand_lab, KEYS[0]) == "failed")
    assert "disk is full" in hand_lab.status(KEYS[0]).reason.en
    hand_lab.store.file.change = change
    hand_lab.resume(KEYS[0], "ann")
    hand.compute(seconds=10.0)
    until(lambda: state(hand_lab, KEYS[0]) == "done")
    assert_same_numbers(hand_lab.trace(KEYS[0]), computed_here(RUNS[0]))


def test_while_there_is_no_worker_those_who_watch_are_told(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    hand.compute()
    until(lambda: hand_lab.status(KEYS[0]).round == 0)
    heard: list[str] = []
    hand_lab.subscribe(heard.append)
    hand.alive = False
    hand.on_workers()
    until(lambda: heard)
    assert "workers are being started" in hand_lab.status(KEYS[0]).reason.en
    hand.alive = True
    heard.clear()
    hand.on_workers()
    until(lambda: heard)
    assert hand_lab.status(KEYS[0]).reason is None


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"rounds": 59}, "rounds: 60"),
        ({"nodes": 3}, "nodes: 4"),
        ({"stored_floats": 1000}, "numbers kept of one run"),
        ({"gradient_floats": 400}, "coordinates of all nodes"),
    ],
)
def test_a_run_that_is_too_large_is_refused_in_words(store: Store, hand: HandEngine, limits: dict[str, int], words: str) -> None:
    lab = limited(store, hand, **limits)
    with pytest.raises(Refusal, match=words) as refusal:
        lab.submit(RUNS[0], "ann")
    assert f"{next(iter(limits.values())):,}" in refusal.value.text.en
    assert lab.status(KEYS[0]) is None
    lab.close()


def test_a_run_that_would_take_too_long_is_refused_before_it_starts(store: Store, hand: HandEngine) -> None:
    lab = limited(store, hand, seconds=1)
    with pytest.raises(Refusal, match="compute for about"):
        lab.submit(spec(rounds=20_000, partition={"name": "contiguous", "nodes": 200}), "ann")
    assert hand.waiting == []
    lab.close()


@pytest.mark.parametrize(("pace", "accepted"), [(0.1, True), (0.2, False)])
def test_a_run_that_may_take_long_is_tried_on_a_worker_and_judged_by_what_a_round_took(
    store: Store, hand: HandEngine, pace: float, accepted: bool
) -> None:
    """2000 rounds: 200 s or 400 s, and 300 s are allowed."""
    heavy = spec(rounds=2000, compressor={"name": "hooi", "dims": [4, 4, 7], "ranks": 2, "sweeps": 10})
    hand.pace = pace
    lab = limited(store, hand, seconds=300)
    try:
        if accepted:
            lab.submit(heavy, "ann")
        else:
            with pytest.raises(Refusal, match="compute for about 400 s"):
                lab.submit(heavy, "ann")
        assert [run.compressor for run in hand.tried] == [heavy.compressor]
        assert (lab.status(heavy.key) is not None) == accepted
        light = spec(rounds=100)
        lab.submit(light, "ann")  # not worth a trial
        assert len(hand.tried) == 1
    finally:
        lab.close()


def test_every_chunk_carries_the_facts_that_were_computed_before_it_was_accepted(hand_lab: Lab, hand: HandEngine) -> None:
    hand_lab.submit(RUNS[0], "ann")
    for _ in range(3):
        asked = hand.next()
        assert asked.args[-1] is hand_lab.facts(RUNS[0])
        asked.on_done(asked.function(*asked.args[:2], 0.0, 1, asked.args[-1]))
    assert hand.facts_computed == 1


def test_parts_that_do_not_fit_each_other_never_start(hand_lab: Lab, hand: HandEngine) -> None:
    with pytest.raises(Refusal, match="k"):
        hand_lab.submit(spec(compressor={"name": "top_k", "k": 113}), "ann")
    with pytest.raises(Refusal, match="classes"):
        hand_lab.facts(spec(dataset={"name": "digits"}))
    assert hand.waiting == []


def test_limits_are_set_by_the_environment() -> None:
    assert Limits.of({"EF21LAB_LIMIT_ROUNDS": "7"}) == Limits(rounds=7)
    assert Limits.of({}) == Limits()
    with pytest.raises(Refusal, match="EF21LAB_LIMIT_QUEUE=many"):
        Limits.of({"EF21LAB_LIMIT_QUEUE": "many"})


def test_a_tuned_step_never_becomes_a_job(hand_lab: Lab, hand: HandEngine) -> None:
    with pytest.raises(Refusal, match="a tuned step is no step of one run"):
        hand_lab.submit(spec(step="tuned"), "ann")
    assert not hand_lab.status(spec(step="tuned").key)
