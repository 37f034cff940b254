"""Five hundred tabs opened and closed: do memory, descriptors or threads of the server grow?

    python -m benchmarks sessions

Every tab has the first page drawn, opens the event stream of its runs and is closed. Streamlit keeps what a closed tab held for a
reconnect, of at most 128 tabs and for two minutes, and gives it up when the next tab closes; beyond that nothing may stay: the last line is
counted then. EF21LAB_SESSIONS sets their number.
"""

from __future__ import annotations

import asyncio
import os
import time

import psutil

from benchmarks import _lab, _visitor

SESSIONS = int(os.environ.get("EF21LAB_SESSIONS", "500"))
AT_ONCE = 10
STAGES = 5
KEPT_FOR = 125.0  # seconds
REST = 5.0  # seconds before a count: what is closed has been taken note of


def main() -> None:
    """Print the table."""
    with _lab.opened() as lab:
        print(f"{AT_ONCE} tabs at a time; load of the machine {os.getloadavg()[0]:.1f}")
        print(f"{'closed':>8}{'memory':>10}{'descriptors':>13}{'threads':>9}{'seconds a tab':>15}")
        asyncio.run(_waves(lab, AT_ONCE))
        _count(0, lab.process, 0.0)
        for stage in range(STAGES):
            began = time.monotonic()
            asyncio.run(_waves(lab, SESSIONS // STAGES))
            took = (time.monotonic() - began) / (SESSIONS // STAGES)
            _count((stage + 1) * SESSIONS // STAGES, lab.process, took)
        time.sleep(KEPT_FOR)
        began = time.monotonic()
        asyncio.run(_looks_in(lab.port))
        _count(SESSIONS + 1, lab.process, time.monotonic() - began)


async def _waves(lab: _lab.Lab, sessions: int) -> None:
    for _ in range(sessions // AT_ONCE):
        await asyncio.gather(*[_looks_in(lab.port) for _ in range(AT_ONCE)])


async def _looks_in(port: int) -> None:
    async with _visitor.visit(port) as socket:
        page = await _visitor.draw(socket, port)
        async for _ in _visitor.follow(port, page.keys):
            break


def _count(closed: int, server: psutil.Process, took: float) -> None:
    time.sleep(REST)
    memory, descriptors, threads = server.memory_info().rss / 2**20, server.num_fds(), server.num_threads()
    print(f"{closed:>8}{memory:>7.0f} MB{descriptors:>13}{threads:>9}{took:>13.2f} s", flush=True)


if __name__ == "__main__":
    main()
