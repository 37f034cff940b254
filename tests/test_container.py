"""The container: what can be held without an engine for containers. Its files are there, its commands are those that serve and compute."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit import config

from ef21lab.cli.ports import free_port
from ef21lab.jobs.dask import DaskEngine
from ef21lab.jobs.lab import Lab
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.store import Store
from ef21lab.runs.spec import RunSpec
from tests.jobs.conftest import until

ROOT = Path(__file__).parents[1]
STEPS = re.findall(r"^([A-Z]+) ((?:.*\\\n)*.*)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def step(name: str) -> str:
    return next(words.replace("\\\n", " ") for each, words in STEPS if each == name)


def test_what_is_copied_is_there_and_what_is_left_out_is_not_needed() -> None:
    copied = [part for name, words in STEPS if name == "COPY" for part in shlex.split(words)[:-1] if not part.startswith("--")]
    assert copied
    assert all((ROOT / part).exists() for part in copied)
    left_out = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "tests"} <= set(left_out)
    assert not {"app.py", "pages", "ef21lab", ".streamlit", "requirements.txt"} & set(left_out)


def test_it_serves_what_a_checkout_serves_on_the_port_that_is_open_and_asked_for_its_health() -> None:
    streamlit, run, app, *options = yaml.safe_load(step("CMD"))
    assert (streamlit, run) == ("streamlit", "run")
    assert (ROOT / app).is_file()
    known = config.get_config_options()
    assert {option.removeprefix("--") for option in options if option.startswith("--")} <= set(known)
    port = str(known["server.port"].default_val)
    assert step("EXPOSE") == port
    assert f"http://127.0.0.1:{port}/_stcore/health" in step("HEALTHCHECK")
    assert all(each.endswith(f":{port}") for each in SERVICES["lab"]["ports"])


def test_nobody_in_it_is_root_and_what_it_keeps_is_on_a_volume() -> None:
    names = [name for name, _ in STEPS]
    assert step("USER") not in ("root", "0")
    assert names.index("USER") < names.index("CMD")
    home = re.search(r"EF21LAB_HOME=(\S+)", (ROOT / "Dockerfile").read_text())
    assert home is not None
    assert home[1] == step("VOLUME")
    for name in ("lab", "worker"):  # a worker reads the tables that people bring
        (volume,) = SERVICES[name]["volumes"]
        assert volume.split(":") == ["records", home[1]]
    assert set(COMPOSE["volumes"]) == {"records"}


def test_every_variable_that_is_passed_on_is_one_that_somebody_reads() -> None:
    source = "".join(path.read_text() for path in (ROOT / "ef21lab").rglob("*.py"))
    for service in SERVICES.values():
        assert all(f'"{name}"' in source for name in service.get("environment", {}) if name.startswith("EF21LAB_"))


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of the engine and the worker of compose.yaml, on this machine."""
    address = f"tcp://127.0.0.1:{free_port()}"
    with ExitStack() as ends:
        for name in ("engine", "worker"):
            dask, *rest = SERVICES[name]["command"]
            words = " ".join(rest).replace("0.0.0.0", "127.0.0.1").replace("8786", address.rpartition(":")[2])
            command = [sys.executable, "-m", dask, *words.replace("tcp://engine", "tcp://127.0.0.1").split()]
            environment = {**os.environ, **SERVICES[name].get("environment", {}), "PYTHONPATH": str(ROOT)}
            process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ends.callback(process.wait)
            ends.callback(process.kill)
        yield address


@pytest.mark.engine
def test_its_engine_and_its_worker_compute_for_a_lab_beside_them(cluster: str, tmp_path: Path) -> None:
    spec = RunSpec.make({"dataset": "breast_cancer", "rounds": 5})
    lab = Lab(Store(tmp_path / "runs.db"), DaskEngine.at(cluster), Limits())
    lab.start()
    try:
        until(lambda: lab.engine.alive)
        lab.submit(spec, "student")
        until(lambda: (known := lab.status(spec.key)) is not None and known.state == "done")
        assert lab.trace(spec.key)["round"][-1] == 5
    finally:
        lab.close()
