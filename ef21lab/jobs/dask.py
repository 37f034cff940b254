"""Dask as the engine: a connection to a scheduler whose workers are processes beside the server, mended whenever it breaks."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError as TaskLost  # Dask's own is a subclass
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

from distributed import Client
from distributed.protocol.pickle import dumps
from distributed.scheduler import KilledWorker

from ef21lab.choices import answers
from ef21lab.choices.text import Text
from ef21lab.jobs.begun import Begun
from ef21lab.jobs.clusters import elsewhere, own_process
from ef21lab.jobs.crew import workers_here
from ef21lab.jobs.engine import RUNS, TASK_SECONDS, Failure, Withdraw, in_words
from ef21lab.jobs.turns import Turns
from ef21lab.jobs.worker import STARTED, timed

log = logging.getLogger(__name__)

GLANCE = 2.0  # seconds between looks at the connection and the number of workers
GATHERING = 0.001  # seconds for which messages to the scheduler are held back to be sent together
GLANCE_AT_TROUBLE = 0.2  # the same while workers are missing
SHARE_OF_RUNS = 4  # the chunks of all runs together weigh as much as the questions of so many who ask
RETRY = 0.1  # seconds before a lost task is asked for again
ATTEMPTS = 3  # failed starts in a row after which waiting tasks are told so
PATIENCE = 30.0  # seconds for a connection
STARTING = 120.0  # seconds for the first worker: to begin an engine anew that is only slow would make it slower

KILLED = Text(
    "its worker process was killed several times over; the usual cause is that the machine ran out of memory",
    "рабочий процесс несколько раз подряд убит; обычная причина — на машине кончилась память",
)
TOO_LONG = Text(
    "it was stopped: it took more than {seconds} s of a worker, the most that one step may take — lower the nodes, the ranks or the sweeps",
    "вычисление остановлено: оно заняло больше {seconds} с — предела для одного шага; уменьшите число узлов, ранги или число проходов",
)
UNREACHABLE = Text("the engine cannot be reached ({why})", "движок вычислений недоступен ({why})")
CLOSED = Text("the engine was closed", "движок вычислений остановлен")


LOST: Any = object()  # the outcome of a task that is to be asked for again


class _Task(NamedTuple):
    number: int
    function: Callable[..., Any]
    args: tuple[Any, ...]
    on_done: Callable[[Any], None]
    owner: str
    seconds: float


class DaskEngine:
    """Tasks computed by a Dask cluster, over a connection that lives in a thread of its own and mends itself.

    `open_cluster()` is entered for every connection and gives the scheduler's address. The cluster holds as many tasks as it has workers,
    the others wait here for their turn. Tasks without a result when a connection breaks are asked for again over the next one.
    """

    def __init__(self, open_cluster: Callable[[], AbstractAsyncContextManager[str]], workers: int = 1) -> None:
        self._open_cluster = open_cluster
        self._numbers = itertools.count()
        self._waiting: Turns[_Task] = Turns()  # touched by the engine's thread only, like all below
        self._asking: dict[int, asyncio.Task[None]] = {}  # what the cluster has
        self._begun: dict[int, Begun] = {}  # what workers have said of them
        self._client: Client | None = None
        self._wanted = workers
        self._present = 0
        self.on_workers: Callable[[], None] = lambda: None
        self._closing = False
        self._loop = asyncio.new_event_loop()
        self._stirred = asyncio.Event()
        self._thread = threading.Thread(target=self._live, name="ef21lab engine", daemon=True)
        self._starting = threading.Lock()

    @classmethod
    def embedded(cls, workers: int | None = None) -> DaskEngine:
        """An engine of one's own: a process on this machine that ends with this one."""
        count = workers or workers_here()
        return cls(lambda: own_process(count), count)

    @classmethod
    def at(cls, address: str) -> DaskEngine:
        """The cluster whose scheduler is at `address`, such as tcp://10.0.0.5:8786."""
        return cls(lambda: elsewhere(address))

    @property
    def workers(self) -> int:
        return max(1, self._present)

    @property
    def alive(self) -> bool:
        return self._client is not None and self._present > 0

    @property
    def missing(self) -> int:
        """How many of the workers that it should have are not there now: all before the first connection."""
        return max(0, self._wanted - self._present)

    def start(self) -> None:
        """Begin to connect; returns at once, and may be called again."""
        with self._starting:
            if self._thread.ident is None:
                self._thread.start()

    def submit(
        self, function: Callable[..., Any], *args: Any, on_done: Callable[[Any], None], owner: str = RUNS, seconds: float = TASK_SECONDS
    ) -> Withdraw:
        task = _Task(next(self._numbers), function, args, on_done, owner, seconds)
        self.start()
        try:
            self._loop.call_soon_threadsafe(self._accept, task)
        except RuntimeError:  # the loop has ended
            on_done(Failure(CLOSED, refused=False))
        return lambda: self._withdraw(task)

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
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a broken connection is said below, in one line
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
        """Have the tasks computed in their turn, until the connection breaks, the workers stay away or the engine is closed."""
        _send_promptly(client)
        client.subscribe_topic(STARTED, self._note_begun)
        self._client, seen = client, self._loop.time()
        try:
            while client.status == "running" and not self._closing:
                await self._count_workers(client)
                seen = self._loop.time() if self._present else seen
                if self._loop.time() - seen > STARTING:
                    raise NoWorkers(f"no worker for {STARTING:g} s")
                self._send()
                await self._pause(GLANCE if self._present == self._wanted else GLANCE_AT_TROUBLE)
        finally:
            self._client = None
            self._see(0)
            for asking in self._asking.values():
                asking.cancel()
            await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def _count_workers(self, client: Client) -> None:
        with contextlib.suppress(OSError):  # a connection that breaks meanwhile shows in its status
            self._see(sum((await client.nthreads()).values()))

    def _see(self, present: int) -> None:
        """So many workers are there."""
        before = self.missing
        self._present, self._wanted = present, max(self._wanted, present)
        if self.missing != before:
            self.on_workers()

    async def _pause(self, seconds: float) -> None:
        """Sleep, unless stirred."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), seconds)
        if not self._closing:
            self._stirred.clear()

    def _accept(self, task: _Task) -> None:
        if self._closing:
            self._finish(task, Failure(CLOSED, refused=False))
        else:
            self._waiting.join(task.owner, task)
            self._send()

    def _withdraw(self, task: _Task) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._waiting.leave, task.owner, task)

    def _send(self) -> None:
        """One task for each worker that has none."""
        while self._client is not None and self._waiting and len(self._asking) < self.workers:
            task = self._waiting.next()
            self._asking[task.number] = self._loop.create_task(self._ask(self._client, task))

    async def _ask(self, client: Client, task: _Task) -> None:
        """Have `task` computed; over a connection that breaks it has no outcome, and waits for the next one."""
        outcome, began = LOST, self._loop.time()
        try:
            while outcome is LOST and client.status == "running":
                outcome = await self._attempt(client, task)
        finally:
            del self._asking[task.number]
            taken = self._loop.time() - began
            self._waiting.end(task.owner, taken / SHARE_OF_RUNS if task.owner == RUNS else taken)
            if outcome is LOST and not self._closing:
                self._waiting.join(task.owner, task, first=True)
        if outcome is LOST:
            self._stirred.set()
            return
        self._finish(task, outcome)
        self._send()

    async def _attempt(self, client: Client, task: _Task) -> Any:
        """Its outcome, or LOST on the way."""
        begun = self._begun[task.number] = Begun()
        asked = asyncio.ensure_future(_outcome(client, task))
        clock = asyncio.ensure_future(begun.outlasts(task.seconds, client))
        try:
            await asyncio.wait((asked, clock), return_when=asyncio.FIRST_COMPLETED)
            if asked.done():
                return asked.result()
            return Failure(TOO_LONG.format(seconds=f"{task.seconds:g}"), refused=False, too_long=True)
        except (TaskLost, OSError):  # CommClosedError is an OSError
            await asyncio.sleep(RETRY)
            return LOST
        finally:
            clock.cancel()
            asked.cancel()
            await asyncio.gather(clock, asked, return_exceptions=True)
            del self._begun[task.number]

    def _note_begun(self, event: tuple[float, Any]) -> None:
        """A worker computes this task from now on: it may have waited for one before, on this side or on the other."""
        stamp, (number, worker) = event
        if begun := self._begun.get(number):
            begun.note(worker, stamp)

    def _finish(self, task: _Task, outcome: Any) -> None:
        try:
            task.on_done(outcome)
        except Exception:
            log.exception("the result of a task was not taken")

    def _give_up(self, reason: Text) -> None:
        while self._waiting:
            task = self._waiting.next()
            self._waiting.end(task.owner, 0.0)
            self._finish(task, Failure(reason, refused=False))


def _send_promptly(client: Client) -> None:
    """A client gathers its messages for 10 ms before it sends them; a chain of chunks would wait that long at every link.

    Measured on two busy cores: 22 ms for a chunk of one record, 13 ms with this, 4 ms of them its computation.
    """
    if client.scheduler_comm is not None:
        client.scheduler_comm.interval = GATHERING


async def _outcome(client: Client, task: _Task) -> Any:
    """What a worker made of `task`. Its future is released at once: a result that is still held is computed again when its worker dies.

    Task and result travel as one piece of bytes: Dask sends every array by itself, and a chunk of ten lanes has hundreds. Measured for such
    chunks: 17 ms of client and scheduler each, 11 ms in one piece.
    """
    future = client.submit(timed, task.number, task.seconds, dumps((task.function, *task.args)), pure=False)
    try:
        outcome, noted = pickle.loads(await future)
        answers.hear(noted)
        return outcome
    except (TaskLost, OSError, asyncio.CancelledError):
        raise
    except KilledWorker:
        return Failure(KILLED, refused=False)
    except Exception as error:  # such as a result that cannot be sent
        return Failure(in_words(error), refused=False)
    finally:
        future.release()


class NoWorkers(Exception):
    """An engine that answers, and has had no worker for long: it is begun anew."""
