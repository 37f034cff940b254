"""The record of runs as the lab reads it: the store, and in memory what the store has not taken yet or is read often."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from ef21lab.choices.text import Text
from ef21lab.jobs.engine import Chunk
from ef21lab.jobs.recent import RecentTraces
from ef21lab.jobs.store import State, Status, Store, later
from ef21lab.jobs.wishes import Going
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

log = logging.getLogger(__name__)


class Records:
    """Runs by key. Any thread may read; what changes the store is called in the lab's own thread."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._recent = RecentTraces()
        self._lock = threading.Lock()  # over what follows
        self._ending: dict[str, tuple[Going, State]] = {}  # those that ended a moment ago, until the store knows
        self._unwritten: dict[str, Status] = {}  # failures that the store could not take

    def status(self, key: str) -> Status | None:
        """None for a key that was never asked for."""
        with self._lock:
            if key in self._unwritten:
                return self._unwritten[key]
            if key in self._ending:
                run, state = self._ending[key]
                return Status(key, state, run.round, run.spec.rounds)
        return self.store.status(key)

    def spec(self, key: str) -> RunSpec | None:
        """None for a key that was never asked for."""
        with self._lock:
            if key in self._ending:
                return self._ending[key][0].spec
        return self.store.spec(key)

    def trace(self, key: str, after: int = -1) -> Trace:
        """Its records of rounds beyond `after`, without snapshots; empty where there are none."""
        kept = self._recent.get(key, after)
        if kept is not None:
            return kept
        whole = self.store.trace(key)
        self._recent.put(key, whole)
        return later(whole, after)

    def open(self, spec: RunSpec) -> tuple[Status, Checkpoint | None]:
        """A run is asked for: where it was left. What cannot go on from there starts anew."""
        return self.open_all([spec])[0]

    def open_all(self, specs: Sequence[RunSpec]) -> list[tuple[Status, Checkpoint | None]]:
        """The same of several runs, entered in one transaction."""
        return [self._left(spec, known) for spec, known in zip(specs, self.store.enter_all(specs), strict=True)]

    def _left(self, spec: RunSpec, known: Status) -> tuple[Status, Checkpoint | None]:
        checkpoint = self.store.checkpoint(spec.key)
        if checkpoint is not None and not _is_todays(spec, checkpoint):
            checkpoint = None
        if known.state != "done" and known.round >= 0 and checkpoint is None and not self.store.reset(spec.key, known.round):
            return self.open(spec)  # another process has brought it on since its state was read
        return known, checkpoint

    def append(self, key: str, before: int, chunk: Chunk) -> bool:
        """The records that follow round `before`; False where the stored run does not end there."""
        kept = self.store.append(key, before, chunk.part, chunk.checkpoint, chunk.finished)
        if kept:
            self._recent.extend(key, before, chunk.part)
        else:
            self.evict(key)
        return kept

    def ends(self, run: Going, state: State) -> None:
        """From now on this is its state; `write_end` tells the store."""
        with self._lock:
            self._ending[run.key] = (run, state)

    def write_end(self, run: Going, state: State) -> None:
        self.store.mark(run.key, state)
        with self._lock:
            if self._ending.get(run.key) == (run, state):
                del self._ending[run.key]

    def fails(self, run: Going, reason: Text) -> None:
        try:
            self.store.mark(run.key, "failed", reason)
        except Exception:  # the disk is full, another process holds the file: said from memory
            log.exception("that run %s failed could not be written", run.key)
            with self._lock:
                self._unwritten[run.key] = Status(run.key, "failed", run.round, run.spec.rounds, reason)

    def begins(self, key: str) -> None:
        """It is tried again: why it failed is not said any more."""
        with self._lock:
            self._unwritten.pop(key, None)

    def evict(self, key: str) -> None:
        """Read it from the store from now on."""
        self._recent.drop(key)


def _is_todays(spec: RunSpec, checkpoint: Checkpoint) -> bool:
    """Whether the method still has a state of these arrays: an earlier version may have kept others."""
    fields = getattr(spec.algorithm.state, "_fields", None)
    return fields is None or checkpoint.state.keys() == set(fields) - {"point"}
