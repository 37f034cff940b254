"""A lab of one's own, a server, a browser, and a visit: one tab with what it says and asks for."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from streamlit.components.v2 import manifest_scanner

from ef21lab.cli.ports import free_port
from ef21lab.jobs.clusters import COMMAND
from ef21lab.jobs.lab import Lab, the_lab
from tests.browsers import PATIENCE, at_leisure, at_rest
from tests.jobs.conftest import is_worker

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--no-first-run"]
LIMITS = {"ROUNDS": "300000", "SECONDS": "3000", "STORED_FLOATS": "40000000"}  # a run that outlasts any test

# The curves of the chart that belong to its present runs, as {label: points}; superseded ones are faded.
CURVES = """() => Object.fromEntries((document.querySelector(".ef21-plot")?.data ?? [])
  .filter((trace) => trace.mode === "lines" && trace.opacity === 1).map((trace) => [trace.name, trace.x.length]))"""
# The round that the first card tells.
HEAD = r"""() => Number((document.querySelector(".ef21-card small")?.textContent ?? "").replace(/(\d)[,\s\u202f](?=\d{3})/g, "$1")
  .match(/\d+/)?.[0] ?? -1)"""
STATE = "() => document.querySelector('.ef21-card')?.dataset.state"


@dataclass
class Server:
    """`streamlit run app.py` on a free port of this machine."""

    url: str
    process: psutil.Process

    @property
    def workers(self) -> list[psutil.Process]:
        """The processes that compute."""
        return [child for child in self.process.children(recursive=True) if is_worker(child)]


@dataclass
class Visit:
    """One tab of one visitor."""

    page: Page
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # addresses of event streams

    @property
    def keys(self) -> list[str]:
        """The runs that the tab follows, by its last event stream."""
        return re.findall("[0-9a-f]{24}", self.asked[-1].replace("%2C", ",").replace("%3A", ":"))

    @property
    def curves(self) -> dict[str, int]:
        found: dict[str, int] = self.page.evaluate(CURVES)
        return found

    @property
    def head(self) -> int:
        return int(self.page.evaluate(HEAD))

    @property
    def state(self) -> str:
        return str(self.page.evaluate(STATE))

    def wait(self, condition: str, argument: Any = None) -> None:
        self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE)

    def wait_for_curves(self, count: int) -> None:
        """Until so many present runs have points on the screen."""
        self.wait(f"(count) => Object.values(({CURVES})()).filter(Boolean).length >= count", count)

    def wait_for_label(self, label: str) -> None:
        """Until the present run of this name has points on the screen."""
        self.wait(f"(label) => (({CURVES})()[label] ?? 0) > 0", label)

    def wait_for_head(self, beyond: int) -> None:
        self.wait(f"(beyond) => ({HEAD})() > beyond", beyond)

    def wait_for_state(self, *states: str) -> None:
        self.wait(f"(states) => states.includes(({STATE})())", list(states))

    def rest(self) -> None:
        """Until nothing runs and nothing moves any more."""
        at_rest(self.page)

    def press(self, name: str) -> None:
        """A button of the live view, by what it is called in English."""
        self.page.locator(".ef21-toolbar").get_by_role("button", name=name, exact=True).click()


@pytest.fixture(scope="session", autouse=True)
def packages_looked_through_once() -> Iterator[None]:
    """Streamlit looks through all installed packages for components whenever a page is opened without a browser: 0.1 s and more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """An engine for all files that a process takes, as its home and its address: its workers keep only what is the same for everybody."""
    home = tmp_path_factory.mktemp("home")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(COMMAND, cwd=ROOT, env={**os.environ, "EF21LAB_HOME": str(home)}, start_new_session=True, **pipes)
    assert process.stdin and process.stdout  # noqa: PT018 - both were asked for
    yield home, process.stdout.readline().strip()
    process.stdin.close()
    process.wait(PATIENCE / 1000)


