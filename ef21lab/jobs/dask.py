"""Dask as the engine: a scheduler and one single-threaded worker process per core, beside the server and not in it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from concurrent.futures import CancelledError as TaskLost  # Dask's own is a subclass
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, NamedTuple

from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker

import ef21lab
from ef21lab.experiment import RunSpec
from ef21lab.jobs.engine import Failure, guarded, in_words
from ef21lab.text import Refusal, Text

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "ef21lab", "engine")
WORKERS = "EF21LAB_WORKERS"  # how many workers an engine has, where not one per core

LOOPBACK = "127.0.0.1"
WORKERS_NICE = 10  # beside a server and a browser on the same machine
GLANCE = 0.5  # seconds between looks at the connection and the number of workers
GATHERING = 0.001  # seconds for which messages to the scheduler are held back to be sent together
RETRY = 0.1  # seconds before a lost task is asked for again
ATTEMPTS = 3  # failed starts in a row after which waiting tasks are told so
PATIENCE = 30.0  # seconds for a connection
GOODBYE = 5.0  # seconds for the engine's process to end by itself

KILLED = Text(
    "its worker process was killed several times over; the usual cause is that the machine ran out of memory",
    "рабочий процесс несколько раз подряд убит; обычная причина — на машине кончилась память",
)
UNREACHABLE = Text("the engine cannot be reached ({why})", "движок вычислений недоступен ({why})")
NOT_A_COUNT = Text("{name}={value}: a positive whole number is expected", "{name}={value}: нужно целое положительное число")
CLOSED = Text("the engine was closed", "движок вычислений остановлен")


def serve(workers: int | None = None, port: int = 0) -> None:
    """Run a scheduler and `workers` workers (EF21LAB_WORKERS, or one per core) on loopback until standard input ends.

    The first line printed is the scheduler's address.

    Standard input belongs to whoever started the engine: it ends with them, even when they are killed, so nothing is orphaned.
    """
    with LocalCluster(
        n_workers=workers or workers_here(),
        threads_per_worker=1,
        processes=True,
        host=LOOPBACK,
        scheduler_port=port,
        dashboard_address=f"{LOOPBACK}:0",  # health only: the dashboard itself is off
        scheduler_kwargs={"dashboard": False},
        worker_dashboard_address=None,
        silence_logs=logging.ERROR,
        preload=[__name__],
    ) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.buffer.read()


def workers_here() -> int:
    """EF21LAB_WORKERS, or one per core."""
    asked = os.environ.get(WORKERS) or str(os.cpu_count() or 1)
    if not asked.isdecimal() or int(asked) == 0:
        raise Refusal(NOT_A_COUNT.format(name=WORKERS, value=asked))
    return int(asked)


def dask_setup(worker: object) -> None:
    """Called by Dask in a new worker: every family is imported before the first task comes, and the server has the cores first."""
    RunSpec.make({})
    if hasattr(os, "nice"):
        os.nice(WORKERS_NICE)


class _Task(NamedTuple):
    function: Callable[..., Any]
    args: tuple[Any, ...]
    on_done: Callable[[Any], None]
    urgent: bool


class DaskEngine:
    """Tasks computed by a Dask cluster, over a connection that lives in a thread of its own and mends itself.

    `open_cluster()` is entered for every connection and gives the scheduler's address. Tasks without a result when a connection breaks are
    asked for again over the next one.
    """

    def __init__(self, open_cluster: Callable[[], AbstractAsyncContextManager[str]]) -> None:
        self._open_cluster = open_cluster
        self._numbers = itertools.count()
        self._tasks: dict[int, _Task] = {}  # without a result yet; touched by the engine's thread only, like all below
        self._asking: set[asyncio.Task[None]] = set()
        self._client: Client | None = None
        self._workers = 1  # until it is known better
        self._closing = False
        self._loop = asyncio.new_event_loop()
        self._stirred = asyncio.Event()
        self._thread = threading.Thread(target=self._live, name="ef21lab engine", daemon=True)
        self._starting = threading.Lock()

    @classmethod
    def embedded(cls, workers: int | None = None) -> DaskEngine:
        """An engine of one's own: a process on this machine that ends with this one."""
        return cls(lambda: _own_process(workers or workers_here()))

    @classmethod
    def at(cls, address: str) -> DaskEngine:
        """The cluster whose scheduler is at `address`, such as tcp://10.0.0.5:8786."""
        return cls(lambda: _elsewhere(address))

    @property
    def workers(self) -> int:
        return self._workers

    @property
    def alive(self) -> bool:
        return self._client is not None

    def start(self) -> None:
        """Begin to connect; returns at once, and may be called again."""
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()

    def submit(self, function: Callable[..., Any], *args: Any, on_done: Callable[[Any], None], urgent: bool = False) -> None:
        task = _Task(function, args, on_done, urgent)
        self.start()
        try:
            self._loop.call_soon_threadsafe(self._accept, task)
        except RuntimeError:  # the loop has ended
            on_done(Failure(CLOSED, refused=False))

    def close(self) -> None:
        """End the connection, and the engine's process if it is our own; tasks without a result get a Failure."""
        with self._starting:
            if self._thread.ident is None:
                self._loop.close()
                return
        with contextlib.suppress(RuntimeError):  # closed before
            self._loop.call_soon_threadsafe(self._close)
        self._thread.join()

    def _close(self) -> None:
        self._closing = True
        self._stirred.set()

    def _live(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._connections())

    async def _connections(self) -> None:
        """One connection after another."""
        failed = 0
        while not self._closing:
            try:
                async with (
                    self._open_cluster() as address,
                    Client(address, asynchronous=True, set_as_default=False, direct_to_workers=True, timeout=PATIENCE) as client,
                ):
                    failed = 0
                    await self._work_with(client)
            except Exception as error:  # whatever it is, the answer is to try again
                failed += 1
                log.warning("the engine cannot be reached: %s", error)
                if failed >= ATTEMPTS:
                    self._give_up(UNREACHABLE.format(why=in_words(error)))
                await self._pause(min(2.0**failed, PATIENCE))
        self._give_up(CLOSED)

    async def _work_with(self, client: Client) -> None:
        """Ask for every task without a result and for those that come, until the connection breaks or the engine is closed."""
        _send_promptly(client)
        self._client = client
        for number in self._tasks:
            self._ask_for(number, client)
        try:
            while client.status == "running" and not self._closing:
                await self._count_workers(client)
                await self._pause(GLANCE)
        finally:
            self._client = None
            for asking in self._asking:
                asking.cancel()
            await asyncio.gather(*self._asking, return_exceptions=True)

    async def _count_workers(self, client: Client) -> None:
        with contextlib.suppress(OSError):  # a connection that breaks meanwhile shows in its status
            self._workers = max(1, sum((await client.nthreads()).values()))

    async def _pause(self, seconds: float) -> None:
        """Sleep, unless stirred."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), seconds)
        if not self._closing:
            self._stirred.clear()

    def _accept(self, task: _Task) -> None:
        number = next(self._numbers)
        self._tasks[number] = task
        if self._closing:
            self._finish(number, Failure(CLOSED, refused=False))
        elif self._client is not None:
            self._ask_for(number, self._client)

    def _ask_for(self, number: int, client: Client) -> None:
        asking = self._loop.create_task(self._ask(client, number))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _ask(self, client: Client, number: int) -> None:
        """Ask until there is an outcome; over a broken connection there is none, and the task stays for the next one."""
        while client.status == "running":
            try:
                outcome = await _outcome(client, self._tasks[number])
            except (TaskLost, OSError):  # CommClosedError is an OSError
                self._stirred.set()
                await asyncio.sleep(RETRY)
            else:
                self._finish(number, outcome)
                return

    def _finish(self, number: int, outcome: Any) -> None:
        task = self._tasks.pop(number)
        try:
            task.on_done(outcome)
        except Exception:
            log.exception("the result of a task was not taken")

    def _give_up(self, reason: Text) -> None:
        for number in list(self._tasks):
            self._finish(number, Failure(reason, refused=False))


def _send_promptly(client: Client) -> None:
    """A client gathers its messages for 10 ms before it sends them; a chain of chunks would wait that long at every link.

    Measured on two busy cores: 22 ms for a chunk of one record, 13 ms with this, 4 ms of them its computation.
    """
    if client.scheduler_comm is not None:
        client.scheduler_comm.interval = GATHERING


async def _outcome(client: Client, task: _Task) -> Any:
    """What a worker made of `task`. Its future is released at once: a result that is still held is computed again when its worker dies."""
    future = client.submit(guarded, task.function, *task.args, pure=False, priority=int(task.urgent))
    try:
        return await future
    except (TaskLost, OSError):
        raise
    except KilledWorker:
        return Failure(KILLED, refused=False)
    except Exception as error:  # such as a result that cannot be sent
        return Failure(in_words(error), refused=False)
    finally:
        future.release()


class EngineEnded(Exception):
    """The engine's own process ended before it said where it listens."""


@contextlib.asynccontextmanager
async def _elsewhere(address: str) -> AsyncIterator[str]:
    yield address


@contextlib.asynccontextmanager
async def _own_process(workers: int) -> AsyncIterator[str]:
    """An engine process; a session of its own, so that Ctrl-C reaches it only as the end of its standard input."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=PIPE, stdout=PIPE, start_new_session=True, env={**os.environ, "PYTHONPATH": _import_path(), WORKERS: str(workers)}
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - both were asked for
    try:
        address = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().strip()
        if not address:
            raise EngineEnded(f"the engine process ended with status {await process.wait()}")
        yield address
    finally:
        process.stdin.close()
        await _ended(process)


def _import_path() -> str:
    """This copy of the package first, whatever the working directory is."""
    return os.pathsep.join(filter(None, [str(Path(ef21lab.__file__).parents[1]), os.environ.get("PYTHONPATH")]))


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), GOODBYE)
    except TimeoutError:
        process.kill()
        await process.wait()
