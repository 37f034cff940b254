"""A lab of its own for a benchmark: `streamlit run app.py` with an empty record, on a free port, and what its processes use."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil

from ef21lab.cli.ports import free_port

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0  # seconds for the server to answer


class Lab(NamedTuple):
    """A server that answers."""

    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def family(self) -> list[psutil.Process]:
        """The server, its engine and the workers."""
        return [self.process, *self.process.children(recursive=True)]


@contextlib.contextmanager
def opened(workers: int | None = None, *options: str, ahead: bool = False, app: str = "app.py") -> Iterator[Lab]:
    """A lab with an empty record and so many workers (one per core unless told); `options` are those of `streamlit run`.

    Only with `ahead` it computes its first screen unasked. Another `app` is served in the lab's place, as the lab is.
    """
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", app, "--server.port", str(port), "--server.headless", "true", *options]
    with tempfile.TemporaryDirectory() as home:
        unasked = "on" if ahead else "off"
        environment = {
            **os.environ,
            "EF21LAB_HOME": home,
            "EF21LAB_AHEAD": unasked,
            **({"EF21LAB_WORKERS": str(workers)} if workers else {}),
        }
        quiet = subprocess.DEVNULL
        server = subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet, env=environment)
        try:
            lab = Lab(port, psutil.Process(server.pid))
            _wait_for(f"{lab.url}/_stcore/health")
            yield lab
        finally:
            server.terminate()
            server.wait(PATIENCE)


def until(claim: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until what is claimed holds. Raises TimeoutError where it never does."""
    ends = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > ends:
            raise TimeoutError(f"nothing came of it in {seconds:.0f} s")
        time.sleep(0.01)


def busy(process: psutil.Process) -> float:
    """Seconds of a core that it has used."""
    times = process.cpu_times()
    return times.user + times.system


def _wait_for(url: str) -> None:
    """Until the server answers there."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.02)
    raise TimeoutError(url)
