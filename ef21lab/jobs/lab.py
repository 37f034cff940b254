"""The lab: the one owner of store and engine, and all that pages and live routes talk to.

A run goes on while at least one of those who watch it wants it to. Everything that changes happens in the lab's own thread, one event after
another; the public methods, which any thread may call, only say what is wanted.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.engine import Chunk, Engine, Failure, chunk_seconds, execute
from ef21lab.jobs.knowledge import Knowledge
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.recent import RecentTraces
from ef21lab.jobs.store import State, Status, Store, home, later
from ef21lab.metrics import Snapshot
from ef21lab.runs.experiment import RunSpec, plan
from ef21lab.runs.loop import Checkpoint
from ef21lab.runs.trace import Trace

log = logging.getLogger(__name__)

Wish = Literal["run", "pause", "stop"]

MOST_VISITORS = 2_000  # remembered at a time; those unheard of for longest are taken to have left
MOST_VERSIONS = 10_000  # counted one by one

TOO_MANY_RUNS = Text(
    "you have {count:run|runs} going, and no more are allowed here — wait for one to end, or stop one",
    "у вас уже идёт {count:запуск|запуска|запусков}, больше здесь нельзя — дождитесь конца одного или остановите его",
)
TOO_LONG_A_QUEUE = Text(
    "{count:run is|runs are} waiting here already, and no more are taken — try again in a minute",
    "в очереди уже {count:запуск|запуска|запусков}, больше она не вмещает — попробуйте через минуту",
)
NO_WORKERS = Text(
    "the workers are being started; it goes on in a moment, from where it was",
    "рабочие процессы запускаются; через мгновение расчёт продолжится с того же места",
)
ONLY_HERE = Text(
    "{why}. What is computed now is forgotten when the server ends.", "{why}. Вычисленное сейчас пропадёт, когда сервер остановится."
)
NOT_WRITTEN = Text("the record could not be written: {words}", "запись не удалась: {words}")


@dataclass
class _Visitor:
    """One page: what it shows, and what its visitor wants of each run there."""

    wishes: dict[str, Wish] = field(default_factory=dict)  # by key
    shown: set[str] | None = None  # by the last `watch`
    served: int = 0  # the turn in which a run of theirs was last computed


@dataclass
class _Run:
    """A run that is not over."""

    spec: RunSpec
    number: int  # in the order of asking
    round: int = -1  # the last recorded
    watchers: set[str] = field(default_factory=set)
    left: bool = False  # nobody watches, but the last who did wanted it to run
    steps: int = 0  # records to compute though it is paused
    opened: bool = False  # its checkpoint has been looked up
    checkpoint: Checkpoint | None = None
    started: bool = False  # a chunk was asked for
    in_flight: bool = False
    served: int = 0

    @property
    def key(self) -> str:
        return self.spec.key


class Lab(Knowledge):
    """Runs by key: `submit` a spec, `watch` what a page shows, read `status`, `trace` and snapshots."""

    def __init__(self, store: Store, engine: Engine, limits: Limits | None = None) -> None:
        super().__init__(store, engine)
        self.engine, self.limits = engine, limits or Limits()
        self._lock = threading.RLock()  # over all that follows
        self._runs: dict[str, _Run] = {}  # those that are not over
        self._ending: dict[str, tuple[_Run, State]] = {}  # those that ended a moment ago, until the store knows
        self._visitors: OrderedDict[str, _Visitor] = OrderedDict()  # the one heard of last is last
        self._versions: OrderedDict[str, int] = OrderedDict()
        self._unwritten: dict[str, Status] = {}  # failures that the store could not take
        self._listeners: list[Callable[[str], None]] = []
        self._recent = RecentTraces()
        self._turn = itertools.count(1)
        self._forgotten_version = self._last_version = 0
        self._left_served = 0
        self._in_flight = 0
        self._events: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        store.on_loss = lambda key: self._events.put(lambda: self._restart(key))
        engine.on_workers = lambda: self._events.put(lambda: self._announce(list(self._runs)))
        self._thread = threading.Thread(target=self._work, name="ef21lab lab", daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Make the engine ready before it is needed; returns at once."""
        self.engine.start()

    def close(self) -> None:
        """End thread, engine and store. Runs that were going are interrupted: the next lab resumes them when asked."""
        self._events.put(None)
        self._thread.join()
        self.engine.close()
        self.store.close()

    @property
    def notice(self) -> Text | None:
        """What every visitor should know of the store: that a damaged file was moved aside."""
        return self.store.notice

    # What a visitor wants

    def submit(self, spec: RunSpec, visitor: str) -> str:
        """The key of this run, which is now shown by `visitor`'s page; it is computed unless it already is, or they paused or stopped it.

        Raises Refusal where the parts do not fit each other or a limit is passed.
        """
        if self._begins_with_a_submit(spec.key, visitor):
            self._ask_for(spec, visitor, "run")
        return spec.key

    def watch(self, visitor: str, keys: Iterable[str]) -> None:
        """`visitor`'s page shows these runs and no others. One that it showed before and that no page shows now is cancelled.

        Called before the submits of the new runs, it makes room for them.
        """
        with self._lock:
            known = self._visitor(visitor)
            known.shown = set(keys)
            dropped = known.wishes.keys() - known.shown
            for run in self._live(dropped):
                self._drop(run, visitor)
            known.wishes = {key: known.wishes.get(key, "run") for key in known.shown}
            for run in self._live(known.shown):
                self._attach(run, visitor)
        self._wake(*dropped)

    def leave(self, visitor: str) -> None:
        """`visitor`'s page is gone: what it wanted to run is left to finish."""
        with self._lock:
            gone = self._visitors.pop(visitor, _Visitor())
            for run in self._live(gone.wishes):
                run.watchers.discard(visitor)
                if not run.watchers:
                    run.left = gone.wishes[run.key] == "run"
                    self._set_down_if_unwanted(run)
        self._wake(*gone.wishes)

    def pause(self, key: str, visitor: str) -> None:
        """`visitor` does not want this run to go on for now; it goes on while another does."""
        self._wish(key, visitor, "pause")

    def stop(self, key: str, visitor: str) -> None:
        """`visitor` does not want this run any more; once nobody does it is cancelled."""
        self._wish(key, visitor, "stop")

    def step(self, key: str, visitor: str) -> None:
        """One record more (after a chunk that may be under way), then paused for `visitor`. Raises Refusal as `submit` does."""
        self._go_on(key, visitor, "pause", steps=1)

    def resume(self, key: str, visitor: str) -> None:
        """On from where the run is; also after a stop or a failure. Raises Refusal as `submit` does."""
        self._go_on(key, visitor, "run")

    # What is known

    def status(self, key: str) -> Status | None:
        """None for a key that was never asked for."""
        with self._lock:
            run = self._runs.get(key)
            if run is not None:
                stands_still = self._wanted(run) and not self.engine.alive
                return Status(key, self._state(run), run.round, run.spec.rounds, NO_WORKERS if stands_still else None)
            if key in self._unwritten:
                return self._unwritten[key]
            if key in self._ending:
                run, state = self._ending[key]
                return Status(key, state, run.round, run.spec.rounds)
        return self.store.status(key)

    def spec(self, key: str) -> RunSpec:
        """Raises KeyError for a key that was never asked for."""
        with self._lock:
            run = self._runs.get(key) or self._ending.get(key, (None,))[0]
        spec = self.store.spec(key) if run is None else run.spec
        if spec is None:
            raise KeyError(key)
        return spec

    def trace(self, key: str, after: int = -1) -> Trace:
        """Its records of rounds beyond `after`, without snapshots; empty where there are none."""
        kept = self._recent.get(key, after)
        if kept is not None:
            return kept
        whole = self.store.trace(key)
        self._recent.put(key, whole)
        return later(whole, after)

    def snapshot(self, key: str, round: int) -> Snapshot | None:
        return self.store.snapshot(key, round)

    def snapshot_rounds(self, key: str) -> list[int]:
        return self.store.snapshot_rounds(key)

    def version(self, key: str) -> int:
        """A number that grows with every change of this run."""
        with self._lock:
            return self._versions.get(key, self._forgotten_version)

    def subscribe(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """`listener(key)` is called in the lab's thread after every change and must not block. The function returned here ends that."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._unsubscribe(listener)

    def _later(self, work: Callable[[], None]) -> None:
        self._events.put(work)

    # Wishes become work

    def _begins_with_a_submit(self, key: str, visitor: str) -> bool:
        """Not where it is done, and not where this visitor already shows it: paused and stopped stay so until they resume it."""
        known = self.status(key)
        with self._lock:
            wishes = self._visitor(visitor).wishes
            if known is not None and known.state == "done":
                wishes.setdefault(key, "run")
                self._events.put(lambda: self.store.touch(key))
                return False
            shown = key in self._runs and visitor in self._runs[key].watchers
            return not shown and wishes.get(key, "run") == "run"

    def _go_on(self, key: str, visitor: str, wish: Wish, steps: int = 0) -> None:
        known = self.status(key)
        if known is not None and known.state != "done":
            self._ask_for(self.spec(key), visitor, wish, steps)

    def _ask_for(self, spec: RunSpec, visitor: str, wish: Wish, steps: int = 0) -> None:
        """`visitor` wishes this for a run, which is begun if it is not going."""
        if spec.key not in self._runs:
            self._check(spec, visitor)
        with self._lock:
            known = self._visitor(visitor)
            if spec.key not in self._runs:
                self._make_room(visitor)
                self._begin(spec)
            run = self._runs[spec.key]
            known.wishes[spec.key] = wish
            run.steps += steps
            self._attach(run, visitor)
        self._wake(spec.key)

    def _check(self, spec: RunSpec, visitor: str) -> None:
        self.limits.check_size(spec)
        facts = self.facts(spec, owner=visitor)
        self.limits.check_cost(spec, facts, plan(spec, facts), lambda: self.pace(spec, owner=visitor))

    def _make_room(self, visitor: str) -> None:
        """Raises Refusal where there is none. What a page asked for and then never showed (its script was interrupted) gives way.

        So does what nobody watches any more, whoever asked for it: it goes on from where it was once it is asked for again.
        """
        known = self._visitors[visitor]
        own = [run for run in self._live(known.wishes) if visitor in run.watchers and known.wishes[run.key] == "run"]
        never_shown = [run for run in own if known.shown is not None and run.key not in known.shown]
        if len(own) >= self.limits.running and never_shown:
            self._drop(min(never_shown, key=lambda run: run.number), visitor)
        elif len(own) >= self.limits.running:
            raise Refusal(TOO_MANY_RUNS.format(count=len(own)))
        wanted = [run for run in self._runs.values() if self._wanted(run)]
        abandoned = [run for run in wanted if run.left]
        if len(wanted) >= self.limits.queue and abandoned:
            self._end(min(abandoned, key=lambda run: run.number), "cancelled")
        elif len(wanted) >= self.limits.queue:
            raise Refusal(TOO_LONG_A_QUEUE.format(count=len(wanted)))

    def _begin(self, spec: RunSpec) -> None:
        run = self._runs[spec.key] = _Run(spec, next(self._turn))
        self._unwritten.pop(spec.key, None)
        self._events.put(lambda: self._open(run))

    def _visitor(self, visitor: str) -> _Visitor:
        known = self._visitors.setdefault(visitor, _Visitor())
        self._visitors.move_to_end(visitor)
        if len(self._visitors) > MOST_VISITORS:
            self.leave(next(iter(self._visitors)))
        return known

    def _live(self, keys: Iterable[str]) -> list[_Run]:
        return [self._runs[key] for key in keys if key in self._runs]

    def _drop(self, run: _Run, visitor: str) -> None:
        """`visitor` does not show it any more."""
        run.watchers.discard(visitor)
        self._visitors[visitor].wishes.pop(run.key, None)
        self._cancel_if_unwanted(run)

    def _attach(self, run: _Run, visitor: str) -> None:
        run.watchers.add(visitor)
        run.left = False

    def _wish(self, key: str, visitor: str, wish: Wish) -> None:
        with self._lock:
            self._visitor(visitor).wishes[key] = wish
            for run in self._live([key]):
                self._attach(run, visitor)
                self._cancel_if_unwanted(run)
        self._wake(key)

    def _wishes(self, run: _Run) -> set[Wish]:
        return {self._visitors[visitor].wishes[run.key] for visitor in run.watchers}

    def _wanted(self, run: _Run) -> bool:
        return run.left or run.steps > 0 or "run" in self._wishes(run)

    def _state(self, run: _Run) -> State:
        if not self._wanted(run):
            return "paused"
        return "running" if run.started else "queued"

    def _cancel_if_unwanted(self, run: _Run) -> None:
        """Nobody shows it, or all who do have stopped it."""
        if self._wishes(run) <= {"stop"} and not run.left:
            self._end(run, "cancelled")

    def _set_down_if_unwanted(self, run: _Run) -> None:
        """Nobody shows it and it was paused: the store keeps it."""
        if not run.left:
            self._end(run, "paused")

    def _end(self, run: _Run, state: State) -> None:
        del self._runs[run.key]
        self._ending[run.key] = (run, state)
        self._events.put(lambda: self._mark_end(run, state))

    # The lab's own thread

    def _wake(self, *keys: str) -> None:
        self._events.put(lambda: self._announce(keys))

    def _work(self) -> None:
        while (event := self._events.get()) is not None:
            try:
                event()
                self._dispatch()
            except Exception:
                log.exception("an event of the lab failed")

    def _open(self, run: _Run) -> None:
        """Look up where the run was left: in the store, whose word counts."""
        try:
            known, checkpoint = self.store.enter(run.spec), self.store.checkpoint(run.key)
            if known.state != "done" and known.round >= 0 and checkpoint is None:
                self.store.reset(run.key)
        except Exception as error:
            self._fail_to_write(run, error)
            return
        with self._lock:
            run.checkpoint, run.opened = checkpoint, True
            run.round = -1 if checkpoint is None else checkpoint.round
            if known.state == "done":
                self._runs.pop(run.key, None)
        self._announce([run.key])

    def _mark_end(self, run: _Run, state: State) -> None:
        self.store.mark(run.key, state)
        with self._lock:
            if self._ending.get(run.key) == (run, state):
                del self._ending[run.key]

    def _restart(self, key: str) -> None:
        """A run was lost from the store: whoever shows it sees it computed anew."""
        self._recent.drop(key)
        with self._lock:
            showing = [name for name, visitor in self._visitors.items() if visitor.wishes.get(key) == "run"]
            spec = self.store.spec(key)
            if showing and spec is not None and key not in self._runs:
                self._begin(spec)
                for visitor in showing:
                    self._attach(self._runs[key], visitor)
        self._announce([key])

    def _dispatch(self) -> None:
        """Give every idle worker the run whose turn it is."""
        with self._lock:
            while self._in_flight < self.engine.workers:
                waiting = [run for run in self._runs.values() if run.opened and not run.in_flight and self._wanted(run)]
                if not waiting:
                    return
                newcomers = sum(run.checkpoint is None for run in waiting)
                self._send(min(waiting, key=self._order), newcomers / self.engine.workers)

    def _order(self, run: _Run) -> tuple[bool, bool, int, int, int]:
        """What somebody watches first; of that single steps and runs without a point; then the visitor and of theirs the run served
        longest ago; then the newest."""
        asking = (visitor for visitor in run.watchers if self._visitors[visitor].wishes[run.key] == "run")
        served = min((self._visitors[visitor].served for visitor in asking), default=self._left_served)
        return run.left, run.round >= 0 and run.steps == 0, served, run.served, -run.number

    def _send(self, run: _Run, newcomers: float) -> None:
        run.served = turn = next(self._turn)
        for visitor in run.watchers:
            self._visitors[visitor].served = turn
        self._left_served = turn if run.left else self._left_served
        most = 1 if run.steps > 0 else None
        fresh = not run.started
        run.steps = max(0, run.steps - 1)
        run.started = run.in_flight = True
        self._in_flight += 1
        self.engine.submit(
            execute,
            run.spec.json(),
            run.checkpoint,
            chunk_seconds(run.checkpoint, newcomers),
            most,
            on_done=lambda outcome: self._events.put(lambda: self._arrived(run, outcome)),
        )
        if fresh:
            self._wake(run.key)

    def _arrived(self, run: _Run, outcome: Chunk | Failure) -> None:
        try:
            if self._runs.get(run.key) is run:  # else cancelled meanwhile
                self._take(run, outcome)
        finally:
            with self._lock:
                run.in_flight = False
                self._in_flight -= 1

    def _take(self, run: _Run, outcome: Chunk | Failure) -> None:
        if isinstance(outcome, Failure):
            self._fail(run, outcome)
            return
        try:
            self._keep(run, outcome)
        except Exception as error:
            self._fail_to_write(run, error)

    def _keep(self, run: _Run, chunk: Chunk) -> None:
        if not self.store.append(run.key, run.round, chunk.part, chunk.checkpoint, chunk.finished):
            self._recent.drop(run.key)
            self._open(run)
            return
        self._recent.extend(run.key, run.round, chunk.part)
        with self._lock:
            run.round, run.checkpoint = chunk.checkpoint.round, chunk.checkpoint
            if chunk.finished and self._runs.get(run.key) is run:
                del self._runs[run.key]
            self._hold_to_the_clock(run, float(chunk.part["seconds"][-1]))
        self._announce([run.key])

    def _hold_to_the_clock(self, run: _Run, seconds: float) -> None:
        """An estimate let it begin; what was measured decides whether it may go on."""
        try:
            self.limits.check_measured(run.spec, run.round, seconds)
        except Refusal as refusal:
            self._fail(run, Failure(refusal.text, refused=True))

    def _fail_to_write(self, run: _Run, error: Exception) -> None:
        log.error("run %s", run.key, exc_info=error)
        self._fail(run, Failure(NOT_WRITTEN.format(words=error), refused=False))

    def _fail(self, run: _Run, failure: Failure) -> None:
        """Those who watch it do not ask for it again by themselves."""
        if failure.details:
            log.error("run %s failed\n%s", run.key, failure.details)
        with self._lock:
            if self._runs.get(run.key) is run:
                del self._runs[run.key]
            for visitor in run.watchers:
                self._visitors[visitor].wishes[run.key] = "stop"
        try:
            self.store.mark(run.key, "failed", failure.reason)
        except Exception:  # the disk is full, another process holds the file: said from memory
            log.exception("that run %s failed could not be written", run.key)
            with self._lock:
                self._unwritten[run.key] = Status(run.key, "failed", run.round, run.spec.rounds, failure.reason)
        self._announce([run.key])

    def _announce(self, keys: Iterable[str]) -> None:
        for key in keys:
            with self._lock:
                self._last_version += 1
                self._versions[key] = self._last_version
                self._versions.move_to_end(key)
                while len(self._versions) > MOST_VERSIONS:
                    self._forgotten_version = self._versions.popitem(last=False)[1]
                listeners = list(self._listeners)
            for listener in listeners:
                try:
                    listener(key)
                except Exception:
                    log.exception("a listener failed")

    def _unsubscribe(self, listener: Callable[[str], None]) -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._listeners.remove(listener)


@lru_cache(maxsize=1)
def the_lab() -> Lab:
    """The lab of this process: store in EF21LAB_HOME, engine at EF21LAB_SCHEDULER or one of its own, limits from EF21LAB_LIMIT_*."""
    from ef21lab.jobs.dask import DaskEngine  # distributed takes half a second to import

    address = os.environ.get("EF21LAB_SCHEDULER")
    engine = DaskEngine.at(address) if address else DaskEngine.embedded()
    return Lab(_store(home() / "runs.db"), engine, Limits.of())


def _store(path: Path) -> Store:
    """The store at `path`; where nothing can be kept there, one that lasts as long as this server, which is said on the page."""
    try:
        return Store(path)
    except Refusal as refusal:
        log.error("%s", refusal.text.en)
        store = Store(Path(tempfile.mkdtemp(prefix="ef21lab-")) / path.name)
        store.file.notice = ONLY_HERE.format(why=refusal.text)
        return store
