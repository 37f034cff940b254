"""A sweep and a race of the lab that are struck twenty times at random: a worker, the engine or the server is killed. Are they undisturbed?

    python -m benchmarks interrupted

Steps and starts of three operators, as lanes; and all operators racing to ε, left alone by the page that began it. A kill is SIGKILL; a
server that is killed is begun again on the same record. At the end every run is compared with itself undisturbed, bit for bit, and the
race with the search of the library. That nothing was computed twice that had been recorded is told by `seconds`: no two computations of a
round take equally long, so what the record held when the server was killed it must hold to the last bit at the end.
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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from threadpoolctl import threadpool_limits

from benchmarks._lab import until
from ef21lab.choices.fields import Json
from ef21lab.jobs.store import Store
from ef21lab.runs.lanes import run_many
from ef21lab.runs.repeats import repeated
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.searches.progress import InMemory
from ef21lab.searches.search import at, prepared, search, searching
from ef21lab.searches.through_lab import LabRace

KILLS = 20
PATIENCE = 240.0  # seconds
VICTIMS = {"worker": "ef21lab.jobs.worker", "engine": "ef21lab engine", "server": ""}  # by a part of their command

BEGIN = """
import json, sys, threading, time
from pathlib import Path
from ef21lab.runs.spec import RunSpec
from ef21lab.jobs import errands
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.store import Store
from ef21lab.searches.through_lab import LabRace

lab, asked = Lab(Store(Path(sys.argv[1])), DaskEngine.embedded(2)), json.load(sys.stdin)
"""
SWEEP = """
lab.engine.start()
while not lab.engine.alive:  # what is asked too early is refused
    time.sleep(0.05)
lab.submit_many([RunSpec.make(one) for one in asked], "ann")
threading.Event().wait()
"""
RACE = """
errands.ABSENT = 0.0
lab.errands.knows(LabRace.kind, LabRace.of)
if not Path(sys.argv[1]).with_suffix(".errands").exists():
    race = LabRace.of(asked)
    lab.errands.tend(race.name, race)
