"""Twenty kills each of a worker, of the engine and of the server, at random moments: how soon does a run go on, and is it the same run?

    python -m benchmarks kills

A kill is SIGKILL. Recovered is the moment in which the run has a record more than when it was struck; for workers also the
moment in which all are there again. The runs are compared with one that nobody disturbed, bit for bit, but for the seconds they took.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psutil
from threadpoolctl import threadpool_limits

from benchmarks._lab import PATIENCE, until
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store
from ef21lab.runs import experiment
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

KILLS = 20
BOUND = 20.0  # seconds

SERVER = """
import json, sys, threading
from pathlib import Path
from ef21lab.runs.spec import RunSpec
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store

lab = Lab(Store(Path(sys.argv[1])), DaskEngine.embedded(2))
lab.submit(RunSpec.make(json.loads(sys.argv[2])), "ann")
threading.Event().wait()
"""


def main() -> None:
    chance = random.Random(0)
    print(f"{KILLS} kills each: seconds until the run goes on   target {BOUND:g} at most\n")
    for victim, strike in (("worker", _workers), ("engine", _engines)):
        with tempfile.TemporaryDirectory() as folder:
            times, same = _struck(Path(folder), strike, chance)
        _report(victim, times, same)
    with tempfile.TemporaryDirectory() as folder:
        _report("server", *_servers(Path(folder), chance))


def _spec(seed: int) -> RunSpec:
    """A minute of computing, if nothing happens."""
    return RunSpec.make({"partition": {"name": "contiguous", "nodes": 4}, "rounds": 20_000, "start": {"name": "normal", "seed": seed}})


def _report(victim: str, times: Sequence[float], same: bool) -> None:
    print(
        f"{victim:<10} median {statistics.median(times):5.2f}   worst {max(times):5.2f}   bit-identical: {'yes' if same else 'NO'}",
        flush=True,
    )


def _struck(folder: Path, strike: Callable[[random.Random], None], chance: random.Random) -> tuple[list[float], bool]:
    engine, run, times = DaskEngine.embedded(2), _spec(1), []
    lab = Lab(Store(folder / "runs.db"), engine)
    lab.submit(run, "ann")
    until(lambda: _round(lab, run) >= 0)
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.0, 1.5))
        if _state(lab, run) == "done":
            run = _spec(chance.randrange(2**31))
            lab.submit(run, "ann")
            until(lambda run=run: _round(lab, run) >= 0)
        strike(chance)
        struck, reached = time.monotonic(), _round(lab, run)
        until(lambda run=run, reached=reached: _round(lab, run) > reached or _state(lab, run) == "done")
        until(lambda: engine.missing == 0)
        times.append(time.monotonic() - struck)
    until(lambda: _state(lab, run) == "done", 10 * PATIENCE)
    same = _is_the_run(lab.trace(run.key), run)
    lab.close()
    return times, same


def _servers(folder: Path, chance: random.Random) -> tuple[list[float], bool]:
    path, run, times = folder / "runs.db", _spec(2), []
    for _ in range(KILLS):
        began, reached = time.monotonic(), _stored(path, run)
        server = subprocess.Popen([sys.executable, "-c", SERVER, str(path), json.dumps(run.json())])
        until(lambda reached=reached: _stored(path, run) > reached)
        times.append(time.monotonic() - began)
        time.sleep(chance.uniform(0.0, 0.5))
        server.kill()
        server.wait()
    lab = Lab(Store(path), DaskEngine.embedded(2))
    lab.submit(run, "ann")
    until(lambda: _state(lab, run) == "done", 10 * PATIENCE)
    same = _is_the_run(lab.trace(run.key), run)
    lab.close()
    return times, same


def _workers(chance: random.Random) -> None:
    """One of them, also one that is still starting; now and then all."""
    workers = _processes("ef21lab.jobs.worker")
    for worker in workers if chance.random() < 0.25 else chance.sample(workers, min(1, len(workers))):
        worker.kill()


def _engines(chance: random.Random) -> None:
    for engine in _processes("engine"):
        engine.kill()


def _processes(word: str) -> list[psutil.Process]:
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            if word in child.cmdline():
                found.append(child)
        except psutil.Error:  # it has ended
            continue
    return found


def _round(lab: Lab, run: RunSpec) -> int:
    status = lab.status(run.key)
    return -1 if status is None else status.round


def _state(lab: Lab, run: RunSpec) -> str:
    status = lab.status(run.key)
    return "" if status is None else status.state


def _stored(path: Path, run: RunSpec) -> int:
    """The last round that another process has written; −1 before there is one."""
    if not path.exists():
        return -1
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            row = connection.execute("SELECT round FROM runs WHERE key = ?", (run.key,)).fetchone()
    except sqlite3.Error:
        return -1
    return -1 if row is None else int(row[0])


def _is_the_run(trace: Trace, run: RunSpec) -> bool:
    with threadpool_limits(1):
        expected = experiment.run(run)
    return all(np.array_equal(trace[name], column, equal_nan=True) for name, column in expected.columns.items() if name != "seconds")


if __name__ == "__main__":
    main()
