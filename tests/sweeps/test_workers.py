"""Processes that compute: for scripts without a guard, for classes of the script; killed, interrupted, ended with who started them."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

import ef21lab as lab
from ef21lab.runs.spec import RunSpec
from ef21lab.sweeps import pool, workers
from ef21lab.sweeps.grid import cells
from ef21lab.sweeps.kept import Folder
from ef21lab.sweeps.work import Ended, outcomes

BASE = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 30}

SCRIPT = """
import ef21lab as lab
print("began")
found = lab.sweep({"dataset": "breast_cancer", "rounds": 20}, {"compressor": ["top_k", "sign"], "step.multiple": [1, 2]}, workers=2)
print([len(trace) for trace in found.traces])
"""

OWN_CLASS = """
import numpy as np
import ef21lab as lab
from dataclasses import dataclass
from ef21lab.compressors.top_k import TopK

@dataclass(frozen=True)
class Mine(TopK):
    name = "mine"

lab.FAMILIES["compressor"].members["mine"] = Mine
spec = lab.RunSpec.make({"dataset": "breast_cancer", "rounds": 20})
found = lab.sweep(spec, {"compressor": [Mine(2), "sign", "top_k"]}, workers=2)
print([type(spec.compressor).__name__ for spec in found.specs], [len(trace) for trace in found.traces], found.errors)
"""


def run(tmp_path, script):
    path = tmp_path / "script.py"
    path.write_text(script, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(Path(lab.__file__).parent.parent)}
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=120)


def test_a_script_needs_no_guard_and_runs_once(tmp_path):
    done = run(tmp_path, SCRIPT)
    assert (done.stdout, done.stderr) == ("began\n[21, 21, 21, 21]\n", "")


def test_a_compressor_of_the_script_itself_is_computed_there(tmp_path):
    done = run(tmp_path, OWN_CLASS)
    assert done.stdout == "['Mine', 'Sign', 'TopK'] [21, 21, 21] {}\n", done.stderr


def test_a_process_that_dies_loses_its_portion_and_no_other(monkeypatch):
    specs = [cell.spec for cell in cells(BASE, {"compressor": ["top_k", "sign", "natural", "rand_k"]})]
    monkeypatch.setattr(pool, "PROGRAM", pool.PROGRAM.replace("main()", "import os; os._exit(7)"))
    found = list(workers.computed(specs, 2, False))
    assert sorted(done.place for done in found) == [0, 1, 2, 3]
    assert all(done.outcome.trace is None and "exit code 7" in done.outcome.error for done in found)


def test_no_process_stays_behind(monkeypatch):
    specs = [cell.spec for cell in cells({**BASE, "rounds": 3000}, {"compressor": ["top_k", "sign", "natural", "rand_k"]})]
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    begun = workers.computed(specs, 2, False)
    next(begun)
    own = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert own
    begun.close()
    assert psutil.wait_procs(own, timeout=120)[1] == []


def test_one_that_is_being_begun_when_all_are_ended_does_not_stay_behind_either(monkeypatch):
    begins, begun, started = threading.Event(), [], pool._started

    def late():
        begins.set()
        time.sleep(0.3)  # and meanwhile all are ended
        begun.append(started())
        return begun[-1]

    monkeypatch.setattr(pool, "_started", late)
    one = pool.Pool(2)
    one.ask("?", pool.Question(time.sleep, (1000,)))
    assert begins.wait(120)
    one.close()
    one._own[0].join(120)
    assert [process.poll() for process in begun] == [-signal.SIGKILL]


def test_a_member_that_only_the_asker_knows_is_computed_by_the_asker():
    assert workers.answered([{"compressor": "of_the_asker"}], False) is None


def test_an_error_that_nobody_foresaw_is_told_in_its_words(monkeypatch):
    monkeypatch.setattr("ef21lab.sweeps.work.run_many", lambda specs, snapshots: 1 / 0)
    spec = RunSpec.make(BASE)
    assert outcomes([spec, spec], False) == [Ended(None, "ZeroDivisionError: division by zero", spec)] * 2


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interrupted_command_keeps_what_is_done_and_goes_on_from_there(tmp_path):
    (tmp_path / "sweep.json").write_text(
        '{"spec": {"dataset": "breast_cancer", "rounds": 2000}, "grid": {"compressor": ["top_k", "sign", "natural", "rand_k", "qsgd"]}}',
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "ef21lab", "sweep", str(tmp_path / "sweep.json"), "--out", str(tmp_path / "out"), "--workers", "2"]
    environment = {**os.environ, "PYTHONPATH": str(Path(lab.__file__).parent.parent)}
    begun = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True)
    kept = tmp_path / "out" / "traces"
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and not list(kept.glob("*.npz")):
        time.sleep(0.05)
    os.killpg(begun.pid, signal.SIGINT)  # as a terminal does
    begun.communicate(timeout=120)
    assert begun.returncode == 130
    there = {path: path.stat().st_mtime_ns for path in kept.glob("*.npz")}
    assert 0 < len(there) < 5
    assert not list(kept.glob("*.part"))
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=200)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'out' / 'runs.csv'}\n"), done.stderr
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert len(list(kept.glob("*.npz"))) == 5


def test_a_folder_gives_back_what_it_was_given_and_computes_a_damaged_file_again(tmp_path):
    spec = RunSpec.make(BASE)
    folder = Folder(tmp_path)
    assert folder.get(spec) is None
    [outcome] = outcomes([spec], False)
    folder.put(spec, outcome)
    back = folder.get(spec)
    assert back.ran == spec
    assert all((back.trace[name] == outcome.trace[name]).all() or name == "moved" for name in outcome.trace.columns)
    assert (tmp_path / f"{spec.key}.csv").read_text(encoding="utf-8") == outcome.trace.to_csv()
    file = tmp_path / f"{spec.key}.npz"
    whole = file.read_bytes()
    for damaged in (whole[:200], whole[:-30], whole[:100] + b"?" * 200 + whole[300:], b"", b"[]"):
        file.write_bytes(damaged)
        assert folder.get(spec) is None
