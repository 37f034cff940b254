"""What the smallest host has to have: memory of server, engine and one worker, after every page in turn and after twenty visitors.

    python -m benchmarks memory

EF21LAB_WORKERS sets another number of workers. RSS counts what processes share once for each of them, PSS once for all, as the bound of a
container does; `target` is what free hosts with 700 MB leave.
"""

from __future__ import annotations

import asyncio
import os

from benchmarks import _lab, _visitor

WORKERS = int(os.environ.get("EF21LAB_WORKERS", "1"))
TARGET = 700  # MB
PAGES = ("", "data", "theory", "microscope", "figures", "runs", "sweep")
VISITORS = 20


def main() -> None:
    """Print the table."""
    with _lab.opened(WORKERS) as lab:
        _lab.until(lambda: len(lab.family) >= 3 + WORKERS - 1)
        print(f"{WORKERS} worker{'s' * (WORKERS > 1)}; target {TARGET} MB in all\n{'after':<28}{'PSS':>9}{'RSS':>9}   by process (RSS)")
        _told("the start", lab)
        for page in PAGES:
            asyncio.run(_seen(lab, page))
            _told(f"the page {page or 'experiment'}", lab)
        for visitor in range(VISITORS):
            asyncio.run(_seen(lab, "", f"seed={visitor + 1}"))
        _told(f"{VISITORS} visitors, runs of each", lab)


async def _seen(lab: _lab.Lab, page: str, query: str = "") -> None:
    """Draw a page, and wait for its runs to end."""
    async with _visitor.visit(lab.port) as socket:
        drawn = await _visitor.draw(socket, lab.port, query, page)
        async for _ in _visitor.follow(lab.port, drawn.keys):
            pass


def _told(what: str, lab: _lab.Lab) -> None:
    family = lab.family
    resident = [process.memory_info().rss / 2**20 for process in family]
    shared_out = sum(process.memory_full_info().pss for process in family) / 2**20
    named = ", ".join(f"{_name(process)} {size:.0f}" for process, size in zip(family, resident, strict=True))
    print(f"{what:<28}{shared_out:>6.0f} MB{sum(resident):>6.0f} MB   {named}", flush=True)


def _name(process: object) -> str:
    words = " ".join(process.cmdline())  # type: ignore[attr-defined]
    return "server" if "streamlit" in words else "worker" if "worker" in words else "engine"


if __name__ == "__main__":
    main()
