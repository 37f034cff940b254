"""The lab with the real engine: the same numbers, whatever dies on the way."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.engine import execute
from ef21lab.jobs.knowledge import NotReady
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store
from ef21lab.problems.minimum import minimum
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

from .conftest import PATIENCE, Borrowed, OwnEngine, assert_same_numbers, computed_here, long_run, spec, until

pytestmark = pytest.mark.engine


def finished(lab: Lab, key: str) -> bool:
    return until(lambda: lab.status(key).state == "done")


def at_its_first_points(lab: Lab, run: RunSpec, act: Callable[[], object]) -> Callable[[], int | None]:
    """`act()`, once this run has points and before its next chunk is sent; the round that it had reached, as soon as it has been done."""
    reached: list[int] = []

    def look(key: str) -> None:
        if key == run.key and not reached and (round := lab.status(key).round) >= 0:
            act()
            reached.append(round)

    lab.subscribe(look)
    return lambda: reached[0] if reached else None


def chunks_of(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The last round before every chunk that workers are asked for from now on, -1 for that of a first one."""
    begun: list[int] = []
    submit = lab.engine.submit

    def asked(function: Callable[..., object], *args: object, **terms: object) -> object:
        if function is execute:
            begun.append(-1 if args[1] is None else args[1].round)
        return submit(function, *args, **terms)

    monkeypatch.setattr(lab.engine, "submit", asked)
    return begun


def test_a_run_by_jobs_has_the_numbers_of_a_run_here(lab: Lab) -> None:
    runs = [spec(rounds=200), spec(rounds=200, compressor={"name": "st_hosvd"}), spec(rounds=200, algorithm={"name": "gd"})]
    for run in runs:
        lab.submit(run, "ann")
    for run in runs:
        assert finished(lab, run.key)
        assert_same_numbers(lab.trace(run.key), computed_here(run))
        assert lab.snapshot_rounds(run.key) == list(computed_here(run).snapshots)


def test_fifty_visitors_at_once_are_one_run(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run, begun = long_run(seed=1, rounds=500), chunks_of(lab, monkeypatch)
    for number in range(50):
        lab.submit(run, f"visitor {number}")
    assert finished(lab, run.key)
    assert_same_numbers(lab.trace(run.key), computed_here(run))
    assert len(begun) == len(set(begun))  # nothing was computed twice
    assert lab.trace(run.key, 498)["round"].tolist() == [499, 500]


def test_a_cancelled_run_stops_within_a_chunk(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    run = long_run(seed=2, rounds=20_000)
    lab.submit(run, "ann")
    until(lambda: lab.status(run.key).round >= 0)
    lab.stop(run.key, "ann")
    begun = chunks_of(lab, monkeypatch)
    assert lab.status(run.key).state == "cancelled"
    until(lambda: lab._chunks.in_flight == 0)  # what was under way has come
    reached = lab.status(run.key).round
    assert lab.status(run.key)[:5] == (run.key, "cancelled", reached, 20_000, None)
    assert reached < 20_000
    assert begun == []


def test_pause_step_and_resume_lead_to_the_same_numbers(lab: Lab) -> None:
    run = long_run(seed=3, rounds=1500)
    paused = at_its_first_points(lab, run, lambda: lab.pause(run.key, "ann"))
    lab.submit(run, "ann")
    assert 0 <= until(lambda: paused() is not None and paused() + 1) <= 1500
    until(lambda: lab._chunks.in_flight == 0)
    assert lab.status(run.key).state == "paused"
    lab.step(run.key, "ann")
    until(lambda: lab.status(run.key).round == paused() + 1)
    assert lab.status(run.key).state == "paused"
    lab.resume(run.key, "ann")
    assert finished(lab, run.key)
    assert_same_numbers(lab.trace(run.key), computed_here(run))


def test_a_worker_that_is_killed_loses_its_chunk_and_nothing_else(lab: Lab, two: OwnEngine) -> None:
    run, workers = long_run(seed=4), until(lambda: len(found := two.workers) == 2 and found)
    until(lambda: two.engine.missing == 0)
    killed = at_its_first_points(lab, run, lambda: [worker.kill() for worker in workers])
    lab.submit(run, "ann")
    assert until(lambda: killed() is not None and killed() + 1) <= 3000
    assert finished(lab, run.key)
    assert_same_numbers(lab.trace(run.key), computed_here(run))
    until(lambda: two.engine.missing == 0)


SERVER = """
import json, sys, threading, time
from pathlib import Path
from ef21lab.runs.spec import RunSpec
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.engine import execute
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store

lab = Lab(Store(Path(sys.argv[1])), DaskEngine.embedded(1))
lab.start()
while not lab.engine.alive:
    time.sleep(0.05)
lab.submit(RunSpec.make(json.loads(sys.argv[2])), "ann")
threading.Event().wait()
"""


def test_a_server_that_is_killed_leaves_no_process_and_its_run_goes_on(tmp_path: Path, engine: DaskEngine) -> None:
    run, path = long_run(seed=5), tmp_path / "runs.db"
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(path), json.dumps(run.json())])
    reached = until(lambda: stored_round(path, run))
    family = psutil.Process(server.pid).children(recursive=True)
    assert len(family) >= 2
    server.kill()
    server.wait()
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []
    lab = Lab(Store(path), Borrowed(engine))
    status = lab.status(run.key)
    assert (status.state, status.reason is not None) == ("cancelled", True)
    assert reached <= status.round < 3000
    lab.submit(run, "ann again")
    assert finished(lab, run.key)
    assert_same_numbers(lab.trace(run.key), computed_here(run))
    lab.close()


def stored_round(path: Path, run: RunSpec) -> int:
    """The last round in the store of another process; 0 before there is one."""
    if not path.exists():
        return 0
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT round FROM runs WHERE key = ?", (run.key,)).fetchall()
        return max([0, *(round for (round,) in rows)])
    except sqlite3.OperationalError:  # no tables yet
        return 0
    finally:
        connection.close()


def test_facts_are_computed_once_and_refusals_come_back_in_words(lab: Lab) -> None:
    asked = spec(partition={"name": "contiguous", "nodes": 7})
    assert lab.facts(asked).nodes == 7
    assert lab.facts(asked) is lab.facts(asked)
    until(lambda: lab.store.status(asked.key) is None)
    with pytest.raises(Refusal, match="classes"):
        lab.facts(spec(dataset={"name": "digits"}))


def test_theorems_know_the_minimum_of_a_strongly_convex_problem_and_without_one_its_bound(lab: Lab) -> None:
    convex, other = spec(objective="logistic_ridge", step="theory_pl"), spec()
    for asked in (convex, other):
        lab.submit(asked, "ann")
    said = lab.guarantees(convex.key)
    problem = problem_of(convex)
    assert minimum(problem).low <= said.constants.lowest <= said.constants.attained <= minimum(problem).high + 1e-11
    assert "psi" not in said.missing
    assert lab.guarantees(other.key).constants.lowest == lab.facts(other).lowest
    with pytest.raises(KeyError):
        lab.guarantees("0" * 24)


def test_facts_that_take_long_are_said_to_be_on_the_way(lab: Lab) -> None:
    asked = spec(partition={"name": "contiguous", "nodes": 11})
    with pytest.raises(NotReady, match="still being prepared"):
        lab.facts(asked, timeout=0.0)
    assert lab.facts(asked).nodes == 11
