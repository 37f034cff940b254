"""Python and the pages keep one record: what either computes the other reads, bit for bit, whoever else is at it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

import ef21lab
from ef21lab.choices.text import Refusal
from ef21lab.jobs import beside
from ef21lab.jobs.catalogue import Query
from ef21lab.jobs.engine import execute
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.records import Records
from ef21lab.jobs.store import Store
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

from .conftest import HandEngine, assert_same_numbers, computed_here, spec, until

RUN = spec(rounds=30)


def assert_same_run(trace: Trace, expected: Trace) -> None:
    assert_same_numbers(trace, expected)
    np.testing.assert_array_equal(trace.x, expected.x)
    assert list(trace.snapshots) == list(expected.snapshots)
    for round, shot in expected.snapshots.items():
        for one, other in zip(trace.snapshots[round], shot, strict=True):
            np.testing.assert_array_equal(one, other)


def no_computing(*what: object) -> None:
    raise AssertionError("it is known already")


def test_a_run_made_in_python_is_found_by_the_lab_and_is_that_run(tmp_path: Path, hand: HandEngine) -> None:
    made = ef21lab.run(RUN, store=tmp_path)
    assert_same_run(made, computed_here(RUN))
    lab = Lab(Store(tmp_path / "runs.db"), hand)
    assert lab.status(lab.submit(RUN, "ann")).state == "done"
    assert hand.waiting == []
    assert_same_numbers(lab.trace(RUN.key), made)
    assert lab.store.catalogue.find(Query(text="top_k"))[0].key == RUN.key
    lab.close()


def test_a_run_made_on_a_page_is_read_in_python_and_not_computed(tmp_path: Path, hand: HandEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab(Store(tmp_path / "here.db"), hand)
    lab.submit(RUN, "ann")
    hand.compute(seconds=10.0)
    until(lambda: lab.status(RUN.key).state == "done")
    monkeypatch.setattr(beside, "execute", no_computing)
    assert_same_run(ef21lab.run(RUN.json(), store=str(tmp_path / "here.db")), computed_here(RUN))  # the server has it open meanwhile
    lab.close()


def test_the_record_of_this_machine_is_that_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    ef21lab.run(RUN, store=True)
    assert (tmp_path / "runs.db").exists()
    monkeypatch.setattr(beside, "execute", no_computing)
    ef21lab.run(RUN, store=True)


def test_a_run_that_was_cut_short_goes_on_from_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []

    def interrupted(given: object, checkpoint: object, seconds: float) -> object:
        if len(rounds) == 2:
            raise KeyboardInterrupt
        rounds.append(-1 if checkpoint is None else checkpoint.round)  # type: ignore[attr-defined]
        return execute(given, checkpoint, 9.0, 10)  # type: ignore[arg-type]

    monkeypatch.setattr(beside, "execute", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ef21lab.run(RUN, store=tmp_path)
    with beside.opened(tmp_path / "runs.db") as store:
        assert store.status(RUN.key)[1:3] == ("cancelled", 19)
    monkeypatch.setattr(
        beside, "execute", lambda given, checkpoint, seconds: rounds.append(checkpoint.round) or execute(given, checkpoint, 9.0)
    )
    assert_same_run(ef21lab.run(RUN, store=tmp_path), computed_here(RUN))
    assert rounds == [-1, 9, 19]


def test_several_at_the_same_run_end_with_one_whole_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "execute", lambda given, checkpoint, seconds: execute(given, checkpoint, 9.0, 3))
    made: list[Trace] = []
    threads = [threading.Thread(target=lambda: made.append(ef21lab.run(RUN, store=tmp_path))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 3
    for trace in made:
        assert_same_run(trace, computed_here(RUN))


def test_a_run_that_another_process_ends_while_it_is_opened_here_is_not_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its state was read before, its checkpoint after: there is none any more."""
    with beside.opened(tmp_path / "runs.db") as here, beside.opened(tmp_path / "runs.db") as there:
        half = execute(RUN.json(), None, 9.0, 10)
        here.enter(RUN)
        here.append(RUN.key, -1, *half)
        read = here.checkpoint

        def late(key: str) -> object:
            if there.status(key).state != "done":
                assert there.append(key, 9, *execute(RUN.json(), half.checkpoint, 9.0))
            return read(key)

        monkeypatch.setattr(here, "checkpoint", late)
        assert Records(here).open(RUN)[0].state == "done"
        assert_same_numbers(here.trace(RUN.key), computed_here(RUN))


def test_a_tuned_step_keeps_every_candidate_under_its_own_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = {**RUN.json(), "step": {"rule": "tuned"}}
    best = ef21lab.run(asked, store=tmp_path)
    capsys.readouterr()
    found = ef21lab.tune(asked)
    assert_same_numbers(best, found.trace)
    with beside.opened(tmp_path / "runs.db") as store:
        assert all(store.status(one.key).state == "done" for one in found.candidates)


def test_what_cannot_run_is_refused_and_entered_nowhere(tmp_path: Path) -> None:
    refused = spec(compressor={"name": "top_k", "k": 113})
    with pytest.raises(Refusal, match="k must be"):
        ef21lab.run(refused, store=tmp_path)
    with beside.opened(tmp_path / "runs.db") as store:
        assert store.status(refused.key) is None


@pytest.mark.parametrize("store", [3, "", None])
def test_what_names_no_store_is_refused_in_words(store: object) -> None:
    with pytest.raises(Refusal, match="True for the record of this machine"):
        ef21lab.run(RUN, store=store)  # type: ignore[arg-type]


def test_a_spec_has_a_link_that_opens_it() -> None:
    asked = RunSpec.make({"compressor": {"name": "st_hosvd", "ranks": 3}, "step": {"rule": "theory", "multiple": 8}})
    assert ef21lab.specs(asked.link()) == ef21lab.specs(asked.link("https://lab.example/here")) == [asked]
    assert asked.link("https://lab.example/here").startswith("https://lab.example/here/?")


def sqlite_file(path: Path, statement: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(statement)


@pytest.mark.parametrize("kind", ["text", "another program's", "a newer lab's", "a folder"])
def test_what_is_no_record_of_this_lab_stays_as_it_is(tmp_path: Path, kind: str) -> None:
    """Somebody may name the wrong file, or have two versions: only a server that begins moves what is in its own way."""
    path = tmp_path / "runs.db"
    if kind == "text":
        path.write_text("a,b\n1,2\n")
    elif kind == "a folder":
        path.mkdir()
    elif kind == "another program's":
        sqlite_file(path, "CREATE TABLE places (url TEXT);")
    else:
        ef21lab.run(RUN, store=path)
        sqlite_file(path, "PRAGMA user_version = 99;")
    before = None if kind == "a folder" else path.read_bytes()
    with pytest.raises(Refusal, match="newer version of the lab: 99" if kind == "a newer lab's" else "no record of runs"):
        ef21lab.run(RUN, store=tmp_path if kind == "a folder" else path)
    assert [one.name for one in tmp_path.iterdir() if not one.name.endswith(("-wal", "-shm"))] == ["runs.db"]
    assert before is None or path.read_bytes() == before


def test_a_device_is_no_record() -> None:
    with pytest.raises(Refusal, match="no record of runs"), beside.opened(beside.place_of("/dev/null")):
        pass
