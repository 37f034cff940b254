"""Tabs that come and go through the real server: what they held is given back, and many are held at once."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import Iterator

import psutil
import pytest

from benchmarks import _lab, _visitor
from tests.jobs.conftest import PATIENCE, until

pytestmark = pytest.mark.engine

KEPT_FOR = 1  # seconds that Streamlit keeps what a closed tab held, for a reconnect
FEW = 250  # descriptors: what a small system may give to a process that does not ask for more
POOL = (os.cpu_count() or 1) + 4  # threads that asyncio starts at most, as it comes to need them
OF_A_TAB = 3  # descriptors that its session holds


@pytest.fixture(scope="module")
def lab() -> Iterator[_lab.Lab]:
    """A server that keeps closed tabs for a moment only, and that was given few descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FEW, hard))
    try:
        with _lab.opened(2, "--server.disconnectedSessionTTL", str(KEPT_FOR)) as opened:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            until(lambda: asyncio.run(looks_in(opened.port)))  # until then its workers are being started
            yield opened
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def looks_in(port: int, stay: asyncio.Event | None = None) -> list[str]:
    """A tab has its page drawn, sees the first news of its runs, and is closed; the keys of these runs."""
    async with _visitor.visit(port) as socket:
        page = await _visitor.draw(socket, port)
        async for _ in _visitor.follow(port, page.keys):
            if stay:
                await stay.wait()
            break
    return page.keys


async def wave(port: int, tabs: int) -> None:
    """So many tabs, ten at a time."""
    for _ in range(tabs // 10):
        assert all(await asyncio.gather(*[looks_in(port) for _ in range(10)]))


def at_rest(server: psutil.Process, port: int) -> tuple[int, int]:
    """Descriptors and threads once closed tabs have been given up, which Streamlit does when the next one closes."""
    lowest = [server.num_fds(), server.num_threads()]
    for _ in range(3):
        until(
            lambda: (
                not [link for link in server.net_connections("tcp") if link.status == psutil.CONN_ESTABLISHED and link.laddr.port == port]
            )
        )
        asyncio.run(asyncio.sleep(1.5 * KEPT_FOR))
        asyncio.run(looks_in(port))
        lowest = [min(lowest[0], server.num_fds()), min(lowest[1], server.num_threads())]
    return lowest[0], lowest[1]


def test_forty_tabs_opened_and_closed_leave_no_descriptor_and_no_thread_behind(lab: _lab.Lab) -> None:
    asyncio.run(wave(lab.port, 20))
    descriptors, threads = at_rest(lab.process, lab.port)
    asyncio.run(wave(lab.port, 40))
    after = at_rest(lab.process, lab.port)
    assert after[0] <= descriptors + 2 * OF_A_TAB
    assert after[1] <= threads + POOL


def test_more_tabs_are_open_at_once_than_the_descriptors_that_the_server_was_given_allow(lab: _lab.Lab) -> None:
    async def all_at_once() -> list[list[str]]:
        stay = asyncio.Event()
        tabs = [asyncio.create_task(looks_in(lab.port, stay)) for _ in range(60)]
        async with asyncio.timeout(2 * PATIENCE):
            while lab.process.num_fds() <= FEW and not all(tab.done() for tab in tabs):
                await asyncio.sleep(0.05)
            stay.set()
            return await asyncio.gather(*tabs)

    assert all(asyncio.run(all_at_once()))
