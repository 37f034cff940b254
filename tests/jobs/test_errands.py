"""A grid whose page was closed goes on, as one visitor among others, until it is over, its time is up, or somebody says so.

Of races, tests/searches/test_through_lab.py.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ef21lab.jobs import errands
from ef21lab.jobs.engine import guarded
from ef21lab.jobs.errands import ABSENT, MOST, OWNER, Errands
from ef21lab.jobs.grids import LabGrid
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.store import Store
from ef21lab.runs.spec import RunSpec

from .conftest import HandEngine, assert_same_numbers, computed_here, spec, until

ROUNDS = 12
GRID = [spec(rounds=ROUNDS, compressor={"name": "top_k", "k": k}) for k in (1, 2, 3, 4, 5)]
OTHER = [spec(rounds=ROUNDS, compressor={"name": "rand_k", "k": k}) for k in (1, 2, 3)]


KINDS = {LabGrid.kind: LabGrid.of}


class Now:
    def __init__(self) -> None:
        self.seconds = 1e9

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def small(store: Store, hand: HandEngine) -> Iterator[Lab]:
    lab = Lab(store, hand, Limits(running=2))
    yield lab
    lab.close()


def left(lab: Lab, folder: Path, now: Now, *grids: list[RunSpec]) -> Errands:
    """Pages that have begun these, and were closed."""
    found = Errands(folder, lab, KINDS, now)
    found.start = lambda: None  # type: ignore[method-assign]  # turns are taken by hand
    for name, grid in enumerate(grids):
        found.tend(f"grid{name}", LabGrid(grid))
    now.seconds += ABSENT + 1
    return found


def on_disk(folder: Path, document: object) -> None:
    """What a server has left a while ago."""
    folder.mkdir()
    (folder / "grid0").write_bytes(zlib.compress(json.dumps(document).encode()))
    os.utime(folder / "grid0", (time.time() - 2 * ABSENT,) * 2)


def going(lab: Lab) -> set[str]:
    return {key for key, run in lab._wishes.runs.items() if OWNER in run.watchers}


def compute(lab: Lab, hand: HandEngine, kept: Errands, runs: list[RunSpec]) -> list[tuple[str, int]]:
    """Until these are done; the key and the first round of every chunk."""
    chunks = []
    while any((status := lab.status(run.key)) is None or status.state != "done" for run in runs):
        kept.feed()
        assert len(going(lab)) <= lab.limits.running
        asked = until(lambda: hand.waiting and hand.waiting.pop(0))
        given, checkpoint, _, _, facts = asked.args
        chunks.append((RunSpec.make(given).key, 0 if checkpoint is None else checkpoint.round + 1))
        asked.on_done(guarded(asked.function, given, checkpoint, 60.0, 5, facts))
        until(lambda: hand.waiting or not lab._wishes.runs)
    return chunks


def test_a_grid_goes_on_to_its_end_a_portion_at_a_time_and_no_round_is_computed_twice(small, hand, now, tmp_path):
    kept = left(small, tmp_path / "left", now, GRID)
    chunks = compute(small, hand, kept, GRID)
    assert len(chunks) == len(set(chunks))
    for run in GRID:
        assert_same_numbers(small.trace(run.key), computed_here(run))
    kept.feed()
    assert not list((tmp_path / "left").iterdir())  # it is over


def test_while_its_page_is_there_the_page_feeds_it(small, now, tmp_path):
    kept = left(small, tmp_path / "left", now, GRID)
    kept.tend("grid0", LabGrid(GRID))
    kept.feed()
    assert not small._wishes.runs
    small.submit_many(GRID[:2], "ann")
    now.seconds += ABSENT + 1
    kept.feed()
    assert going(small) == {run.key for run in GRID[:2]}
    kept.tend("grid0", LabGrid(GRID))  # somebody has opened it again
    kept.feed()
    assert not going(small)
    assert {key for key, run in small._wishes.runs.items() if "ann" in run.watchers} == {run.key for run in GRID[:2]}


def test_all_that_were_left_have_together_the_room_of_one_visitor(small, now, tmp_path):
    kept = left(small, tmp_path / "left", now, GRID, OTHER)
    kept.feed()
    assert going(small) == {GRID[0].key, OTHER[0].key}


def test_it_outlives_the_server(hand, now, tmp_path):
    first = Lab(Store(tmp_path / "runs.db"), hand, Limits(running=2))
    kept = left(first, tmp_path / "left", now, GRID)
    kept.feed()
    before = [hand.compute(), hand.compute()]  # a record of each
    until(lambda: all(first.status(run.key).round >= 0 for run in before))
    first.close()
    hand.waiting.clear()
    second = Lab(Store(tmp_path / "runs.db"), hand, Limits(running=2))
    chunks = compute(second, hand, Errands(tmp_path / "left", second, KINDS, now), GRID)
    assert (before[0].key, 0) not in chunks
    assert (before[1].key, 0) not in chunks
    for run in GRID:
        assert_same_numbers(second.trace(run.key), computed_here(run))
    second.close()


def test_its_time_counts_from_when_its_page_was_last_there_also_over_a_restart(small, now, tmp_path):
    kept = left(small, tmp_path / "left", now, GRID)
    now.seconds += 100
    kept.tend("grid0", LabGrid(GRID))
    now.seconds += small.limits.alone - 50
    again = Errands(tmp_path / "left", small, KINDS, now)
    again.feed()
    assert going(small)
    now.seconds += 51
    again.feed()
    assert not going(small)
    assert small.status(GRID[0].key).state == "cancelled"
    assert not list((tmp_path / "left").iterdir())


def test_what_is_dropped_ends_and_what_another_shows_does_not(small, now, tmp_path):
    kept = left(small, tmp_path / "left", now, GRID)
    kept.feed()
    small.submit_many(GRID[:1], "ben")
    kept.drop("grid0")
    kept.feed()
    assert small.status(GRID[0].key).state in ("queued", "running")
    assert small.status(GRID[1].key).state == "cancelled"


def test_a_run_that_can_never_be_here_holds_up_no_other(small, hand, now, tmp_path):
    hopeless = spec(rounds=10**6)
    kept = left(small, tmp_path / "left", now, [hopeless, *GRID])
    compute(small, hand, kept, GRID)
    assert small.status(hopeless.key) is None
    kept.feed()
    assert not list((tmp_path / "left").iterdir())


def test_of_a_grid_what_is_done_or_has_failed_is_over_and_of_the_rest_there_is_no_more_than_room(small):
    done, failed, *rest = GRID
    for run, state in ((done, "done"), (failed, "failed")):
        small.store.enter(run)
        small.store.mark(run.key, state)
    grid = LabGrid([done, failed, done, *rest])
    assert [grid.next(small, "ann", most) for most in (1, 2, 9)] == [[(run,) for run in rest[:most]] for most in (1, 2, 9)]
    for run in rest:
        assert (grid.next(small, "ann", 1), grid.over) == ([(run,)], False)
        small.store.enter(run)
        small.store.mark(run.key, "failed")
    assert (grid.next(small, "ann", 9), grid.over) == ([], True)


def test_a_lab_that_begins_goes_on_with_what_was_left(small, hand, now, tmp_path, monkeypatch):
    monkeypatch.setattr(errands, "EVERY", 0.01)
    kept = left(small, tmp_path / "left", now, GRID)
    kept.close()
    again = Errands(tmp_path / "left", small, KINDS, now)
    again.start()
    hand.wait()
    again.close()


def test_runs_that_may_share_lanes_are_asked_for_together(small):
    steps = [spec(rounds=ROUNDS, step={"rule": "theory", "multiple": multiple}) for multiple in (1.0, 2.0)]
    assert LabGrid([steps[0], GRID[1], steps[1]]).next(small, "ann", 9) == [(steps[0], steps[1]), (GRID[1],)]


def test_of_too_many_the_one_alone_for_longest_gives_way(small, now, tmp_path, monkeypatch):
    monkeypatch.setattr(errands, "MOST", 2)
    kept = left(small, tmp_path / "left", now, GRID, OTHER)
    kept.tend("third", LabGrid(GRID[:1]))
    assert sorted(path.name for path in (tmp_path / "left").iterdir()) == ["grid1", "third"]
    assert MOST == 64


def test_a_damaged_file_is_no_errand(small, tmp_path):
    (tmp_path / "left").mkdir()
    (tmp_path / "left" / "grid0").write_bytes(b"\x00damaged")
    Errands(tmp_path / "left", small, KINDS).feed()
    assert not list((tmp_path / "left").iterdir())


def test_one_of_a_kind_that_nobody_knows_waits_until_somebody_does(small, now, tmp_path):
    left(small, tmp_path / "left", now, GRID)
    kept = Errands(tmp_path / "left", small, {}, now)
    kept.feed()
    assert not going(small)
    assert list((tmp_path / "left").iterdir())
    kept.knows(LabGrid.kind, LabGrid.of)
    kept.feed()
    assert going(small) == {run.key for run in GRID[:2]}


@pytest.mark.parametrize("document", [{"kind": "grid", "asked": [{"rounds": "many"}]}, {"kind": "grid", "asked": 7}, {"asked": []}, 7])
def test_what_a_file_says_that_is_no_grid_is_no_errand(small, tmp_path, document):
    on_disk(tmp_path / "left", document)
    Errands(tmp_path / "left", small, KINDS).feed()
    assert not list((tmp_path / "left").iterdir())


def test_a_list_of_runs_is_a_grid_as_an_earlier_version_left_it(small, tmp_path):
    on_disk(tmp_path / "left", [run.json() for run in GRID])
    Errands(tmp_path / "left", small, KINDS).feed()
    assert going(small) == {run.key for run in GRID[:2]}


def test_where_nothing_can_be_written_it_goes_on_for_as_long_as_the_server(small, hand, now, tmp_path):
    (tmp_path / "left").write_text("a file where the folder should be")
    compute(small, hand, left(small, tmp_path / "left", now, GRID), GRID)


def test_a_folder_among_them_does_not_keep_the_lab_from_opening(small, tmp_path):
    (tmp_path / "somebody").mkdir()
    assert Errands(tmp_path, small, KINDS)._known == {}
    assert (tmp_path / "somebody").is_dir()
