"""The store: every run that was ever asked for, in one SQLite file. What is in it survives the server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar, get_args

import numpy as np

from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.text import Refusal, Text, retold
from ef21lab.jobs import blobs, catalogue
from ef21lab.jobs._database import Database, Execute
from ef21lab.jobs.blobs import Unreadable
from ef21lab.jobs.catalogue import Catalogue
from ef21lab.jobs.marks import Marks
from ef21lab.problems.base import Facts
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.record import Layers
from ef21lab.runs.spec import PLUGINS, RunSpec
from ef21lab.runs.trace import Trace, joined

T = TypeVar("T")

State = Literal["queued", "running", "paused", "done", "failed", "cancelled"]

LARGEST = 2 * 1024**3  # bytes
TOUCHED_AGAIN = 600.0  # seconds between two touches that are written

OVER = ("done", "failed", "cancelled")
COMPUTED = ("chunks", "snapshots", "points", "catalogue")  # what is kept of a run besides its row
NO_REASON = "reason_en = NULL, reason_ru = NULL"
AT_ROUND = "WHERE key = ? AND round = ?"

INTERRUPTED = Text(
    "interrupted: the server ended while it ran; it goes on from where it was once it is asked for again",
    "прерван: сервер остановился во время расчёта; продолжится с того же места, когда его снова запросят",
)
REREAD = Text(
    "its record was damaged on the disk; it is computed anew once it is asked for again",
    "запись о нём на диске повреждена; при следующем запросе он будет вычислен заново",
)
SET_ASIDE = Text(
    "An entry in the record of runs could not be understood and was set aside ({key}: {why}); all others are untouched.",
    "Одну из записей о запусках не удалось разобрать, она отложена ({key}: {why}); остальные не затронуты.",
)


class Status(NamedTuple):
    """Where a run stands; `round` is the last that was recorded, −1 before the first."""

    key: str
    state: State
    round: int
    rounds: int
    reason: Text | None = None  # why it failed or was cancelled
    wanted: int = 0  # how many pages wish it to go on


class Store:
    """Runs, their traces, snapshots, checkpoints and the x that they came to, and the facts of problems. Any thread may call any method.

    A file that cannot be read is moved aside, never deleted: `notice` then says so. A run whose own bytes are damaged is put back to
    its beginning. Its owner, the server, is `alone` with it: runs that are said to be going were interrupted. Whoever opens it beside a
    server says that they are not.
    """

    def __init__(self, path: Path, largest: int = LARGEST, clock: Callable[[], float] = time.time, alone: bool = True) -> None:
        self.path, self.largest, self._clock = path, largest, clock
        self.on_loss: Callable[[str], None] = lambda key: None  # called with the key of a run that was put back
        self.file = Database(path)
        self.catalogue, self.marks = Catalogue(self.file), Marks(self.file, clock)
        if alone:
            self._interrupt_all()

    @property
    def notice(self) -> Text | None:
        """What happened to the record that people should know."""
        return self.file.notice

    def close(self) -> None:
        self.file.close()

    # What is known of a run

    def status(self, key: str) -> Status | None:
        """None for a key that was never asked for."""
        row = self.file.one("SELECT state, round, rounds, reason_en, reason_ru FROM runs WHERE key = ?", key)
        if row is None:
            return None
        state, round, rounds, english, russian = row
        if state not in get_args(State) or not (isinstance(round, int) and isinstance(rounds, int) and -1 <= round <= rounds):
            self._set_aside(key, f"state {state!r}, round {round!r} of {rounds!r}")
            return None
        return Status(key, state, round, rounds, None if english is None else retold({"en": english, "ru": russian or english}))

    def spec(self, key: str) -> RunSpec | None:
        """None for a key that was never asked for, and where what was written is no run any more: then it is set aside.

        None too of a run whose plugin is not here, or in another version; that one stays, and is there again when the plugin is.
        """
        row = self.file.one("SELECT spec FROM runs WHERE key = ?", key)
        try:
            return None if row is None else RunSpec.make(json.loads(row[0]))
        except (Refusal, ValueError, TypeError, RecursionError) as error:
            if f'"{PLUGINS}":{{' not in str(row[0]):
                self._set_aside(key, str(error))
            return None

    def trace(self, key: str, after: int = -1) -> Trace:
        """Its records of rounds beyond `after`, without their snapshots and without x; empty where there are none."""
        first = "SELECT MAX(first_round) FROM chunks WHERE key = :key AND first_round <= :after + 1"
        rows = self.file.all(
            "SELECT runs.round, runs.spec, chunks.blob FROM runs LEFT JOIN chunks"
            f" ON chunks.key = runs.key AND first_round >= IFNULL(({first}), -1) WHERE runs.key = :key ORDER BY first_round",
            {"key": key, "after": after},
        )
        if not rows or rows[0][0] <= after:
            return joined([])
        spec = self.spec(key)
        every = 1 if spec is None else spec.record_every
        read = self._readable(key, lambda: _whole([blobs.trace_from(blob) for _, _, blob in rows if blob], after, rows[0][0], every))
        return joined([]) if read is None else later(read, after)

    def point(self, key: str) -> np.ndarray | None:
        """x after its last record, (d,); None where there is no record, or it was done before this was kept."""
        row = self.file.one("SELECT blob FROM points WHERE key = ?", key)
        if row is not None:
            return self._readable(key, lambda: blobs.point_from(row[0]))
        checkpoint = self.checkpoint(key)
        return None if checkpoint is None else checkpoint.point()

    def snapshot_rounds(self, key: str) -> list[int]:
        return [round for (round,) in self.file.all("SELECT round FROM snapshots WHERE key = ? ORDER BY round", (key,))]

    def snapshot(self, key: str, round: int) -> Snapshot | None:
        row = self.file.one("SELECT blob FROM snapshots WHERE key = ? AND round = ?", key, round)
        return None if row is None else self._readable(key, lambda: blobs.snapshot_from(row[0]))

    def checkpoint(self, key: str) -> Checkpoint | None:
        """Where to go on from; None before the first chunk and after the last."""
        row = self.file.one("SELECT checkpoint FROM runs WHERE key = ?", key)
        return None if row is None or row[0] is None else self._readable(key, lambda: blobs.checkpoint_from(row[0]))

    def facts(self, key: str) -> Facts | None:
        row = self.file.one("SELECT blob FROM facts WHERE key = ?", key)
        try:
            return None if row is None else blobs.facts_from(row[0])
        except Unreadable:
            return None

    # What happens to a run

    def enter(self, spec: RunSpec) -> Status:
        """A run is asked for: it is queued, with all that was computed of it before, unless it is done."""
        return self.enter_all([spec])[0]

    def enter_all(self, specs: Sequence[RunSpec]) -> list[Status]:
        """The same of several runs, in one transaction."""
        now = self._clock()

        def work(execute: Execute) -> None:
            for spec in specs:
                execute(
                    "INSERT INTO runs VALUES (?, ?, 'queued', NULL, NULL, -1, ?, ?, ?, NULL) ON CONFLICT (key) DO UPDATE SET touched = ?,"
                    " state = IIF(state = 'done', 'done', 'queued'), reason_en = NULL, reason_ru = NULL",
                    (spec.key, _in_json(spec), spec.rounds, now, now, now),
                )

        self.file.change(work)
        return [self.status(spec.key) or Status(spec.key, "queued", -1, spec.rounds) for spec in specs]

    def touch(self, key: str) -> None:
        """This run is looked at: it is pruned later than those that are not."""
        now = self._clock()
        self.file.write("UPDATE runs SET touched = ? WHERE key = ? AND touched < ?", (now, key, now - TOUCHED_AGAIN))

    def append(self, key: str, before: int, part: Trace, checkpoint: Checkpoint, finished: bool) -> bool:
        """One chunk, whole or not at all: the records that follow round `before`, and the checkpoint after them unless it was the last.

        False, and nothing is changed, where the stored run does not end at `before`: another process was here, or the file is new.
        """
        chunk = (key, int(part["round"][0]), blobs.trace_blob(part))
        shots = [(key, round, blobs.snapshot_blob(shot)) for round, shot in part.snapshots.items()]
        point = blobs.point_blob(checkpoint.point()) if finished else None
        spec = self.spec(key) if finished else None
        progress = ("done", None) if finished else ("running", blobs.checkpoint_blob(checkpoint))

        def work(execute: Execute) -> bool:
            values = (*progress, checkpoint.round, self._clock(), key, before)
            if not execute(f"UPDATE runs SET state = ?, checkpoint = ?, round = ?, touched = ?, {NO_REASON} {AT_ROUND}", values).rowcount:
                return False
            execute("INSERT OR REPLACE INTO chunks VALUES (?, ?, ?)", chunk)
            for shot in shots:
                execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)", shot)
            if finished:
                execute("INSERT OR REPLACE INTO points VALUES (?, ?)", (key, point))
            if spec is not None:
                catalogue.enter(execute, key, spec, part, self._clock())
            return True

        kept = bool(self.file.change(work))
        if kept and finished:
            self._merge_chunks(key)
        return kept

    def adopt(self, spec: RunSpec, trace: Trace) -> bool:
        """A finished run that was computed elsewhere: its records, snapshots and x. False where it is done here already, which stays."""
        now = self._clock()
        row = (spec.key, _in_json(spec), int(trace["round"][-1]), spec.rounds, now, now)
        whole = (spec.key, int(trace["round"][0]), blobs.trace_blob(trace))
        shots = [(spec.key, round, blobs.snapshot_blob(shot)) for round, shot in trace.snapshots.items()]
        point = None if trace.x is None else blobs.point_blob(trace.x)

        def work(execute: Execute) -> bool:
            if execute("SELECT 1 FROM runs WHERE key = ? AND state = 'done'", (spec.key,)).fetchone():
                return False
            for table in (*COMPUTED, "runs"):
                execute(f"DELETE FROM {table} WHERE key = ?", (spec.key,))
            execute("INSERT INTO runs VALUES (?, ?, 'done', NULL, NULL, ?, ?, ?, ?, NULL)", row)
            execute("INSERT INTO chunks VALUES (?, ?, ?)", whole)
            for shot in shots:
                execute("INSERT INTO snapshots VALUES (?, ?, ?)", shot)
            if point is not None:
                execute("INSERT INTO points VALUES (?, ?)", (spec.key, point))
            catalogue.enter(execute, spec.key, spec, trace, now)
            return True

        return bool(self.file.change(work))

    def mark(self, key: str, state: State, reason: Text | None = None) -> None:
        """A new state with nothing computed. What is done stays done."""
        words = (None, None) if reason is None else (reason.en, reason.ru)
        self.file.write("UPDATE runs SET state = ?, reason_en = ?, reason_ru = ? WHERE key = ? AND state <> 'done'", (state, *words, key))

    def reset(self, key: str, reached: int | None = None) -> bool:
        """Back to the beginning: nothing computed is kept. With `reached` only a run that is not done and stands at that round, and
        whether it did: another process may have brought it on."""

        def work(execute: Execute) -> bool:
            known = "key = ?" if reached is None else "key = ? AND round = ? AND state <> 'done'"
            values = (key,) if reached is None else (key, reached)
            if not execute(f"UPDATE runs SET state = 'queued', round = -1, checkpoint = NULL WHERE {known}", values).rowcount:
                return False
            for table in COMPUTED:
                execute(f"DELETE FROM {table} WHERE key = ?", (key,))
            return True

        return bool(self.file.change(work))

    def keep_facts(self, key: str, facts: Facts) -> None:
        self.file.write("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, blobs.facts_blob(facts)))

    def forget(self, keys: Sequence[str]) -> None:
        """These runs were never asked for; what people say of them is kept, should they be computed again."""

        def work(execute: Execute) -> None:
            for table in (*COMPUTED, "runs"):
                execute(f"DELETE FROM {table} WHERE key IN (SELECT value FROM json_each(?))", (json.dumps(list(keys)),))

        self.file.change(work)

    def delete(self, keys: Sequence[str], owner: str, anything: bool = False) -> list[str]:
        """Forget these runs, for everybody; those that are going stay, and unless `anything` goes those that another list than `owner`'s
        has pinned or tagged. The keys that were deleted."""
        held = set() if anything else set(self.marks.held_by_others(owner, keys))
        known = {key: self.status(key) for key in keys if key not in held}
        over = [key for key, status in known.items() if status is not None and status.state in OVER]
        self.forget(over)
        return over

    # The file

    def _merge_chunks(self, key: str) -> None:
        """One blob for a finished run: it is read at once from then on."""
        whole = self.trace(key)
        if not len(whole):
            return
        merged = (key, int(whole["round"][0]), blobs.trace_blob(whole))

        def work(execute: Execute) -> None:
            execute("DELETE FROM chunks WHERE key = ?", (key,))
            execute("INSERT INTO chunks VALUES (?, ?, ?)", merged)

        self.file.change(work)

    def _interrupt_all(self) -> None:
        self.file.write(
            "UPDATE runs SET state = 'cancelled', reason_en = ?, reason_ru = ? WHERE state IN ('queued', 'running', 'paused')",
            (INTERRUPTED.en, INTERRUPTED.ru),
        )

    def _lose(self, key: str) -> None:
        """The bytes of this run are damaged."""
        self.reset(key)
        self.mark(key, "cancelled", REREAD)
        self.on_loss(key)

    def _set_aside(self, key: str, why: str) -> None:
        """A row that cannot be understood leaves the runs, so that it is in nobody's way; what it said is kept."""

        def work(execute: Execute) -> None:
            execute("INSERT INTO set_aside SELECT key, spec, state, round, ?, ? FROM runs WHERE key = ?", (why, self._clock(), key))
            for table in (*COMPUTED, "runs"):
                execute(f"DELETE FROM {table} WHERE key = ?", (key,))

        self.file.change(work)
        self.file.notice = SET_ASIDE.format(key=key, why=" ".join(why.split())[:200])

    def _readable(self, key: str, read: Callable[[], T]) -> T | None:
        """What `read` makes of a run's bytes; where they are damaged, None, and the run goes back to its beginning."""
        try:
            return read()
        except Unreadable:
            self._lose(key)
            return None


def _in_json(spec: RunSpec) -> str:
    return json.dumps(spec.json(), separators=(",", ":"))


def later(trace: Trace, after: int) -> Trace:
    """The records of rounds beyond `after`."""
    if not len(trace) or trace["round"][0] > after:
        return trace
    first = int(trace["round"].searchsorted(after, side="right"))
    shots = {round: shot for round, shot in trace.snapshots.items() if round > after}
    layers = None if trace.layers is None else Layers(*(each[first:] for each in trace.layers))
    return Trace({name: column[first:] for name, column in trace.columns.items()}, trace.contraction[first:], shots, trace.x, layers=layers)


def _whole(parts: list[Trace], after: int, reached: int, every: int) -> Trace:
    """Consecutive chunks as one trace up to round `reached`, a record every so many rounds. Raises Unreadable where one is missing."""
    trace = joined(parts)
    rounds = trace["round"]
    steps = [int(step) for step in rounds[1:] - rounds[:-1]]
    if not len(trace) or rounds[0] > after + every or (after < 0 and rounds[0] != 0) or rounds[-1] != reached:
        raise Unreadable("records are missing")
    if any(step != every for step in steps[:-1]) or (steps and not 0 < steps[-1] <= every):
        raise Unreadable("records are missing")
    return trace
