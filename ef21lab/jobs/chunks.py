"""A run as a chain of chunks: idle workers are given the run whose turn it is, and what they return is recorded.

All of this happens in the lab's own thread, one event after another.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.changes import Changes
from ef21lab.jobs.engine import Chunk, Engine, Failure, chunk_seconds, execute, execute_together
from ef21lab.jobs.records import Records
from ef21lab.jobs.wishes import Going, Wishes
from ef21lab.runs.spec import RunSpec

log = logging.getLogger(__name__)

NOT_WRITTEN = Text("the record could not be written: {words}", "запись не удалась: {words}")


class Chunks:
    """Chunks of wanted runs, one run or group at a time for each worker.

    `post` hands an event to the lab's thread; `check(spec, round, seconds)` raises Refusal where a run takes longer than it may.
    """

    def __init__(
        self,
        records: Records,
        engine: Engine,
        wishes: Wishes,
        changes: Changes,
        post: Callable[[Callable[[], None]], None],
        check: Callable[[RunSpec, int, float], None],
    ) -> None:
        self._records, self._engine, self._wishes, self._changes = records, engine, wishes, changes
        self._post, self._check = post, check
        self._out: list[list[Going]] = []  # what the workers compute now

    @property
    def in_flight(self) -> int:
        """How many workers compute."""
        return len(self._out)

    def open(self, runs: Sequence[Going]) -> None:
        """Look up where these runs were left: in the store, whose word counts."""
        try:
            left = self._records.open_all([run.spec for run in runs])
        except Exception as error:
            for run in runs:
                self._fail_to_write(run, error)
            return
        with self._wishes.lock:
            for run, (known, checkpoint) in zip(runs, left, strict=True):
                run.checkpoint, run.opened = checkpoint, True
                run.round = -1 if checkpoint is None else checkpoint.round
                if known.state == "done":
                    self._wishes.runs.pop(run.key, None)
        self._changes.announce([run.key for run in runs])

    def dispatch(self) -> None:
        """Give every idle worker the run whose turn it is, or the group."""
        with self._wishes.lock:
            while self.in_flight < self._engine.workers and (waiting := self._wishes.waiting()):
                newcomers = sum(run.checkpoint is None for run in waiting)
                self._send(self._share(waiting), newcomers / self._engine.workers)

    def _share(self, waiting: list[Going]) -> list[Going]:
        """Whose turn it is, for one worker: a group is shared between the workers that would have nothing else to do.

        What nobody watches is nothing else where somebody watches the group: a worker that computes such a run will be free in a moment.
        """
        together = self._wishes.together(waiting)
        before = [run.left <= together[0].left for run in waiting].count(True) - len(together)
        busy = sum(any(run.left <= together[0].left for run in runs) for runs in self._out)
        return together[: math.ceil(len(together) / max(1, self._engine.workers - busy - max(0, before)))]

    def _send(self, runs: list[Going], newcomers: float) -> None:
        fresh = [run.key for run in runs if not run.started]
        (most,) = {self._wishes.serve(run) for run in runs}
        self._out.append(runs)
        specs, checkpoints = [run.spec.json() for run in runs], [run.checkpoint for run in runs]
        what = (execute_together, specs, checkpoints) if len(runs) > 1 else (execute, specs[0], checkpoints[0])
        seconds = chunk_seconds(checkpoints[0], newcomers)
        self._engine.submit(*what, seconds, most, runs[0].facts, on_done=lambda outcome: self._post(lambda: self._arrived(runs, outcome)))
        if fresh:
            self._post(lambda: self._changes.announce(fresh))

    def _arrived(self, runs: list[Going], outcome: Chunk | list[Chunk] | Failure) -> None:
        try:
            if isinstance(outcome, Failure) and len(runs) > 1:
                self._part(runs, outcome)
                return
            outcomes = outcome if isinstance(outcome, list) else [outcome]
            for run, own in zip(runs, outcomes, strict=True):
                if self._wishes.runs.get(run.key) is run:  # else cancelled meanwhile
                    self._take(run, own)
        finally:
            with self._wishes.lock:
                for run in runs:
                    run.in_flight = False
                self._out.remove(runs)

    def _part(self, runs: list[Going], failure: Failure) -> None:
        """What fails together may be too much together, or the fault of one: from now on each of them is computed alone."""
        log.warning("%d runs together: %s", len(runs), failure.reason.en)
        with self._wishes.lock:
            for run in runs:
                run.group = None

    def _take(self, run: Going, outcome: Chunk | Failure) -> None:
        if isinstance(outcome, Failure):
            self._fail(run, outcome)
            return
        try:
            self._keep(run, outcome)
        except Exception as error:
            self._fail_to_write(run, error)

    def _keep(self, run: Going, chunk: Chunk) -> None:
        if not self._records.append(run.key, run.round, chunk):
            self.open([run])
            return
        with self._wishes.lock:
            run.round, run.checkpoint = chunk.checkpoint.round, chunk.checkpoint
            if chunk.finished and self._wishes.runs.get(run.key) is run:
                del self._wishes.runs[run.key]
            self._hold_to_the_clock(run, float(chunk.part["seconds"][-1]))
        self._changes.announce([run.key])

    def _hold_to_the_clock(self, run: Going, seconds: float) -> None:
        """An estimate let it begin; what was measured decides whether it may go on."""
        try:
            self._check(run.spec, run.round, seconds)
        except Refusal as refusal:
            self._fail(run, Failure(refusal.text, refused=True))

    def _fail_to_write(self, run: Going, error: Exception) -> None:
        log.error("run %s", run.key, exc_info=error)
        self._fail(run, Failure(NOT_WRITTEN.format(words=error), refused=False))

    def _fail(self, run: Going, failure: Failure) -> None:
        """Those who watch it do not ask for it again by themselves."""
        if failure.details:
            log.error("run %s failed\n%s", run.key, failure.details)
        with self._wishes.lock:
            if self._wishes.runs.get(run.key) is run:
                del self._wishes.runs[run.key]
            for visitor in run.watchers:
                self._wishes.visitors[visitor].wishes[run.key] = "stop"
        self._records.fails(run, failure.reason)
        self._changes.announce([run.key])
