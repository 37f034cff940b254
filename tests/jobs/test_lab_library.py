"""The lab's record as a library: a run that is deleted is unknown and may be asked for again, and the record keeps to its size."""

from __future__ import annotations

from ef21lab.jobs.catalogue import COMMON, Query
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store
from ef21lab.runs.spec import RunSpec

from .conftest import HandEngine, assert_same_numbers, computed_here, spec, until

RUNS = [spec(seed=seed) for seed in range(6)]


def computed(lab: Lab, hand: HandEngine, asked: RunSpec, visitor: str) -> str:
    key = lab.submit(asked, visitor)
    hand.compute(seconds=10.0)
    until(lambda: lab.status(key).state == "done")
    return key


def test_a_deleted_run_is_unknown_to_all_and_computed_anew_when_it_is_asked_for(hand_lab: Lab, hand: HandEngine) -> None:
    key = computed(hand_lab, hand, RUNS[0], "ann")
    assert len(hand_lab.trace(key)) == 61  # from memory
    assert hand_lab.delete([key], COMMON) == [key]
    assert hand_lab.status(key) is None
    assert len(hand_lab.trace(key)) == 0
    assert hand_lab.store.catalogue.get(key) is None
    computed(hand_lab, hand, RUNS[0], "bob")
    assert_same_numbers(hand_lab.trace(key), computed_here(RUNS[0]))


def test_a_run_that_is_going_is_not_deleted_by_anybody(hand_lab: Lab, hand: HandEngine) -> None:
    key = hand_lab.submit(RUNS[0], "ann")
    hand.compute()
    until(lambda: hand_lab.status(key).round == 0)
    assert hand_lab.delete([key], COMMON, anything=True) == []
    hand.compute(seconds=10.0)
    until(lambda: hand_lab.status(key).state == "done")
    assert_same_numbers(hand_lab.trace(key), computed_here(RUNS[0]))


def test_the_record_keeps_to_its_size_while_nobody_asks_for_anything(store: Store, hand: HandEngine) -> None:
    lab = Lab(store, hand)
    first = computed(lab, hand, RUNS[0], "ann")
    store.largest = store.file.bytes() + 50_000
    for run in RUNS[1:]:
        computed(lab, hand, run, "ann")
    until(lambda: store.file.bytes() <= store.largest)
    assert lab.status(first) is None
    assert store.catalogue.find(Query())[0].key == RUNS[-1].key
    lab.close()


def test_what_cannot_be_tidied_stops_nobody(hand_lab: Lab, hand: HandEngine) -> None:
    def fails(*what: object) -> bool:
        raise OSError("no space left on device")

    hand_lab.store.file.bytes = fails  # type: ignore[method-assign]
    assert hand_lab.status(computed(hand_lab, hand, RUNS[0], "ann")).state == "done"
