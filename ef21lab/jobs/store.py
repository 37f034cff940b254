"""The store: every run that was ever asked for, in one SQLite file. What is in it survives the server."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args

import platformdirs

from ef21lab.experiment import RunSpec
from ef21lab.jobs import _blobs as blobs
from ef21lab.jobs._blobs import Unreadable
from ef21lab.metrics import Snapshot
from ef21lab.optimize import Checkpoint
from ef21lab.problems.base import Facts
from ef21lab.text import Refusal, Text
from ef21lab.trace import Trace, joined

T = TypeVar("T")

State = Literal["queued", "running", "paused", "done", "failed", "cancelled"]
STATES: tuple[State, ...] = get_args(State)

Execute = Callable[..., sqlite3.Cursor]

VERSION = 1  # of the tables
LARGEST = 2 * 1024**3  # bytes
BUSY = 10.0  # seconds that a writer waits for another process
TOUCHED_AGAIN = 600.0  # seconds between two touches that are written
RECHECKED = 256 * 1024**2  # files up to this many bytes are read through at every start

TABLES = """
CREATE TABLE runs (
    key TEXT PRIMARY KEY, spec TEXT NOT NULL, state TEXT NOT NULL, reason_en TEXT, reason_ru TEXT,
    round INTEGER NOT NULL, rounds INTEGER NOT NULL, created REAL NOT NULL, touched REAL NOT NULL, checkpoint BLOB
) WITHOUT ROWID;
CREATE TABLE chunks (key TEXT NOT NULL, first_round INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (key, first_round));
CREATE TABLE snapshots (key TEXT NOT NULL, round INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (key, round));
CREATE TABLE facts (key TEXT PRIMARY KEY, blob BLOB NOT NULL);
"""

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
MOVED_ASIDE = Text(
    "The record of runs could not be read ({why}). It was kept as {path}, and a new one was begun: earlier runs are computed anew.",
    "Не удалось прочитать записи о запусках ({why}). Файл сохранён как {path}, начат новый: прежние запуски будут вычислены заново.",
)
NO_PLACE = Text("the record of runs cannot be kept in {path}: {why}", "записи о запусках негде хранить, {path}: {why}")


class Status(NamedTuple):
    """Where a run stands; `round` is the last that was recorded, −1 before the first."""

    key: str
    state: State
    round: int
    rounds: int
    reason: Text | None = None  # why it failed or was cancelled


def home() -> Path:
    """EF21LAB_HOME, or the user's data directory."""
    named = os.environ.get("EF21LAB_HOME")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("ef21lab"))


