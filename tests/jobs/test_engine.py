"""The real engine: its chunks are the run, and it outlives the death of its parts."""

from __future__ import annotations

import os
import subprocess
import threading
from queue import SimpleQueue
from typing import Any

import psutil
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.jobs.clusters import COMMAND
from ef21lab.jobs.crew import workers_here
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.engine import BUSY, Failure, chunk_seconds, execute, facts_of, guarded, worked_for
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.trace import joined

from .conftest import PATIENCE, assert_same_numbers, computed_here, embedded, spec, until


def answer(engine: DaskEngine, function: Any, *args: Any) -> Any:
    answers: SimpleQueue[Any] = SimpleQueue()
    engine.submit(function, *args, on_done=answers.put)
    return answers.get(timeout=PATIENCE)


def test_chunks_end_at_records_and_join_to_the_whole_run() -> None:
    asked = spec(rounds=50, record_every=7)
    chunks = [execute(asked.json(), None, 0.0)]
    while not chunks[-1].finished:
        chunks.append(execute(asked.json(), chunks[-1].checkpoint, 0.0, 3))
    assert [len(chunk.part) for chunk in chunks] == [1] * 9  # rounds 0, 7, …, 49, 50
    assert_same_numbers(joined([chunk.part for chunk in chunks]), computed_here(asked))


def test_a_chunk_has_no_more_records_than_asked_for() -> None:
    assert len(execute(spec().json(), None, 60.0, 5).part) == 5


def test_a_diverged_run_is_finished() -> None:
    wild = spec(step={"rule": "fixed", "gamma": 1e9}, objective={"name": "least_squares"}, rounds=2000)
    chunk = execute(wild.json(), None, 60.0)
    assert chunk.finished
    assert chunk.part.diverged
    assert len(chunk.part) < 2001


def with_bytes(size: int) -> Checkpoint:
    return execute(spec().json(), None, 0.0).checkpoint._replace(state={"x": memoryview(bytes(size))})


def test_a_run_with_a_large_state_has_longer_chunks() -> None:
    assert chunk_seconds(None) < chunk_seconds(with_bytes(10_000)) == chunk_seconds(with_bytes(900_000))
    assert chunk_seconds(with_bytes(20_000_000)) == pytest.approx(4.0, rel=0.01)


def test_the_more_wait_for_their_first_points_the_shorter_a_first_chunk_and_no_other() -> None:
    """Where fifty open three runs each, two workers have them after a second and a half of computing."""
    lengths = [chunk_seconds(None, others) for others in range(75)]
    assert lengths[2] == chunk_seconds(None)
    assert lengths == sorted(lengths, reverse=True)
    assert 75 * lengths[-1] < 1.5
    later = with_bytes(10_000)
    assert {chunk_seconds(later, others) for others in range(75)} == {chunk_seconds(later)}


def test_a_chunk_lasts_as_long_as_it_works_and_keeps_nobody_waiting_for_much_longer() -> None:
    own, wall = [10.0], [0.0]
    over = worked_for(0.2, lambda: own[0], lambda: wall[0])
    wall[0] = 0.4  # others had the core
    assert not over()
    own[0] = 10.2
    assert over()
    own[0], wall[0] = 10.0, BUSY * 0.2
    assert over()


def test_an_error_becomes_words_and_a_refusal_keeps_its_own() -> None:
    failed = guarded(lambda: 1 / 0)
    assert failed.reason.en == "the computation failed: ZeroDivisionError: division by zero"
    assert "1 / 0" in failed.details
    refused = guarded(facts_of, {"rounds": -1})
    assert refused.refused
    assert "rounds=-1" in refused.reason.ru


def test_the_number_of_workers_is_set_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EF21LAB_WORKERS", raising=False)
    assert workers_here() == os.cpu_count()
    monkeypatch.setenv("EF21LAB_WORKERS", "3")
    assert workers_here() == 3
    monkeypatch.setenv("EF21LAB_WORKERS", "0")
    with pytest.raises(Refusal, match="EF21LAB_WORKERS=0"):
        workers_here()


def blas_threads() -> set[int]:
    import numpy  # noqa: F401 - its BLAS is what is counted
    from threadpoolctl import threadpool_info

    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.mark.engine
def test_a_worker_has_one_blas_thread_and_gives_the_same_chunk(engine: DaskEngine) -> None:
    assert answer(engine, blas_threads) == {1}
    assert answer(engine, lambda: "a function without a name") == "a function without a name"
    assert_same_numbers(answer(engine, execute, spec().json(), None, 60.0).part, computed_here(spec()))
    until(lambda: engine.workers == 2)


@pytest.mark.engine
def test_a_refusal_of_a_worker_comes_back_in_both_languages(engine: DaskEngine) -> None:
    refused = answer(engine, facts_of, spec(dataset={"name": "digits"}).json())
    assert isinstance(refused, Failure)
    assert refused.refused
    assert refused.reason.ru != refused.reason.en


@pytest.mark.engine
def test_an_engine_process_that_is_killed_comes_back_and_no_task_is_lost() -> None:
    with embedded(1) as own:
        answers: SimpleQueue[Any] = SimpleQueue()
        assert answer(own.engine, abs, -1) == 1
        orphans = own.process.children(recursive=True)
        for number in range(4):
            own.engine.submit(slow_square, number, on_done=answers.put)
        own.process.kill()
        own.engine.submit(slow_square, 4, on_done=answers.put)
        assert sorted(answers.get(timeout=PATIENCE) for _ in range(5)) == [0, 1, 4, 9, 16]
        assert psutil.wait_procs(orphans, timeout=PATIENCE)[1] == []


def slow_square(number: int) -> int:
    threading.Event().wait(0.3)
    return number * number


@pytest.mark.engine
def test_tasks_without_a_result_are_told_when_the_engine_closes() -> None:
    engine = DaskEngine.embedded(1)
    answers: SimpleQueue[Any] = SimpleQueue()
    engine.submit(slow_square, 3, on_done=answers.put)
    engine.close()
    assert "closed" in answers.get_nowait().reason.en
    engine.submit(slow_square, 3, on_done=answers.put)
    assert "closed" in answers.get_nowait().reason.en


@pytest.mark.engine
def test_an_address_where_nobody_listens_is_said_to_be_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ef21lab.jobs.dask.PATIENCE", 0.2)
    engine = DaskEngine.at("tcp://127.0.0.1:9")
    assert "cannot be reached" in answer(engine, abs, -1).reason.en
    assert not engine.alive
    engine.close()


@pytest.mark.engine
def test_serve_says_where_it_listens_and_ends_with_its_standard_input(engine: DaskEngine) -> None:
    served = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "EF21LAB_WORKERS": "1"})
    assert served.stdin is not None
    assert served.stdout is not None
    with served.stdin, served.stdout:
        address = served.stdout.readline().decode().strip()
        assert address.startswith("tcp://127.0.0.1:")
        elsewhere = DaskEngine.at(address)
        assert answer(elsewhere, os.getppid) == served.pid
        elsewhere.close()
        family = psutil.Process(served.pid).children(recursive=True)
        sockets = [socket for member in (psutil.Process(served.pid), *family) for socket in member.net_connections("tcp")]
        assert {socket.laddr.ip for socket in sockets if socket.status == "LISTEN"} == {"127.0.0.1"}
        served.stdin.close()
        assert served.wait(PATIENCE) == 0
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []
