"""The engine's own process: a scheduler, and as many worker processes as it is to have, whatever happens to them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from typing import Any

import dask
from distributed import Scheduler

from ef21lab.choices.text import Refusal, Text
from ef21lab.choices.written import whole
from ef21lab.jobs import memory
from ef21lab.jobs.worker import COMMAND, LOOPBACK, QUIET

log = logging.getLogger(__name__)

WORKERS = "EF21LAB_WORKERS"  # how many workers an engine has, where not one per core that there is memory for
HEARTBEAT = 5.0  # seconds between two reports of a worker
HEALTHY = 10.0  # seconds that a worker lives if there is nothing wrong with the machine
SLOWEST = 5.0  # seconds before another is started where they keep dying at once
GOODBYE = 3.0  # seconds for a worker to end by itself

NOT_A_COUNT = Text("{name}={value}: a positive whole number is expected", "{name}={value}: нужно целое положительное число")


def serve(workers: int | None = None, port: int = 0) -> None:
    """Run a scheduler and `workers` workers (EF21LAB_WORKERS, or `workers_here`) on loopback until standard input ends.

    The first line printed is the scheduler's address. Standard input belongs to whoever started the engine: it ends with them, even when
    they are killed, and the workers' ends with this process, so nothing is orphaned.
    """
    logging.getLogger("distributed").setLevel(logging.ERROR)
    with dask.config.set(QUIET), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(workers or workers_here(), port))


def workers_here() -> int:
    """EF21LAB_WORKERS, or one per core as far as the memory of the machine or its container goes."""
    asked = os.environ.get(WORKERS) or str(memory.workers(os.cpu_count() or 1, memory.whole()))
    if not (number := whole(asked)):
        raise Refusal(NOT_A_COUNT.format(name=WORKERS, value=asked[:40]))
    return number


class QuietScheduler(Scheduler):
    """Dask asks few workers twice a second how they are; here they say so every HEARTBEAT seconds."""

    def heartbeat_worker(self, *args: Any, **what: Any) -> dict[str, Any]:
        return {**super().heartbeat_worker(*args, **what), "heartbeat-interval": HEARTBEAT}


async def _serve(workers: int, port: int) -> None:
    scheduler = QuietScheduler(host=LOOPBACK, port=port, dashboard=False, dashboard_address=f"{LOOPBACK}:0")
    async with scheduler, _crew(scheduler, workers):
        print(scheduler.address, flush=True)
        await _end_of_input()


async def _end_of_input() -> None:
    """Wait in a thread of its own: a standard input that is a file or a terminal cannot be waited for by the loop."""
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)


@contextlib.asynccontextmanager
async def _crew(scheduler: Scheduler, workers: int) -> AsyncIterator[None]:
    """`workers` processes, each followed by another when it ends."""
    keepers = [asyncio.create_task(_keep(scheduler.address, number, workers)) for number in range(workers)]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep(address: str, number: int, of: int) -> None:
    """One worker after another: whatever ends a process, in whichever moment of its life, the system tells, and the next is started."""
    pause = 0.0
    while True:
        began = time.monotonic()
        try:
            process = await asyncio.create_subprocess_exec(*COMMAND, address, str(number), str(of), stdin=PIPE, start_new_session=True)
        except OSError as error:  # no process or no memory to be had for now
            log.error("a worker cannot be started: %s", error)
        else:
            await _outlived(process)
            log.warning("worker %s ended with status %s", number, process.returncode)
        pause = pause_after(time.monotonic() - began, pause)
        await asyncio.sleep(pause)


def pause_after(lived: float, before: float) -> float:
    """Seconds until a worker that lived for so many is followed by another, which was itself begun after a pause of `before`."""
    return 0.0 if lived > HEALTHY else min(SLOWEST, 2 * before + 0.1)


async def _outlived(process: Process) -> None:
    """Wait for its end; end it where this waiting is cancelled."""
    assert process.stdin is not None  # asked for
    try:
        await process.wait()
    finally:
        if process.returncode is None:
            process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), GOODBYE)
            except TimeoutError:
                process.kill()
                await process.wait()
