"""`run` with the nodes in processes: the same records, what went over the wire, and one line for whatever cannot be done."""

import importlib.util
import io
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

import ef21lab as lab
from ef21lab.cli import commands as cli

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "compressor": {"name": "qsgd"}, "rounds": 5}
ENGLISH = os.environ | {"LC_ALL": "C.UTF-8"}
WAITED = 120  # seconds, on a machine that is busy with something else
RUN = [sys.executable, "-m", "ef21lab", "run"]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "ef21lab", "run"]


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "spec.json"
    path.write_text(json.dumps(SMALL))
    return str(path)


def columns(csv):
    """The numbers of a CSV file but for the seconds, (records, columns)."""
    return np.loadtxt(io.StringIO(csv), delimiter=",", skiprows=1)[:, :-1]


@needs_torch
@pytest.mark.parametrize("command", [[*RUN, "--processes", "2"], TORCHRUN], ids=["--processes", "torchrun"])
def test_only_the_first_writes_and_it_writes_the_simulations_records(spec, tmp_path, command):
    done = subprocess.run([*command, spec, "--x", str(tmp_path / "x.npy")], env=ENGLISH, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    simulation = lab.run(SMALL)
    np.testing.assert_allclose(columns(done.stdout), columns(simulation.to_csv()), rtol=1e-12)
    np.testing.assert_allclose(np.load(tmp_path / "x.npy"), simulation.x, rtol=1e-9)
    words = done.stderr.splitlines()[-1]
    up, bits_up, down, bits_down = (
        int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", words.split(";")[1].replace("bits/8", ""))
    )
    assert words.startswith("2 processes; ")
    assert bits_up == round(simulation["bits_up"][-1] * 3 / 8)
    assert bits_up <= up < bits_up + 3 * 6  # each of 18 messages ends with its byte
    assert down == bits_down == simulation["bits_down"][-1] * 3 / 8


@needs_torch
def test_what_the_first_cannot_write_is_one_line_and_ends_them_all(spec):
    command = [*RUN, spec, "--processes", "2", "--csv", "/nowhere/out.csv"]
    done = subprocess.run(command, env=ENGLISH, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "cannot write /nowhere/out.csv: no such file or directory\n"


@needs_torch
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nobody_computes_on_for_one_who_is_gone(spec, tmp_path, number):
    command = [*RUN, spec, "--processes", "2", "--set", "rounds=1000000", "--csv", str(tmp_path / "out.csv")]
    going = subprocess.Popen(command, env=ENGLISH, stderr=subprocess.DEVNULL)
    others = []
    try:
        others = waited_for(lambda: len(found := psutil.Process(going.pid).children()) == 2 and found)
        waited_for(lambda: (tmp_path / "out.csv").exists() and (tmp_path / "out.csv").stat().st_size > 0)  # they compute
        going.send_signal(number)
        going.wait(WAITED)
        waited_for(lambda: not any(map(lives, others)))
    finally:
        for process in (going, *filter(lives, others)):
            process.kill()


def lives(process):
    try:
        return process.status() != psutil.STATUS_ZOMBIE  # it may be nobody's to bury
    except psutil.NoSuchProcess:
        return False


def waited_for(claim):
    """What is claimed, once it holds."""
    until = time.monotonic() + WAITED
    while not (found := claim()):
        assert time.monotonic() < until
        time.sleep(0.1)
    return found


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("0", "processes must be an integer in 1..3"),
        ("9" * 5000, "processes must be an integer in 1..3"),
        ("two", "run(processes='two')"),
        ("4", "processes must be an integer in 1..3"),
    ],
)
def test_a_number_that_cannot_be_is_refused_in_one_line(spec, capsys, monkeypatch, given, words):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert cli.main(["run", spec, "--processes", given]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_without_pytorch_the_words_say_what_to_install(spec, capsys, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert cli.main(["run", spec, "--processes", "2"]) == 2
    assert "pip install torch" in capsys.readouterr().err


@needs_torch
@pytest.mark.parametrize(("rank", "size"), [("5", "1"), ("1", "1"), ("0", "0"), ("-1", "2"), ("x", "2"), ("0", "9" * 5000)])
def test_a_rank_that_is_none_is_refused_at_once(spec, capsys, monkeypatch, rank, size):
    for name, value in {"RANK": rank, "WORLD_SIZE": size, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29512", "LC_ALL": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["run", spec]) == 2
    assert "do not name a process" in capsys.readouterr().err