@pytest.fixture(scope="module")
def lab(engine: tuple[Path, str]) -> Iterator[Lab]:
    """The real lab, with a real engine and no run on record."""
    home, address = engine
    for file in home.glob("runs.db*"):
        file.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EF21LAB_HOME", str(home))
        patch.setenv("EF21LAB_SCHEDULER", address)
        the_lab.cache_clear()
        opened = the_lab()
        opened.start()
        wait_until(lambda: opened.engine.alive, "there are workers")
        yield opened
        opened.close()
        the_lab.cache_clear()


@contextlib.contextmanager
def served(home: Path, *flags: str, health: str = "_stcore/health", frames: str = "") -> Iterator[Server]:
    """A server of one's own, until the end of the block; what it said is in server.log. `frames`: sites whose pages may show it."""
    port, allowed = free_port(), {f"EF21LAB_LIMIT_{name}": limit for name, limit in LIMITS.items()} | {"EF21LAB_FRAMES": frames}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), *flags]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **allowed, "EF21LAB_HOME": str(home)})
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{url}/{health}"), "the server answers")
        yield Server(url, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(PATIENCE / 1000)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all files that a process takes: what they ask of it is told apart by their seeds."""
    with served(tmp_path_factory.mktemp("home"), frames="http://localhost:*") as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None and os.environ.get("EF21LAB_BROWSER") != "required":
        pytest.skip("no Chromium on PATH")
    assert chromium, "EF21LAB_BROWSER=required, and there is no Chromium on PATH"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


Theme = Literal["light", "dark"]


class Windows:
    """Windows of a browser for visitors without a past: nothing is left to the next but files that never change."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self._browser, self._origin = browser, origin
        self._contexts: dict[tuple[str, Theme], list[BrowserContext]] = {}
        self._taken: list[BrowserContext] = []

    def window(self, locale: str, theme: Theme) -> Page:
        """A blank page of somebody who has never been here."""
        known = self._contexts.setdefault((locale, theme), [])
        context = next((one for one in known if one not in self._taken), None)
        if context is None:
            context = self._browser.new_context(locale=locale, color_scheme=theme)
            known.append(context)
        self._taken.append(context)
        page = context.new_page()
        forgets = context.new_cdp_session(page)
        forgets.send("Network.clearBrowserCookies")
        forgets.send("Storage.clearDataForOrigin", {"origin": self._origin, "storageTypes": "all"})
        forgets.detach()
        return page

    def close(self) -> None:
        """All pages; what the browser has made of files that never change stays."""
        for context in self._taken:
            for page in context.pages:
                page.close()
        self._taken.clear()


@pytest.fixture(scope="module")
def windows(browser: Browser, server: Server) -> Windows:
    return Windows(browser, server.url)


# In one step of the page: between a look at the button and a click on it the runs may end by themselves, and it is disabled.
STOP_WHAT_RUNS = """() => {
    const stop = document.querySelector(".ef21-toolbar button:not([disabled]):has(path[d='M3 3h10v10H3z'])");
    stop?.click();
    return Boolean(stop);
}"""

Visits = Callable[..., Visit]


@pytest.fixture
def visit(server: Server, windows: Windows) -> Iterator[Visits]:
    """`visit(query, locale, theme, size)` opens a tab for a new visitor; at the end its runs are stopped and its console was clean."""
    visits: list[Visit] = []

    def opened(query: str = "", locale: str = "en-US", theme: Theme = "light", size: tuple[int, int] = (1280, 800)) -> Visit:
        width, height = size
        page = windows.window(locale, theme)
        page.set_viewport_size({"width": width, "height": height})
        visits.append(watched(page))
        page.goto(query if query.startswith("http") else f"{server.url}/?{query}")
        return visits[-1]

    yield opened
    for one in visits:
        if one.page.evaluate(STOP_WHAT_RUNS):
            one.page.wait_for_timeout(300)
    windows.close()
    assert [one.errors for one in visits] == [[] for _ in visits]


def watched(page: Page) -> Visit:
    one = Visit(at_leisure(page))

    def asks(request: Request) -> None:
        if "/api/events" in request.url:
            one.asked.append(request.url)

    page.on("request", asks)
    page.on("pageerror", lambda error: one.errors.append(str(error)))
    page.on("console", lambda message: one.errors.append(message.text) if message.type == "error" else None)
    return one


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE / 1000) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"not in {seconds} s: {what}"
        time.sleep(0.05)