lab.start()
threading.Event().wait()
"""


class Asked(NamedTuple):
    """What the lab is asked for."""

    program: str  # of a server that is told of it
    document: Json
    specs: Sequence[RunSpec]  # the runs that may come of it
    is_done: Callable[[Path], bool]  # by its record
    undisturbed: Callable[[], Mapping[str, Trace]]  # by key, computed here
    whole: bool = True  # whether every run goes to its end
    came_to_the_same: Callable[[Path], bool] = lambda path: True  # by its record, besides the numbers of the runs


@dataclass
class Report:
    """What became of a sweep that was struck."""

    strikes: Counter[str] = field(default_factory=Counter)  # by victim
    strange: list[str] = field(default_factory=list)  # runs with other numbers than undisturbed
    lost: list[str] = field(default_factory=list)  # runs whose rounds are not 0, 1, …, each once
    again: list[str] = field(default_factory=list)  # runs of which a recorded round was computed again
    outcome: bool = True  # whether a race came to what the undisturbed one comes to
    kept: int = 0  # recorded rounds that outlived a strike

    @property
    def good(self) -> bool:
        return self.outcome and not (self.strange or self.lost or self.again)


def main() -> None:
    for name, asked in (("sweep", of_sweep(sweep(rounds=2000, multiples=8, starts=2))), ("race", of_race(race(rounds=2000, octaves=2)))):
        chance = random.Random(0)
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            report = struck(Path(folder) / "runs.db", asked, [chance.choice(list(VICTIMS)) for _ in range(KILLS)], chance)
        told = ", ".join(f"{count} × {victim}" for victim, count in report.strikes.items())
        print(f"{name}: {len(asked.specs)} runs, {report.strikes.total()} kills ({told}) in {time.monotonic() - began:.0f} s")
        print(f"  numbers of the undisturbed {name}: {'yes' if not report.strange and report.outcome else report.strange or 'NO'}")
        print(f"  every round once: {'yes' if not report.lost else report.lost}")
        print(f"  of {report.kept} rounds recorded at a strike computed again: {'none' if not report.again else report.again}", flush=True)


def of_sweep(specs: Sequence[RunSpec]) -> Asked:
    """All of these runs."""
    keys = [spec.key for spec in specs]
    return Asked(
        BEGIN + SWEEP,
        [spec.json() for spec in specs],
        specs,
        lambda path: {*keys} <= _done(path),
        lambda: dict(zip(keys, run_many(specs, snapshots=False), strict=True)),
    )


def of_race(asked: LabRace) -> Asked:
    """A race that nobody watches."""
    begun, known = prepared(asked.spec, asked.epsilon), InMemory()
    specs = [repeated(spec, start) for start in range(begun.starts) for spec in begun.specs]

    def undisturbed() -> Mapping[str, Trace]:
        *_, _ = searching(begun, known)
        return {spec.key: known.look(spec).trace for spec in specs}

    def came_to_the_same(path: Path) -> bool:
        found, expected = search(asked.spec, asked.epsilon, store=path.parent), at(begun, known)
        return (found.computed, found.race, found.final) == (0, expected.race, expected.final)

    return Asked(BEGIN + RACE, asked.json(), specs, _is_forgotten, undisturbed, False, came_to_the_same)


def race(rounds: int, octaves: int) -> LabRace:
    """All operators on a small problem."""
    problem = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}}
    return LabRace(RunSpec.make({**problem, "step": {"rule": "tuned", "octaves": octaves}, "rounds": rounds}), 1e-4)


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


def struck(path: Path, asked: Asked, victims: Sequence[str], chance: random.Random) -> Report:
    """Have these runs computed by a lab whose processes are killed one after another, each while the sweep goes on."""
    report, recorded, server = Report(), dict[str, np.ndarray](), _begun(path, asked)
    try:
        for victim in victims:
            before = _rounds(path)
            until(lambda before=before: _rounds(path) > before or asked.is_done(path), PATIENCE)
            time.sleep(chance.uniform(0.0, 0.5))
            if asked.is_done(path):
                break
            report.strikes[victim] += 1
            if victim == "server":
                server = _begun_again(server, path, asked, report, recorded)
            else:
                _strike(server, victim)
        until(lambda: asked.is_done(path), PATIENCE)
    finally:
        _end(server)
    _compare(report, asked, path, recorded)
    return report


def _begun_again(
    server: subprocess.Popen[bytes], path: Path, asked: Asked, report: Report, recorded: dict[str, np.ndarray]
) -> subprocess.Popen[bytes]:
    _end(server)
    recorded |= {key: trace["seconds"] for key, trace in _traces(path, asked.specs).items()}
    report.kept = sum(map(len, recorded.values()))
    return _begun(path, asked)


def _compare(report: Report, asked: Asked, path: Path, recorded: Mapping[str, np.ndarray]) -> None:
    found = _traces(path, asked.specs)
    with threadpool_limits(1):
        undisturbed = asked.undisturbed()
    for key, expected in undisturbed.items():
        trace, known = found[key], recorded.get(key, np.empty(0))
        if not _agree(trace, expected):
            report.strange.append(key)
        if not np.array_equal(trace["round"], np.arange(len(expected) if asked.whole else len(trace))):
            report.lost.append(key)
        if not np.array_equal(trace["seconds"][: len(known)], known):
            report.again.append(key)
    report.outcome = asked.came_to_the_same(path)


def _agree(one: Trace, other: Trace) -> bool:
    """Bit for bit as far as both go, but for the seconds that it took."""
    both = min(len(one), len(other))
    columns = [(one[name], other[name]) for name in other.columns if name != "seconds"]
    return all(
        np.array_equal(mine[:both], theirs[:both], equal_nan=True) for mine, theirs in [*columns, (one.contraction, other.contraction)]
    )


def _begun(path: Path, asked: Asked) -> subprocess.Popen[bytes]:
    server = subprocess.Popen([sys.executable, "-c", asked.program, str(path)], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert server.stdin is not None  # a pipe
    server.stdin.write(json.dumps(asked.document).encode())
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


def _done(path: Path) -> set[str]:
    return {key for key, state, _ in _rows(path) if state == "done"}


def _is_forgotten(path: Path) -> bool:
    """Whether the lab has no errand any more."""
    folder = path.with_suffix(".errands")
    return folder.exists() and not list(folder.iterdir())


def _traces(path: Path, specs: Sequence[RunSpec]) -> dict[str, Trace]:
    """What the record holds, while nobody has it open."""
    store = Store(path)
    try:
        return {spec.key: store.trace(spec.key) for spec in specs}
    finally:
        store.close()


if __name__ == "__main__":
    main()
