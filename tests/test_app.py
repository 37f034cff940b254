"""What `streamlit run app.py` serves, and that it ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from ef21lab.cli.ports import free_port
from ef21lab.jobs.errands import ABSENT
from ef21lab.jobs.store import Store
from ef21lab.runs.spec import RunSpec
from ef21lab.searches.search import prepared
from ef21lab.searches.through_lab import LabRace
from ef21lab.ui.kit.router import page_files
from tests.jobs.conftest import PATIENCE, until

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.engine


@pytest.fixture
def left_race(tmp_path: Path) -> LabRace:
    """A tab was closed with it while an earlier server ran."""
    race = LabRace(RunSpec.make({"dataset": "breast_cancer", "step": {"rule": "tuned", "octaves": 0}, "rounds": 1}), 1e9)
    folder = tmp_path / "runs.errands"
    folder.mkdir()
    (folder / race.name).write_bytes(zlib.compress(json.dumps({"kind": race.kind, "asked": race.json()}).encode()))
    os.utime(folder / race.name, (time.time() - 2 * ABSENT,) * 2)
    return race


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "EF21LAB_HOME": str(tmp_path)}, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(f"{url}/_stcore/health"))
        yield url, process
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=2):
        return True
    return False


def a_paused_run(home: Path) -> str:
    """A run in the record that nobody computes: its event stream stays open."""
    store, spec = Store(home / "runs.db"), RunSpec.make({"rounds": 9})
    store.enter(spec)
    store.close()
    return spec.key


def test_pages_and_routes_are_served_together(server: Any) -> None:
    url, _ = server
    with urllib.request.urlopen(url, timeout=PATIENCE) as page:
        assert "<title>" in page.read().decode()
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{url}/api/runs/nonsense", timeout=PATIENCE)
    assert refused.value.code == 400
    assert json.load(refused.value)["error"].keys() == {"en", "ru"}
    refused.value.close()


def test_it_listens_on_loopback_only(server: Any) -> None:
    _, process = server
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    heard = [link.laddr.ip for one in family for link in one.net_connections("tcp") if link.status == psutil.CONN_LISTEN]
    assert heard
    assert set(heard) == {"127.0.0.1"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_told_to_though_a_tab_is_open(server: Any, number: signal.Signals, tmp_path: Path) -> None:
    url, process = server
    key = a_paused_run(tmp_path)
    family = psutil.Process(process.pid).children(recursive=True)
    with urllib.request.urlopen(f"{url}/api/events?runs={key}", timeout=PATIENCE) as stream:
        assert stream.readline()
        process.send_signal(number)
        process.wait(PATIENCE)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert alive == []


def test_every_page_has_a_name_of_its_own_in_both_languages() -> None:
    pages = page_files()
    assert {page.path for page in pages} == set((ROOT / "pages").glob("*.py"))
    for titles in ([page.title.en for page in pages], [page.title.ru for page in pages]):
        assert all(titles)
        assert len(set(titles)) == len(titles)


def test_a_race_that_a_closed_tab_has_left_goes_on_when_the_server_is_started_anew(
    left_race: LabRace, server: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    first, *_ = prepared(left_race.spec, left_race.epsilon).specs

    def goes_on() -> bool:
        with sqlite3.connect(f"file:{tmp_path / 'runs.db'}?mode=ro", uri=True) as record:
            return record.execute("SELECT round FROM runs WHERE key = ? AND round >= 0", (first.key,)).fetchone() is not None

    until(goes_on)
