"""The engine's workers: as many as it is to have, whatever is done to them, and none that one task holds for ever."""

from __future__ import annotations

import os
import random
import re
import shutil
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

from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.engine import Failure
from ef21lab.jobs.leisure import leisure

from .conftest import until

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def own() -> Iterator[DaskEngine]:
    """An engine that may be hurt."""
    engine = DaskEngine.embedded(2)
    engine.start()
    until(lambda: engine.missing == 0, 60)
    yield engine
    engine.close()


def workers() -> list[psutil.Process]:
    """The worker processes of every engine of this test run, also those that are still starting."""
    return [child for child in psutil.Process().children(recursive=True) if is_worker(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return "ef21lab.jobs.worker" in process.cmdline()
    except psutil.Error:
        return False


def answer(engine: DaskEngine, function: Any, *args: Any, **terms: Any) -> Any:
    answers: SimpleQueue[Any] = SimpleQueue()
    engine.submit(function, *args, on_done=answers.put, **terms)
    return answers.get(timeout=60)


def slow_square(number: int) -> int:
    time.sleep(0.05)
    return number * number


def who_asks_for_too_much(numbers: int) -> int | None:
    """The process that was refused so many numbers."""
    try:
        np.ones(numbers)
    except MemoryError:
        return os.getpid()
    return None


def hold_the_interpreter() -> None:
    """A pattern that backtracks for ages, in one call that lets nothing else of the process run."""
    re.match(r"(a|a)*b", "a" * 60)


def test_workers_killed_at_any_moment_of_their_lives_are_there_again_within_20_seconds_and_no_task_is_lost(own: DaskEngine) -> None:
    chance, answers, asked = random.Random(7), SimpleQueue[Any](), 0
    for kill in range(20):
        for _ in range(4):
            own.submit(slow_square, asked, on_done=answers.put)
            asked += 1
        time.sleep(chance.choice([0.0, 0.0, 0.05, 0.3, 0.8, 1.2]))  # a worker takes about a second to start
        victims = workers()
        for victim in victims if kill % 4 == 0 else chance.sample(victims, min(1, len(victims))):
            victim.kill()
    struck = time.monotonic()
    until(lambda: own.missing > 0, 5)
    until(lambda: own.missing == 0, 20)
    assert time.monotonic() - struck < 20
    got = [answers.get(timeout=60) for _ in range(asked)]
    lost = [outcome for outcome in got if isinstance(outcome, Failure)]
    assert all("killed several times" in failure.reason.en for failure in lost)
    assert len(lost) <= asked // 4  # a task whose worker is killed again and again is given up, in words
    assert {*got} - {*lost} <= {number * number for number in range(asked)}


def test_a_task_that_holds_the_interpreter_for_ever_is_stopped_and_its_worker_with_it(own: DaskEngine) -> None:
    before = {worker.pid for worker in workers()}
    outcome = answer(own, hold_the_interpreter, seconds=0.5)
    assert isinstance(outcome, Failure)
    assert outcome.too_long
    assert "0.5 s" in outcome.reason.en
    until(lambda: len(before & {worker.pid for worker in workers()}) < len(before), 10)
    until(lambda: own.missing == 0, 20)
    assert answer(own, slow_square, 3, seconds=0.5) == 9


def test_while_one_question_hangs_others_are_answered_and_what_waits_for_a_worker_is_not_taken_for_slow(own: DaskEngine) -> None:
    answers: SimpleQueue[Any] = SimpleQueue()
    for _ in range(2):
        own.submit(hold_the_interpreter, on_done=answers.put, owner="attacker", seconds=4.0)
    for number in range(6):  # they wait for longer than they may take
        own.submit(slow_square, number, on_done=answers.put, owner=f"student {number}", seconds=3.0)
    got = [answers.get(timeout=60) for _ in range(8)]
    assert sorted(outcome for outcome in got if isinstance(outcome, int)) == [0, 1, 4, 9, 16, 25]
    assert [outcome.too_long for outcome in got if isinstance(outcome, Failure)] == [True, True]


def use_leisure(seconds: float) -> None:
    """As the import of PyTorch does, from the end of this task on."""

    def use() -> None:
        with leisure.busy():
            time.sleep(seconds)

    threading.Thread(target=use).start()


def test_a_task_that_waits_for_what_its_worker_does_at_leisure_is_not_taken_for_slow(own: DaskEngine) -> None:
    until(lambda: own.missing == 0, 20)
    assert answer(own, use_leisure, 3.0) is None
    answers: SimpleQueue[Any] = SimpleQueue()
    for number in range(2):  # one for each worker
        own.submit(slow_square, number, on_done=answers.put, seconds=1.0)
    assert {answers.get(timeout=60) for _ in range(2)} == {0, 1}


def test_a_task_that_asks_for_more_memory_than_there_is_fails_in_words_and_its_worker_lives(own: DaskEngine) -> None:
    numbers = psutil.virtual_memory().total // 8
    outcome = answer(own, np.ones, numbers)
    assert isinstance(outcome, Failure)
    assert "memory" in outcome.reason.en.lower()
    worker = answer(own, who_asks_for_too_much, numbers)
    assert worker in {process.pid for process in workers()}
    assert answer(own, slow_square, 3) == 9


ENCRYPTED = """
import psutil
from queue import SimpleQueue
from ef21lab.jobs.dask import DaskEngine

engine, answers = DaskEngine.embedded(1), SimpleQueue()
engine.submit(abs, -9, on_done=answers.put)
print(answers.get(timeout=60))
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
        [sys.executable, "-c", ENCRYPTED], env=environment, check=True, capture_output=True, text=True, timeout=120
    ).stdout
    assert said.splitlines()[0] == "9"
    assert said.splitlines()[1].startswith("tls://127.0.0.1:")


def test_a_task_that_is_withdrawn_in_time_is_not_computed(own: DaskEngine) -> None:
    answers: SimpleQueue[Any] = SimpleQueue()
    own.submit(time.sleep, 0.5, on_done=answers.put)
    own.submit(time.sleep, 0.5, on_done=answers.put)
    withdraw = own.submit(slow_square, 5, on_done=answers.put)
    withdraw()
    assert [answers.get(timeout=60) for _ in range(2)] == [None, None]
    assert answer(own, slow_square, 4) == 16
    assert answers.empty()
