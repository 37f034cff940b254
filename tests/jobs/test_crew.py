"""The engine's workers: as many as it is to have, whatever is done to them, and none that one task holds for ever."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import psutil
import pytest

from ef21lab.jobs.crew import HEALTHY, SLOWEST, pause_after
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.engine import Failure

from .conftest import PATIENCE, OwnEngine, embedded, until

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def own() -> Iterator[OwnEngine]:
    """An engine that may be hurt."""
    with embedded(2) as hurt:
        yield hurt


@pytest.fixture
def engine(own: OwnEngine) -> DaskEngine:
    """With all its workers."""
    until(lambda: own.engine.missing == 0)
    return own.engine


def answer(engine: DaskEngine, function: Any, *args: Any, **terms: Any) -> Any:
    answers: SimpleQueue[Any] = SimpleQueue()
    engine.submit(function, *args, on_done=answers.put, **terms)
    return answers.get(timeout=PATIENCE)


def sent_whole(function: Any) -> Any:
    """The same function, which a worker has not to import from here: the import of this module is no part of a task's time."""
    function.__module__ = "__main__"
    return function


@sent_whole
def slow_square(number: int) -> int:
    time.sleep(0.05)
    return number * number


@sent_whole
def who_asks_for_too_much(numbers: int) -> int | None:
    """The process that was refused so many numbers."""
    try:
        np.ones(numbers)
    except MemoryError:
        return os.getpid()
    return None


@sent_whole
def hold_the_interpreter() -> None:
    """A pattern that backtracks for ages, in one call that lets nothing else of the process run."""
    re.match(r"(a|a)*b", "a" * 60)


@sent_whole
def killed_the_first_time(mark: str, before: float, after: float) -> float:
    """The process is killed `before` seconds after it has begun this; the next one needs `after` seconds."""
    if not os.path.exists(mark):
        open(mark, "w").close()
        time.sleep(before)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(after)
    return after


@sent_whole
def until_there_is(mark: str) -> None:
    while not os.path.exists(mark):
        time.sleep(0.01)


def test_workers_killed_at_any_moment_of_their_lives_are_there_again_and_no_task_is_lost(own: OwnEngine, engine: DaskEngine) -> None:
    chance, answers, asked, victims = random.Random(7), SimpleQueue[Any](), 0, list[psutil.Process]()
    for kill in range(20):
        for _ in range(4):
            engine.submit(slow_square, asked, on_done=answers.put)
            asked += 1
        time.sleep(chance.choice([0.0, 0.0, 0.05, 0.3, 0.8, 1.2]))  # a worker takes about a second to start
        there = own.workers
        for victim in there if kill % 4 == 0 else chance.sample(there, min(1, len(there))):
            victim.kill()
            victims.append(victim)
    assert psutil.wait_procs(victims, timeout=PATIENCE)[1] == []
    got = [answers.get(timeout=PATIENCE) for _ in range(asked)]
    lost = [outcome for outcome in got if isinstance(outcome, Failure)]
    assert all("killed several times" in failure.reason.en for failure in lost)
    assert len(lost) <= asked // 4  # a task whose worker is killed again and again is given up, in words
    assert {*got} - {*lost} <= {number * number for number in range(asked)}
    until(lambda: len(own.workers) == 2 and engine.missing == 0)
    assert not {worker.pid for worker in own.workers} & {victim.pid for victim in victims}


def test_a_worker_that_ends_is_followed_after_five_seconds_at_most_and_by_another_at_once_where_it_was_healthy() -> None:
    pauses = [0.0]
    for _ in range(20):
        pauses.append(pause_after(0.0, pauses[-1]))
    assert pauses == sorted(pauses)
    assert 0 < pauses[1] < 0.5
    assert pauses[-1] == SLOWEST == 5.0
    assert pause_after(HEALTHY + 1, SLOWEST) == 0.0


def test_a_task_that_holds_the_interpreter_for_ever_is_stopped_and_its_worker_with_it(own: OwnEngine, engine: DaskEngine) -> None:
    """Also where it holds it from its first step on, so that its worker says nothing any more."""
    for _ in range(2):
        before = {worker.pid for worker in own.workers}
        outcome = answer(engine, hold_the_interpreter, seconds=0.5)
        assert isinstance(outcome, Failure)
        assert outcome.too_long, outcome.reason.en
        assert "0.5 s" in outcome.reason.en
        until(lambda before=before: len(before & {worker.pid for worker in own.workers}) < len(before))
        until(lambda: engine.missing == 0)
    assert answer(engine, slow_square, 3) == 9


