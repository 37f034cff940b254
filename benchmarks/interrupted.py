"""A sweep of the lab that is struck twenty times at random: a worker, the engine or the server is killed. Is it the undisturbed sweep?

    python -m benchmarks interrupted

Steps and starts of three operators, as lanes. A kill is SIGKILL; a server that is killed is begun again on the same record. At the end
every run is compared with itself undisturbed, bit for bit. That nothing was computed twice that had been recorded is told by `seconds`:
no two computations of a round take equally long, so what the record held when the server was killed it must hold to the last bit at
the end.
"""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from threadpoolctl import threadpool_limits

from benchmarks._lab import until
from ef21lab.jobs.store import Store
from ef21lab.runs.lanes import run_many
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

KILLS = 20
PATIENCE = 240.0  # seconds
VICTIMS = {"worker": "ef21lab.jobs.worker", "engine": "ef21lab engine", "server": ""}  # by a part of their command

SERVER = """
import json, sys, threading
from pathlib import Path
from ef21lab.runs.spec import RunSpec
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store

lab = Lab(Store(Path(sys.argv[1])), DaskEngine.embedded(2))
lab.submit_many([RunSpec.make(one) for one in json.load(sys.stdin)], "ann")
threading.Event().wait()
"""


@dataclass
class Report:
    """What became of a sweep that was struck."""

    strikes: Counter[str] = field(default_factory=Counter)  # by victim
    strange: list[str] = field(default_factory=list)  # runs with other numbers than undisturbed
    lost: list[str] = field(default_factory=list)  # runs whose rounds are not 0, 1, …, each once
    again: list[str] = field(default_factory=list)  # runs of which a recorded round was computed again
    kept: int = 0  # recorded rounds that outlived a strike

    @property
    def good(self) -> bool:
        return not (self.strange or self.lost or self.again)


def main() -> None:
    specs = sweep(rounds=2000, multiples=8, starts=2)
    chance = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        report = struck(Path(folder) / "runs.db", specs, [chance.choice(list(VICTIMS)) for _ in range(KILLS)], chance)
    told = ", ".join(f"{count} × {victim}" for victim, count in report.strikes.items())
    print(f"{len(specs)} runs, {report.strikes.total()} kills ({told}) in {time.monotonic() - began:.0f} s")
    print(f"numbers of the undisturbed sweep: {'yes' if not report.strange else report.strange}")
    print(f"every round once:                 {'yes' if not report.lost else report.lost}")
    print(f"{report.kept} rounds that were recorded at a strike computed again: {'none' if not report.again else report.again}")


def sweep(rounds: int, multiples: int, starts: int) -> list[RunSpec]:
    """Three operators at so many steps from so many starts."""
    return [
        RunSpec.make(
            {
                "partition": {"name": "contiguous", "nodes": 4},
                "compressor": compressor,
                "step": {"rule": "theory", "multiple": float(2**power)},
                "start": {"name": "normal", "seed": start},
                "rounds": rounds,
            }
        )
        for compressor in ({"name": "top_k", "k": 4}, {"name": "rand_k", "k": 20}, {"name": "st_hosvd", "ranks": 1})
        for power in range(multiples)
        for start in range(starts)
    ]


def struck(path: Path, specs: Sequence[RunSpec], victims: Sequence[str], chance: random.Random) -> Report:
    """Have these runs computed by a lab whose processes are killed one after another, each while the sweep goes on."""
    report, recorded, server = Report(), dict[str, np.ndarray](), _begun(path, specs)
    try:
        for victim in victims:
            before = _rounds(path)
            until(lambda before=before: _rounds(path) > before or _is_done(path, specs), PATIENCE)
            time.sleep(chance.uniform(0.0, 0.5))
            if _is_done(path, specs):
                break
            report.strikes[victim] += 1
            if victim == "server":
                server = _begun_again(server, path, specs, report, recorded)
            else:
                _strike(server, victim)
        until(lambda: _is_done(path, specs), PATIENCE)
    finally:
        _end(server)
    _compare(report, specs, _traces(path, specs), recorded)
    return report


def _begun_again(
    server: subprocess.Popen[bytes], path: Path, specs: Sequence[RunSpec], report: Report, recorded: dict[str, np.ndarray]
) -> subprocess.Popen[bytes]:
    _end(server)
    recorded |= {key: trace["seconds"] for key, trace in _traces(path, specs).items()}
    report.kept = sum(map(len, recorded.values()))
    return _begun(path, specs)


def _compare(report: Report, specs: Sequence[RunSpec], found: Mapping[str, Trace], recorded: Mapping[str, np.ndarray]) -> None:
    with threadpool_limits(1):
        undisturbed = run_many(specs, snapshots=False)
    for spec, expected in zip(specs, undisturbed, strict=True):
        trace = found[spec.key]
        same = all(np.array_equal(trace[name], column, equal_nan=True) for name, column in expected.columns.items() if name != "seconds")
        if not (same and np.array_equal(trace.contraction, expected.contraction, equal_nan=True)):
            report.strange.append(spec.key)
        if not np.array_equal(trace["round"], np.arange(len(expected))):
            report.lost.append(spec.key)
        known = recorded.get(spec.key, np.empty(0))
        if not np.array_equal(trace["seconds"][: len(known)], known):
            report.again.append(spec.key)


def _begun(path: Path, specs: Sequence[RunSpec]) -> subprocess.Popen[bytes]:
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(path)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert server.stdin is not None  # a pipe
    server.stdin.write(json.dumps([spec.json() for spec in specs]).encode())
    server.stdin.close()
    return server


def _end(server: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(server.pid).children(recursive=True)
    server.kill()
    server.wait()
    psutil.wait_procs(family, timeout=PATIENCE)


def _strike(server: subprocess.Popen[bytes], victim: str) -> None:
    """Kill a process of this kind, once there is one: it may be starting again."""
    until(lambda: _kill_one(server, VICTIMS[victim]), PATIENCE)


def _kill_one(server: subprocess.Popen[bytes], command: str) -> bool:
    for child in psutil.Process(server.pid).children(recursive=True):
        try:
            if command in " ".join(child.cmdline()):
                child.kill()
                return True
        except psutil.Error:  # it has ended
            continue
    return False


def _rows(path: Path) -> list[tuple[str, str, int]]:
    """Key, state and last round of every run that another process has written."""
    if not path.exists():
        return []
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT key, state, round FROM runs").fetchall()
    except sqlite3.Error:  # not yet there, or being written
        return []


def _rounds(path: Path) -> int:
    return sum(round for _, _, round in _rows(path))


def _is_done(path: Path, specs: Sequence[RunSpec]) -> bool:
    done = {key for key, state, _ in _rows(path) if state == "done"}
    return {spec.key for spec in specs} <= done


def _traces(path: Path, specs: Sequence[RunSpec]) -> dict[str, Trace]:
    """What the record holds, while nobody has it open."""
    store = Store(path)
    try:
        return {spec.key: store.trace(spec.key) for spec in specs}
    finally:
        store.close()


if __name__ == "__main__":
    main()