class Store:
    """Runs, their traces, snapshots and checkpoints, and the facts of problems. Any thread may call any method.

    A file that cannot be read is moved aside, never deleted: `notice` then says so. A run whose own bytes are damaged is put back to
    its beginning.
    """

    def __init__(self, path: Path, largest: int = LARGEST, clock: Callable[[], float] = time.time) -> None:
        self.path, self.largest, self._clock = path, largest, clock
        self.notice: Text | None = None
        self.on_loss: Callable[[str], None] = lambda key: None  # called with the key of a run that was put back
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._opened()
        except (OSError, sqlite3.OperationalError) as error:
            raise Refusal(NO_PLACE.format(path=path, why=error)) from error
        self._interrupt_all()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    # What is known of a run

    def status(self, key: str) -> Status | None:
        """None for a key that was never asked for."""
        row = self._one("SELECT state, round, rounds, reason_en, reason_ru FROM runs WHERE key = ?", key)
        if row is None:
            return None
        state, round, rounds, english, russian = row
        return Status(key, state, round, rounds, None if english is None else Text(english, russian))

    def spec(self, key: str) -> RunSpec | None:
        row = self._one("SELECT spec FROM runs WHERE key = ?", key)
        return None if row is None else RunSpec.make(json.loads(row[0]))

    def trace(self, key: str, after: int = -1) -> Trace:
        """Its records of rounds beyond `after`, without their snapshots; empty where there are none."""
        first = "SELECT MAX(first_round) FROM chunks WHERE key = :key AND first_round <= :after + 1"
        rows = self._all(
            f"SELECT blob FROM chunks WHERE key = :key AND first_round >= IFNULL(({first}), -1) ORDER BY first_round",
            {"key": key, "after": after},
        )
        parts = self._readable(key, lambda: [blobs.trace_from(blob) for (blob,) in rows])
        return later(joined(parts or []), after)

    def snapshot_rounds(self, key: str) -> list[int]:
        return [round for (round,) in self._all("SELECT round FROM snapshots WHERE key = ? ORDER BY round", (key,))]

    def snapshot(self, key: str, round: int) -> Snapshot | None:
        row = self._one("SELECT blob FROM snapshots WHERE key = ? AND round = ?", key, round)
        return None if row is None else self._readable(key, lambda: blobs.snapshot_from(row[0]))

    def checkpoint(self, key: str) -> Checkpoint | None:
        """Where to go on from; None before the first chunk and after the last."""
        row = self._one("SELECT checkpoint FROM runs WHERE key = ?", key)
        return None if row is None or row[0] is None else self._readable(key, lambda: blobs.checkpoint_from(row[0]))

    def facts(self, key: str) -> Facts | None:
        row = self._one("SELECT blob FROM facts WHERE key = ?", key)
        try:
            return None if row is None else blobs.facts_from(row[0])
        except Unreadable:
            return None

    # What happens to a run

    def enter(self, spec: RunSpec) -> Status:
        """A run is asked for: it is queued, with all that was computed of it before, unless it is done."""
        now = self._clock()
        written = json.dumps(spec.json(), separators=(",", ":"))
        self._write(
            "INSERT INTO runs VALUES (?, ?, 'queued', NULL, NULL, -1, ?, ?, ?, NULL) ON CONFLICT (key) DO UPDATE SET touched = ?,"
            " state = IIF(state = 'done', 'done', 'queued'), reason_en = NULL, reason_ru = NULL",
            (spec.key, written, spec.rounds, now, now, now),
        )
        return self.status(spec.key) or Status(spec.key, "queued", -1, spec.rounds)

    def touch(self, key: str) -> None:
        """This run is looked at: it is pruned later than those that are not."""
        now = self._clock()
        self._write("UPDATE runs SET touched = ? WHERE key = ? AND touched < ?", (now, key, now - TOUCHED_AGAIN))

    def append(self, key: str, before: int, part: Trace, checkpoint: Checkpoint, finished: bool) -> bool:
        """One chunk, whole or not at all: the records that follow round `before`, and the checkpoint after them unless it was the last.

        False, and nothing is changed, where the stored run does not end at `before`: another process was here, or the file is new.
        """
        chunk = (key, int(part["round"][0]), blobs.trace_blob(part))
        shots = [(key, round, blobs.snapshot_blob(shot)) for round, shot in part.snapshots.items()]
        progress = ("done", None) if finished else ("running", blobs.checkpoint_blob(checkpoint))

        def work(execute: Execute) -> bool:
            values = (*progress, checkpoint.round, self._clock(), key, before)
            if not execute(f"UPDATE runs SET state = ?, checkpoint = ?, round = ?, touched = ?, {NO_REASON} {AT_ROUND}", values).rowcount:
                return False
            execute("INSERT OR REPLACE INTO chunks VALUES (?, ?, ?)", chunk)
            for shot in shots:
                execute("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)", shot)
            return True

        kept = bool(self._change(work))
        if kept and finished:
            self._merge_chunks(key)
            self.prune()
        return kept

    def mark(self, key: str, state: State, reason: Text | None = None) -> None:
        """A new state with nothing computed. What is done stays done."""
        words = (None, None) if reason is None else (reason.en, reason.ru)
        self._write("UPDATE runs SET state = ?, reason_en = ?, reason_ru = ? WHERE key = ? AND state <> 'done'", (state, *words, key))

    def reset(self, key: str) -> None:
        """Back to the beginning: nothing computed is kept."""

        def work(execute: Execute) -> None:
            execute("UPDATE runs SET state = 'queued', round = -1, checkpoint = NULL WHERE key = ?", (key,))
            execute("DELETE FROM chunks WHERE key = ?", (key,))
            execute("DELETE FROM snapshots WHERE key = ?", (key,))

        self._change(work)

    def keep_facts(self, key: str, facts: Facts) -> None:
        self._write("INSERT OR REPLACE INTO facts VALUES (?, ?)", (key, blobs.facts_blob(facts)))

    def prune(self) -> None:
        """Forget the runs that were touched longest ago, of those that are over, until the rest fits `largest`."""
        while self._bytes() > self.largest:
            oldest = self._one("SELECT key FROM runs WHERE state IN ('done', 'failed', 'cancelled') ORDER BY touched LIMIT 1")
            if oldest is None:
                return
            self._forget(oldest)

    # The file

    def _bytes(self) -> int:
        pages, free, size = (self._one(f"PRAGMA {name}")[0] for name in ("page_count", "freelist_count", "page_size"))
        return int((pages - free) * size)

    def _merge_chunks(self, key: str) -> None:
        """One blob for a finished run: it is read at once from then on."""
        whole = self.trace(key)
        if not len(whole):
            return
        merged = (key, int(whole["round"][0]), blobs.trace_blob(whole))

        def work(execute: Execute) -> None:
            execute("DELETE FROM chunks WHERE key = ?", (key,))
            execute("INSERT INTO chunks VALUES (?, ?, ?)", merged)

        self._change(work)

    def _forget(self, run: tuple[str]) -> None:
        def work(execute: Execute) -> None:
            for table in ("chunks", "snapshots", "runs"):
                execute(f"DELETE FROM {table} WHERE key = ?", run)

        self._change(work)

    def _interrupt_all(self) -> None:
        self._write(
            "UPDATE runs SET state = 'cancelled', reason_en = ?, reason_ru = ? WHERE state IN ('queued', 'running', 'paused')",
            (INTERRUPTED.en, INTERRUPTED.ru),
        )

    def _lose(self, key: str) -> None:
        """The bytes of this run are damaged."""
        self.reset(key)
        self.mark(key, "cancelled", REREAD)
        self.on_loss(key)

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        self._change(lambda execute: execute(statement, values))

    def _opened(self) -> sqlite3.Connection:
        """A connection to a sound file of this version; any other is moved aside first."""
        why = _fault(self.path)
        if why is not None:
            self._move_aside(why)
        return _connected(self.path)

    def _move_aside(self, why: Text) -> None:
        number = next(n for n in range(1, 1_000_000) if not _aside(self.path, n).exists())
        kept = _aside(self.path, number)
        for suffix in ("-wal", "-shm", ""):
            part = Path(f"{self.path}{suffix}")
            if part.exists():
                part.rename(f"{kept}{suffix}")
        self.notice = MOVED_ASIDE.format(why=why, path=kept)

    def _begin_anew(self, error: sqlite3.DatabaseError) -> None:
        self._connection.close()
        self._move_aside(UNSOUND.format(words=error))
        self._connection = _connected(self.path)

    def _one(self, query: str, *values: Any) -> Any:
        rows = self._all(query, values)
        return rows[0] if rows else None

    def _all(self, query: str, values: Any = ()) -> list[Any]:
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                self._begin_anew(error)
                return self._connection.execute(query, values).fetchall()

    def _change(self, work: Callable[[Execute], T]) -> T | None:
        """`work` in one transaction. On a damaged file it is lost with the file, a new one is begun, and None is returned."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                result = work(self._connection.execute)
                self._connection.execute("COMMIT")
                return result
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    self._roll_back()
                    raise
                self._begin_anew(error)
                return None
            except BaseException:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _readable(self, key: str, read: Callable[[], T]) -> T | None:
        """What `read` makes of a run's bytes; where they are damaged, None, and the run goes back to its beginning."""
        try:
            return read()
        except Unreadable:
            self._lose(key)
            return None


def later(trace: Trace, after: int) -> Trace:
    """The records of rounds beyond `after`."""
    if not len(trace) or trace["round"][0] > after:
        return trace
    first = int(trace["round"].searchsorted(after, side="right"))
    shots = {round: shot for round, shot in trace.snapshots.items() if round > after}
    return Trace({name: column[first:] for name, column in trace.columns.items()}, trace.contraction[first:], shots)


UNSOUND = Text("the file is damaged: {words}", "файл повреждён: {words}")
OTHER_VERSION = Text(
    "it was written by another version of the lab: {found} instead of {expected}", "он записан другой версией: {found} вместо {expected}"
)


def _fault(path: Path) -> Text | None:
    """Why the file at `path` cannot be used; None where it can, or where there is none."""
    if not path.exists():
        return None
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            return OTHER_VERSION.format(found=version, expected=VERSION) if version else UNSOUND.format(words="no tables")
        if _is_cut(connection, path):
            return UNSOUND.format(words="its end is missing")
        (words,) = connection.execute("PRAGMA quick_check(1)").fetchone() if path.stat().st_size <= RECHECKED else ("ok",)
        return None if words == "ok" else UNSOUND.format(words=" ".join(words.split()))
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        return UNSOUND.format(words=error)
    finally:
        if connection is not None:
            connection.close()


def _is_cut(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is shorter than its header says; not judged while another process holds back a part of the log."""
    _, logged, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return bool(logged == moved and path.stat().st_size < pages * size)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if connection.execute("PRAGMA user_version").fetchone() == (0,):
        connection.executescript(f"BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT")
    return connection


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.damaged-{number}")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