def test_while_one_question_hangs_others_are_answered_and_what_waits_for_a_worker_is_not_taken_for_slow(engine: DaskEngine) -> None:
    answers: SimpleQueue[Any] = SimpleQueue()
    for _ in range(2):
        engine.submit(hold_the_interpreter, on_done=answers.put, owner="attacker", seconds=4.0)
    for number in range(6):  # they wait for longer than they may take
        engine.submit(slow_square, number, on_done=answers.put, owner=f"student {number}", seconds=3.0)
    got = [answers.get(timeout=PATIENCE) for _ in range(8)]
    assert sorted(outcome for outcome in got if isinstance(outcome, int)) == [0, 1, 4, 9, 16, 25]
    assert [outcome.too_long for outcome in got if isinstance(outcome, Failure)] == [True, True]


def test_a_task_whose_worker_is_killed_has_all_of_its_time_again_with_the_next_one(engine: DaskEngine, tmp_path: Path) -> None:
    """2 s with the one and 1.5 s with the other."""
    assert answer(engine, killed_the_first_time, str(tmp_path / "begun"), 2.0, 1.5, seconds=3.0) == 1.5


@sent_whole
def use_leisure(seconds: float) -> None:
    """As the import of PyTorch does, from the end of this task on."""
    from ef21lab.jobs.leisure import leisure

    def use() -> None:
        with leisure.busy():
            time.sleep(seconds)

    threading.Thread(target=use).start()


def test_a_task_that_waits_for_what_its_worker_does_at_leisure_is_not_taken_for_slow(engine: DaskEngine) -> None:
    assert answer(engine, use_leisure, 4.0) is None
    answers: SimpleQueue[Any] = SimpleQueue()
    for _ in range(2):  # one for each worker
        engine.submit(time.sleep, 0.2, on_done=answers.put, seconds=2.5)
    assert [answers.get(timeout=PATIENCE) for _ in range(2)] == [None, None]


def test_a_task_that_asks_for_more_memory_than_there_is_fails_in_words_and_its_worker_lives(own: OwnEngine, engine: DaskEngine) -> None:
    numbers = psutil.virtual_memory().total // 8
    outcome = answer(engine, np.ones, numbers)
    assert isinstance(outcome, Failure)
    assert "memory" in outcome.reason.en.lower()
    worker = answer(engine, who_asks_for_too_much, numbers)
    assert worker in {process.pid for process in own.workers}
    assert answer(engine, slow_square, 3) == 9


ENCRYPTED = """
import psutil
from queue import SimpleQueue
from ef21lab.jobs.dask import DaskEngine

engine, answers = DaskEngine.embedded(1), SimpleQueue()
engine.submit(abs, -9, on_done=answers.put)
print(answers.get(timeout=110))
print(*(word for child in psutil.Process().children(recursive=True) for word in child.cmdline() if "://" in word))
engine.close()
"""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_with_a_certificate_server_engine_and_workers_speak_over_tls_alone(tmp_path: Path) -> None:
    """By Dask's own settings, as the README names them."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        key,
        "-out",
        certificate,
        "-days",
        "2",
        "-subj",
        "/CN=lab",
    ]
    subprocess.run(made, check=True, capture_output=True)
    settings = {"DEFAULT_SCHEME": "tls", "REQUIRE_ENCRYPTION": "True", "TLS__CA_FILE": str(certificate)}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        settings |= {f"TLS__{role}__CERT": str(certificate), f"TLS__{role}__KEY": str(key)}
    environment = {**os.environ, **{f"DASK_DISTRIBUTED__COMM__{name}": value for name, value in settings.items()}}
    said = subprocess.run(
        [sys.executable, "-c", ENCRYPTED], env=environment, check=True, capture_output=True, text=True, timeout=PATIENCE
    ).stdout
    assert said.splitlines()[0] == "9"
    assert said.splitlines()[1].startswith("tls://127.0.0.1:")


def test_a_task_that_is_withdrawn_in_time_is_not_computed(engine: DaskEngine, tmp_path: Path) -> None:
    answers: SimpleQueue[Any] = SimpleQueue()
    for _ in range(2):
        engine.submit(until_there_is, str(tmp_path / "withdrawn"), on_done=answers.put)
    withdraw = engine.submit(slow_square, 5, on_done=answers.put)
    withdraw()
    (tmp_path / "withdrawn").touch()
    assert [answers.get(timeout=PATIENCE) for _ in range(2)] == [None, None]
    assert answer(engine, slow_square, 4) == 16
    assert answers.empty()
