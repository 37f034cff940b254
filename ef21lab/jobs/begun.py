"""Since when a task is computed: its time is that of the worker which computes it, and it has all of it again with another one."""

from __future__ import annotations

import asyncio

from distributed import Client


class Begun:
    """What workers have said of one task. Its time stands still from the end of a worker until the next one begins it."""

    def __init__(self) -> None:
        self._said = asyncio.Event()
        self._since = 0.0  # by the clock of the loop
        self._stamp = 0.0  # by that of the scheduler
        self._worker = ""

    def note(self, worker: str, stamp: float) -> None:
        """`worker` computes it from now on, which is `stamp` by the scheduler's clock."""
        self._since, self._stamp, self._worker = asyncio.get_running_loop().time(), stamp, worker
        self._said.set()

    async def outlasts(self, seconds: float, client: Client) -> None:
        """Until one worker has computed it for so long."""
        while True:
            await self._said.wait()
            since = self._since
            await asyncio.sleep(since + seconds - asyncio.get_running_loop().time())
            if self._since == since and await self._took(seconds, client):
                return
            if self._since == since:
                self._said.clear()

    async def _took(self, seconds: float, client: Client) -> bool:
        """Whether the worker has had so long: one that was killed before has not, and one that ended itself for it has."""
        stamp, worker = self._stamp, self._worker
        try:
            if worker in await client.nthreads():
                return True
            told = await client.get_events(worker)
        except OSError:  # the connection breaks, and the task has no outcome over it
            return False
        ends = [at for at, event in told if isinstance(event, dict) and event.get("action") == "remove-worker"]
        return bool(ends) and ends[-1] - stamp >= seconds
