"""A lab that nobody uses: what share of a core do its server, engine and workers take together?"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
SETTLE, SECONDS = 15.0, 30.0
PATIENCE = 60.0  # seconds for the server to answer


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        server = _served(home)
        try:
            time.sleep(SETTLE)
            family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
            before = [_busy(member) for member in family]
            time.sleep(SECONDS)
            shares = [(_busy(member) - spent) / SECONDS for member, spent in zip(family, before, strict=True)]
            print(f"an idle lab over {SECONDS:g} s: {sum(shares):.2%} of a core in all   target 1 %\n")
            for member, share in zip(family, shares, strict=True):
                print(f"{' '.join(member.cmdline()[1:4]):<60}{share:>9.2%}{member.memory_info().rss / 2**20:>9.0f} MB")
        finally:
            server.terminate()
            server.wait()


def _served(home: str) -> subprocess.Popen[bytes]:
    """A server of its own that has answered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "EF21LAB_HOME": home}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1)
            return server
        except OSError:
            time.sleep(0.2)
    server.kill()
    raise TimeoutError("the server does not answer")


def _busy(process: psutil.Process) -> float:
    """Seconds of a core that it has used."""
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()
