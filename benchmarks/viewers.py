"""Fifty viewers of running runs: is everyone served four times a second, and what does it cost the server?

The server is a process of its own, held to one core; the viewers read their streams from this one. Each watches three runs of eight.
The runs grow by 20 records a second and are not computed here: what is measured is the live view alone.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import psutil
import uvicorn
from starlette.applications import Starlette

from ef21lab import web
from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.text import Text
from ef21lab.runs.guarantees import Guarantees, guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.record import kept_names
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

VIEWERS = (10, 30, 50)
RUNS, WATCHED, NODES = 8, 3, 20
RECORDS_A_SECOND, ROUNDS = 20, 4000
SETTLE, SECONDS = 2.0, 10.0
SERVER_CORE = 0


class Standing(NamedTuple):
    """A run that goes on."""

    state: str
    round: int
    rounds: int
    reason: Text | None = None


class Growing:
    """Runs that grow with the clock."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        rounds = np.arange(ROUNDS)
        self.columns = {name: np.exp(-rounds / 500) * rng.uniform(0.9, 1.1, ROUNDS) for name in kept_names()} | {"round": rounds}
        self.contraction = rng.uniform(0.5, 1.0, (ROUNDS, NODES))
        self.keys = [f"{number:024x}" for number in range(RUNS)]
        self.begun = time.monotonic()

    def head(self) -> int:
        return min(ROUNDS - 1, int((time.monotonic() - self.begun) * RECORDS_A_SECOND))

    def status(self, key: str) -> Standing | None:
        return Standing("running", self.head(), ROUNDS) if key in self.keys else None

    def trace(self, key: str, after: int = -1) -> Trace:
        rows = slice(after + 1, self.head() + 1)
        return Trace({name: column[rows] for name, column in self.columns.items()}, self.contraction[rows])

    def snapshot(self, key: str, round: int) -> Snapshot | None:
        return None

    def snapshot_rounds(self, key: str) -> list[int]:
        return list(range(0, self.head(), 100))

    def spec(self, key: str) -> RunSpec:
        return RunSpec.make({})

    def guarantees(self, key: str) -> Guarantees:
        spec = self.spec(key)
        facts = problem_of(spec).facts
        return guarantees(plan(spec, facts))

    def version(self, key: str) -> object:
        return self.head()

    def subscribe(self, callback: Callable[[str], None]) -> None:
        threading.Thread(target=self._announce, args=(callback,), daemon=True).start()

    def _announce(self, callback: Callable[[str], None]) -> None:
        while True:
            time.sleep(1 / RECORDS_A_SECOND)
            for key in self.keys:
                callback(key)


class Measured(NamedTuple):
    """What some viewers got, and what it cost."""

    viewers: int
    slowest: float  # updates a second of a run, of the viewer served worst
    median: float
    kilobytes: float  # a second and viewer
    cpu: float  # of the server's core


def main() -> None:
    """Print the table."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    server = multiprocessing.get_context("fork").Process(target=serve, args=(listening,), daemon=True)
    server.start()
    port = listening.getsockname()[1]
    listening.close()
    os.sched_setaffinity(0, os.sched_getaffinity(0) - {SERVER_CORE} or {SERVER_CORE})
    print(f"{WATCHED} of {RUNS} running runs each, {RECORDS_A_SECOND} records a second, {NODES} nodes; server on one core")
    print(f"{'viewers':>8} {'updates/s, worst':>17} {'median':>7} {'kB/s each':>10} {'CPU of the core':>16} {'ms per viewer and s':>21}")
    for viewers in VIEWERS:
        got = asyncio.run(measure(viewers, port, psutil.Process(server.pid)))
        each = 1000 * got.cpu / got.viewers
        print(f"{got.viewers:8} {got.slowest:17.2f} {got.median:7.2f} {got.kilobytes:10.1f} {got.cpu:15.1%} {each:20.2f}", flush=True)
    server.terminate()
    server.join()


def serve(listening: socket.socket) -> None:
    """The server process."""
    os.sched_setaffinity(0, {SERVER_CORE})
    config = uvicorn.Config(Starlette(routes=web.routes(Growing())), log_level="warning")
    uvicorn.Server(config).run(sockets=[listening])


async def measure(viewers: int, port: int, server: psutil.Process) -> Measured:
    """Let so many viewers read for a while; count after they have settled."""
    readers = [Reader(number, port) for number in range(viewers)]
    tasks = [asyncio.create_task(reader.read()) for reader in readers]
    await asyncio.sleep(SETTLE)
    for reader in readers:
        reader.clear()
    begun, used = time.monotonic(), cpu_seconds(server)
    await asyncio.sleep(SECONDS)
    elapsed, used = time.monotonic() - begun, cpu_seconds(server) - used
    rates = [reader.updates[key] / elapsed for reader in readers for key in reader.keys]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    kilobytes = statistics.mean(reader.bytes for reader in readers) / 1000 / elapsed
    return Measured(viewers, min(rates), statistics.median(rates), kilobytes, used / elapsed)


class Reader:
    """One viewer: counts the updates of each of its runs."""

    def __init__(self, number: int, port: int) -> None:
        self.port = port
        self.keys = [f"{(number + step) % RUNS:024x}" for step in range(WATCHED)]
        self.clear()

    def clear(self) -> None:
        self.updates: Counter[str] = Counter()
        self.bytes = 0

    async def read(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        try:
            writer.write(f"GET /api/events?runs={','.join(self.keys)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            while line := await reader.readline():
                self.bytes += len(line)
                if line.startswith(b'data: {"key":"'):
                    self.updates[line[14:38].decode()] += 1
        finally:
            writer.close()


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()
