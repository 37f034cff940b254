"""Fifty visitors who each compute runs of their own: how soon does everyone see the first points, who is refused, and what does it cost?

    python -m benchmarks visitors

A real server with two workers; every visitor opens the first page as a browser does, all at the same moment, at an address with a seed of
their own: three contenders that nobody else computes. In the second table each poses a problem of their own besides, with another number of
nodes, whose constants are computed first; in the third they come one after another over some seconds, as a class opens a link.
A first point is a visitor's when the event stream has brought one of a run of theirs. EF21LAB_VISITORS sets their number.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks import _lab, _visitor

VISITORS = int(os.environ.get("EF21LAB_VISITORS", "50"))
WORKERS = 2
GOAL = 5.0  # seconds to the first point of whoever waits longest
WARM = 5.0  # seconds after a first page: its server has imported everything
PATIENCE = 120.0  # seconds for the first points of everybody


class Scene(NamedTuple):
    """How they come and what they ask for; {n} in the address is their number."""

    words: str
    query: str
    seconds: float = 0.0  # over which they come


SCENES = (
    Scene("at once, each with a seed of their own", "seed={n}"),
    Scene("at once, each with a problem of their own", "seed={n}&partition.contiguous.nodes={n}"),
    Scene("within ten seconds, each with a seed of their own", "seed={n}", 10.0),
)


class Visitor:
    """One tab, and when what came, in seconds since it was opened."""

    def __init__(self, port: int, query: str) -> None:
        self.port, self.query = port, query
        self.page = float("inf")
        self.points: dict[str, float] = {}  # the first, by run
        self.keys: list[str] = []
        self.refusals: list[str] = []
        self.served = asyncio.Event()  # every run has a point, or there is none

    @property
    def first(self) -> float:
        return min(self.points.values(), default=float("inf"))

    @property
    def last(self) -> float:
        return max((self.points.get(key, float("inf")) for key in self.keys), default=float("inf"))

    async def stay(self, after: float) -> None:
        """Open the tab after so many seconds and follow its runs until cancelled."""
        await asyncio.sleep(after)
        began = time.monotonic()
        try:
            async with _visitor.visit(self.port) as socket:
                page = await _visitor.draw(socket, self.port, self.query)
                self.page, self.keys, self.refusals = time.monotonic() - began, page.keys, page.refusals
                async for news in _visitor.follow(self.port, page.keys):
                    if news["round"] >= 0:
                        self.points.setdefault(news["key"], time.monotonic() - began)
                    if len(self.points) == len(self.keys):
                        self.served.set()
                await asyncio.Event().wait()
        except (OSError, _visitor.Closed) as error:
            self.refusals.append(str(error))
        finally:
            self.served.set()


def main() -> None:
    """Print the tables."""
    for scene in SCENES:
        with _lab.opened(WORKERS) as lab:
            asyncio.run(_played(scene, lab))


async def _played(scene: Scene, lab: _lab.Lab) -> None:
    async with _visitor.visit(lab.port) as socket:
        await _visitor.draw(socket, lab.port, "seed=0")
        await asyncio.sleep(WARM)
    memory, spent = lab.process.memory_info().rss, {process: _lab.busy(process) for process in lab.family}
    began = time.monotonic()
    visitors = [Visitor(lab.port, scene.query.format(n=number + 1)) for number in range(VISITORS)]
    visits = [asyncio.create_task(one.stay(scene.seconds * at / VISITORS)) for at, one in enumerate(visitors)]
    async with asyncio.timeout(PATIENCE):
        for one in visitors:
            await one.served.wait()
    passed = time.monotonic() - began
    used = [(_lab.busy(process) - before) / passed for process, before in spent.items()]
    sizes = [process.memory_info().rss / 2**20 for process in lab.family]
    for visit in visits:
        visit.cancel()
    await asyncio.gather(*visits, return_exceptions=True)
    print(f"{VISITORS} visitors {scene.words}, {WORKERS} workers; load of the machine {os.getloadavg()[0]:.1f}")
    _seconds("the page", [one.page for one in visitors])
    _seconds("first point of some run", [one.first for one in visitors], f"   target {GOAL:g} for the worst")
    _seconds("first point of every run", [one.last for one in visitors])
    refusals = [words for one in visitors for words in one.refusals]
    print(f"  refused: {len(refusals) or 'nobody'}{''.join(f'{chr(10)}    {words}' for words in sorted(set(refusals)))}")
    print(f"  meanwhile, {passed:.1f} s, the server took {used[0]:.0%} of a core, engine and workers {sum(used[1:]):.0%}")
    grown = sizes[0] - memory / 2**20
    print(f"  server {sizes[0]:.0f} MB, {grown / VISITORS:.2f} MB more for each session; all processes {sum(sizes):.0f} MB\n", flush=True)


def _seconds(what: str, values: Sequence[float], note: str = "") -> None:
    print(f"  {what:<28} median {statistics.median(values):5.1f} s   worst {max(values):5.1f} s{note}")


if __name__ == "__main__":
    main()
