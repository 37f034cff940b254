"""A worker process: one task at a time, stopped when it takes too long, ended with the engine that started it."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import logging
import os
import pickle
import sys
import threading
from collections.abc import Iterator
from typing import Any

COMMAND = (sys.executable, "-m", "ef21lab.jobs.worker")
STARTED = "ef21lab started"  # topic of the events that say which task a worker has begun
LOOPBACK = "127.0.0.1"
NICE = 10  # beside a server and a browser on the same machine
GATHERING = 0.0005  # seconds between looks whether Dask has sent what it gathers
GRACE = 1.0  # seconds past its time in which whoever asked for a task can give it up, before its worker is ended
LEAST_MEMORY = 1024**3  # bytes that a worker may have on the smallest machine

# What Dask measures all the time and nobody here looks at: an idle engine is to cost nothing.
QUIET = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "60s",
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.admin.tick.interval": "60s",
    "distributed.admin.tick.cycle": "60s",
    "distributed.admin.low-level-log-length": 100,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.work-stealing": False,  # tasks are sent one for each idle worker
    "distributed.scheduler.http.routes": ["distributed.http.health"],
}


def timed(number: int, seconds: float, task: bytes) -> bytes:
    """`function(*args)`, or the Failure it ended in, with what was noted here of plugins; both ways pickled.

    The process does not outlive `seconds` of it by more than GRACE.
    """
    from distributed import get_worker

    from ef21lab.choices import answers
    from ef21lab.jobs.engine import guarded
    from ef21lab.jobs.leisure import leisure

    with leisure.busy(), _stopped_after(seconds + GRACE):
        _say_that_it_begins(get_worker(), number)  # its time runs from here: what it waited for before is not its own
        outcome = guarded(*pickle.loads(task))
        return pickle.dumps((outcome, answers.notes()))


def _say_that_it_begins(worker: Any, number: int) -> None:
    """Until the words are on their way: they would never leave if the task held the interpreter from its first step on."""
    said = asyncio.run_coroutine_threadsafe(_said(worker, [number, worker.address]), worker.loop.asyncio_loop)
    with contextlib.suppress(TimeoutError):  # the connection is broken, and the task lost
        said.result(GRACE)


async def _said(worker: Any, words: list[Any]) -> None:
    worker.log_event(STARTED, words)
    while worker.batched_stream.buffer:
        await asyncio.sleep(GATHERING)


@contextlib.contextmanager
def _stopped_after(seconds: float) -> Iterator[None]:
    """End this process, though it be deep in a library that holds the interpreter: the watch is a thread of C."""
    with open(os.devnull, "w") as nowhere:
        faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def main(address: str, name: str, workers: str) -> None:
    """Work for the scheduler at `address` until it or standard input ends; `workers` processes share the machine's memory."""
    import dask

    import ef21lab.jobs.engine  # noqa: F401 - the tasks, and all that they import
    from ef21lab.jobs import memory
    from ef21lab.jobs.leisure import leisure
    from ef21lab.runs.spec import RunSpec

    _have_one_blas_thread()
    threading.Thread(target=_end_with_input, name="ef21lab engine's end", daemon=True).start()
    _bound_memory(int(workers))
    if hasattr(os, "nice"):
        os.nice(NICE)
    RunSpec.make({})  # every family is imported before the first task comes
    if memory.has_room_for_torch(int(workers), memory.whole()):
        leisure.use()
    with dask.config.set(QUIET):
        asyncio.run(_work(address, name))
    os._exit(0)  # though a task be under way


def _have_one_blas_thread() -> None:
    """The cores are shared out between workers, and numbers do not depend on how many there are."""
    import numpy  # noqa: F401 - loads the BLAS that is bounded here
    import scipy.linalg  # noqa: F401 - and its own
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)


async def _work(address: str, name: str) -> None:
    from distributed import Worker

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # its import has set another
    here, health = LOOPBACK, f"{LOOPBACK}:0"
    async with Worker(address, host=here, dashboard_address=health, nthreads=1, name=name, memory_limit=0, death_timeout=30) as worker:
        await worker.finished()


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _bound_memory(workers: int) -> None:
    """A task that asks for more than its share of the machine gets a MemoryError, and the machine goes on; where a system can do that."""
    try:
        import resource
    except ImportError:
        return
    from ef21lab.jobs import memory

    share = max(LEAST_MEMORY, memory.whole() // (workers + 1))
    with contextlib.suppress(ValueError, OSError):  # a stricter bound is in force already
        resource.setrlimit(resource.RLIMIT_DATA, (share, resource.getrlimit(resource.RLIMIT_DATA)[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
