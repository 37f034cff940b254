"""One real engine for all tests of jobs, and one that computes only when told to."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
import pytest
from threadpoolctl import threadpool_limits

from ef21lab.choices.fields import Json
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.engine import RUNS, Withdraw, facts_of, guarded, pace_of
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store
from ef21lab.runs import experiment
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

PATIENCE = 120.0  # seconds: a busy machine is no fault of the lab


def until(claim: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `claim` returns as soon as it is true."""
    ends = time.monotonic() + seconds
    while not (value := claim()):
        assert time.monotonic() < ends, "it did not come true in time"
        time.sleep(0.005)
    return value


def spec(**changes: Json) -> RunSpec:
    """A small run; a long one with rounds=3000 takes about two seconds."""
    return RunSpec.make({"partition": {"name": "contiguous", "nodes": 4}, "rounds": 60, **changes})


def long_run(seed: int, rounds: int = 3000) -> RunSpec:
    return spec(rounds=rounds, start={"name": "normal", "seed": seed})


def computed_here(asked: RunSpec) -> Trace:
    """The run without jobs; one BLAS thread, as in the workers."""
    with threadpool_limits(1):
        return experiment.run(asked)


def assert_same_numbers(trace: Trace, expected: Trace) -> None:
    """Bit for bit, but for the time that it took."""
    for name, column in expected.columns.items():
        if name != "seconds":
            np.testing.assert_array_equal(trace[name], column, err_msg=name)
    np.testing.assert_array_equal(trace.contraction, expected.contraction)
    assert (np.diff(trace["seconds"]) >= 0).all()


class Asked(NamedTuple):
    """A task that waits for `HandEngine.compute`."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    on_done: Callable[[Any], None]


class HandEngine:
    """Computes facts at once and chunks when told to, here: what happens in which order is up to the test."""

    alive = True
    missing = 0

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self.on_workers: Callable[[], None] = lambda: None
        self.waiting: list[Asked] = []
        self.facts_computed = 0
        self.tried: list[RunSpec] = []
        self.pace = 1e-3  # seconds of a round, by a trial

    def start(self) -> None: ...

    def close(self) -> None: ...

    def submit(
        self, function: Callable[..., Any], *args: Any, on_done: Callable[[Any], None], owner: str = RUNS, seconds: float = 30.0
    ) -> Withdraw:
        asked = Asked(function, args, on_done)
        if function is facts_of:
            self.facts_computed += 1
            on_done(guarded(function, *args))
        elif function is pace_of:
            self.tried.append(RunSpec.make(args[0]))
            on_done(self.pace)
        else:
            self.waiting.append(asked)
        return lambda: self.waiting.remove(asked) if asked in self.waiting else None

    def wait(self) -> None:
        """Until the lab has asked for a chunk."""
        until(lambda: self.waiting)

    def next(self) -> Asked:
        """The task that waits longest, once there is one."""
        return until(lambda: self.waiting and self.waiting.pop(0))

    def compute(self, seconds: float = 0.0) -> RunSpec:
        """Compute the next chunk and say whose it was; one record long unless `seconds` are given."""
        asked = self.next()
        given, checkpoint, _, most_records, facts = asked.args
        asked.on_done(guarded(asked.function, given, checkpoint, seconds, most_records, facts))
        return RunSpec.make(given)


@pytest.fixture
def hand() -> HandEngine:
    return HandEngine()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    kept = Store(tmp_path / "runs.db")
    yield kept
    kept.close()


@pytest.fixture
def hand_lab(store: Store, hand: HandEngine) -> Iterator[Lab]:
    lab = Lab(store, hand)
    yield lab
    lab.close()


class Borrowed:
    """The session's engine for one lab: closing that lab leaves the engine running."""

    def __init__(self, engine: DaskEngine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def close(self) -> None: ...


class OwnEngine(NamedTuple):
    """An engine that this process has embedded, and the process that it is."""

    engine: DaskEngine
    process: psutil.Process

    @property
    def workers(self) -> list[psutil.Process]:
        """Its workers and no other engine's, also those that are still starting."""
        return [child for child in self.process.children(recursive=True) if is_worker(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return "ef21lab.jobs.worker" in process.cmdline()
    except psutil.Error:  # it has just ended
        return False


def engines() -> dict[int, psutil.Process]:
    """The engines that this process has embedded: other tests have some too."""
    found = {}
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if child.cmdline()[-1:] == ["engine"]:
                found[child.pid] = child
    return found


@contextlib.contextmanager
def embedded(workers: int) -> Iterator[OwnEngine]:
    """An engine whose workers are all there."""
    before = engines()
    engine = DaskEngine.embedded(workers)
    try:
        engine.start()
        until(lambda: engine.missing == 0)
        (process,) = (process for pid, process in engines().items() if pid not in before)
        yield OwnEngine(engine, process)
    finally:
        engine.close()


@pytest.fixture(scope="session")
def two() -> Iterator[OwnEngine]:
    with embedded(2) as shared:
        yield shared


@pytest.fixture(scope="session")
def engine(two: OwnEngine) -> DaskEngine:
    return two.engine


@pytest.fixture
def lab(store: Store, engine: DaskEngine) -> Iterator[Lab]:
    opened = Lab(store, Borrowed(engine))
    yield opened
    opened.close()
