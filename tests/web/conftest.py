"""A plain source of runs for the live view: an experiment in a thread, or rows that a test adds by hand; a server and a browser."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from ef21lab import web
from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.text import Refusal, Text
from ef21lab.problems.base import NO_NETWORK, Coordinate
from ef21lab.problems.minimum import minimum
from ef21lab.runs.coordinates import coordinates
from ef21lab.runs.experiment import start_run
from ef21lab.runs.guarantees import Guarantees, guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.record import Record
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace, trace_of
from tests.browsers import PATIENCE
from tests.web.view import ARGUMENTS, CHROMIUM, LIGHT, PAGE, View


@dataclass
class Status:
    state: str
    round: int
    rounds: int
    reason: Text | None = None
    wanted: int = 0


@dataclass
class Entry:
    spec: RunSpec
    state: str = "queued"
    reason: Text | None = None
    wanted: int = 0
    records: list[Record] = field(default_factory=list)
    version: int = 1


class MemorySource:
    """Runs in this process."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.callbacks: list[Callable[[str], None]] = []
        self.reads = self.points_read = 0
        self.points: dict[str, np.ndarray] = {}
        self.networks: dict[str, bytes] = {}
        self.computed: set[str] = set()
        self.stopped = False
        self._lock = threading.Lock()

    def add(self, spec: object) -> str:
        made = RunSpec.make(spec)
        self.entries[made.key] = Entry(made)
        return made.key

    def change(
        self, key: str, records: list[Record] | None = None, state: str | None = None, reason: Text | None = None, wanted: int = 0
    ) -> None:
        with self._lock:
            entry = self.entries[key]
            entry.records += records or []
            entry.state, entry.reason, entry.wanted = state or entry.state, reason or entry.reason, wanted
            entry.version += 1
        for callback in self.callbacks:
            callback(key)

    def start(self, spec: object, watched: bool = False) -> str:
        """Compute the run in a thread; one that is watched goes on only when every tenth of its records has been read."""
        key = self.add(spec)
        self.computed.add(key)
        threading.Thread(target=self._compute, args=(key, watched), daemon=True).start()
        return key

    def _compute(self, key: str, watched: bool) -> None:
        self.change(key, state="running")
        for record in start_run(self.entries[key].spec):
            read = self.reads
            self.change(key, [record])
            while watched and record.round % 10 == 0 and self.reads == read and not self.stopped:
                time.sleep(0.005)
            if self.stopped:
                return
        self.change(key, state="done")

    def status(self, key: str) -> Status | None:
        entry = self.entries.get(key)
        if entry is None:
            return None
        return Status(entry.state, entry.records[-1].round if entry.records else -1, entry.spec.rounds, entry.reason, entry.wanted)

    def trace(self, key: str, after: int = -1) -> Trace:
        self.reads += 1
        with self._lock:
            return trace_of(record for record in self.entries[key].records if record.round > after)

    def snapshot(self, key: str, round: int) -> Snapshot | None:
        return next((record.snapshot for record in self.entries[key].records if record.round == round), None)

    def snapshot_again(self, key: str, round: int, node: int) -> Snapshot:
        """Only what was computed here can be computed again."""
        if key not in self.computed:
            raise Refusal(Text("these rows are made up", "эти строки придуманы"))
        optimization = start_run(self.entries[key].spec)
        next(record for record in optimization if record.round == round)
        return optimization.snapshot(node)

    def snapshot_rounds(self, key: str) -> list[int]:
        with self._lock:
            return [record.round for record in self.entries[key].records if record.snapshot is not None]

    def point(self, key: str) -> np.ndarray | None:
        """A run that was computed here has an x; rows that are made up have none but what a test gives them."""
        self.points_read += 1
        return self.points.get(key)

    def network(self, key: str) -> bytes | None:
        """Made-up rows train no network, but for those that a test gives one."""
        if key not in self.networks:
            raise Refusal(NO_NETWORK)
        return self.networks[key]

    def coordinates(self, key: str) -> tuple[Coordinate, ...]:
        return coordinates(self.entries[key].spec)

    def spec(self, key: str) -> RunSpec:
        return self.entries[key].spec

    def guarantees(self, key: str) -> Guarantees:
        spec = self.entries[key].spec
        problem = problem_of(spec)
        found = None if problem.facts.mu is None else minimum(problem)
        return guarantees(plan(spec, problem.facts), found)

    def version(self, key: str) -> object:
        entry = self.entries.get(key)
        return None if entry is None else entry.version

    def subscribe(self, callback: Callable[[str], None]) -> None:
        self.callbacks.append(callback)


def rows(first: int, last: int, nodes: int = 3, d: int = 6) -> list[Record]:
    """Records of rounds first..last with numbers that tell them apart; every fifth has a snapshot."""
    return [row(round, nodes, d) for round in range(first, last + 1)]


def row(round: int, nodes: int, d: int) -> Record:
    scale = np.array([1.0 / (round + 1)])
    contraction = np.linspace(0.0, 1.0, nodes)[None, :] * (1.0 if round % 2 else 0.25)
    wanted = np.arange(nodes * d, dtype=np.float32).reshape(nodes, d) + round
    shot = Snapshot(np.arange(nodes), wanted, wanted * np.float32(0.5)) if round % 5 == 0 else None
    bill = np.array([32.0 * (round + 1)])
    return Record(round, scale + 3, scale, scale / 2, bill, bill / 32, bill, contraction, round / 100, scale, shot)


def added(source, first, last, state="running", rounds=200):
    """A run with records of rounds first..last, each of 4 nodes and 12 numbers."""
    key = source.add({"rounds": rounds})
    source.change(key, rows(first, last, nodes=4, d=12), state)
    return key


@contextlib.contextmanager
def served(app: Any) -> Iterator[str]:
    """An application on a free port of loopback; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(PATIENCE / 1000)


@pytest.fixture
def serve() -> Iterator[Callable[[list[Route]], str]]:
    """A server of some routes on loopback for the length of the test; gives its address."""
    with contextlib.ExitStack() as servers:
        yield lambda routes: servers.enter_context(served(Starlette(routes=routes)))


@pytest.fixture
def source() -> Iterator[MemorySource]:
    made = MemorySource()
    yield made
    made.stopped = True


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    if not CHROMIUM.exists() and os.environ.get("EF21LAB_BROWSER") != "required":
        pytest.skip(f"needs a browser: {CHROMIUM} is not there")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


class Stage:
    """A server of what the present test has put on it, and a browser's window for all tests: files that never change come once."""

    def __init__(self, browser: Any) -> None:
        self.window = browser.new_context()
        self.app: Any = Starlette()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def stage(chromium: Any) -> Iterator[tuple[Stage, str]]:
    made = Stage(chromium)
    with served(made) as address:
        yield made, address
    made.window.close()


@pytest.fixture
def open_view(stage: tuple[Stage, str], source: MemorySource) -> Iterator[Callable[..., View]]:
    shown, address = stage
    api, opened = web.routes(source), []

    def begin(data: Any, theme: Mapping[str, str] = LIGHT, **size: int) -> View:
        style = " ".join(f"--st-{name}{'' if name == 'primary-color' else '-color'}: {value};" for name, value in theme.items())
        document = PAGE.format(theme=style, loader=json.dumps(web.loader()), data=json.dumps(data))
        shown.app = Starlette(routes=[*api, Route("/", lambda request: HTMLResponse(document))])
        opened.append(View(shown.window, address, **size))
        return opened[-1]

    yield begin
    for view in opened:
        view.page.close()
    assert [complaint for view in opened for complaint in view.complaints] == []
