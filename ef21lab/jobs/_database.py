"""The SQLite file behind the store: opened whole, brought to today's tables, watched while it is open; never deleted, never overwritten."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.schema import COLUMNS, MIGRATIONS, TABLES, VERSION

T = TypeVar("T")

Execute = Callable[..., sqlite3.Cursor]

BUSY = 10.0  # seconds that a writer waits for another process
SQLITE = b"SQLite format 3\0"  # with which its files begin
OURS = frozenset({"runs", "chunks", "catalogue"})  # tables that no other program's file has, all of them or some
RECHECKED = 256 * 1024**2  # files up to this many bytes are read through at every start

MOVED_ASIDE = Text(
    "The record of runs could not be read ({why}). It was kept as {path}, and a new one was begun: earlier runs are computed anew.",
    "Не удалось прочитать записи о запусках ({why}). Файл сохранён как {path}, начат новый: прежние запуски будут вычислены заново.",
)
PUT_BACK = Text(
    "The record of runs, {path}, had been deleted while the lab was running. It was written back whole.",
    "Файл с записями о запусках, {path}, удалили, пока лаборатория работала. Он записан заново целиком.",
)
NO_PLACE = Text("the record of runs cannot be kept in {path}: {why}", "записи о запусках негде хранить, {path}: {why}")
UNSOUND = Text("the file is damaged: {words}", "файл повреждён: {words}")
NO_RECORD = Text("the file is no record of runs", "это не файл с записями о запусках")
NOT_A_FILE = Text("there is a directory in its place", "на его месте каталог")
NEWER = Text(
    "it was written by a newer version of the lab: {found} instead of {expected}",
    "он записан более новой версией: {found} вместо {expected}",
)


class Database:
    """One connection that any thread may use. A file that cannot be read is moved aside: `notice` then says so, and a new one is begun.

    Raises Refusal where there is no place for a file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice: Text | None = None
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            why = _fault(path)
            if why is not None:
                self._move_aside(why)
            self.connection = self._connected()
        except (OSError, sqlite3.OperationalError) as error:
            raise Refusal(NO_PLACE.format(path=path, why=error)) from error

    def close(self) -> None:
        with self._lock:
            self.connection.close()

    def one(self, query: str, *values: Any) -> Any:
        """The first row, or None."""
        rows = self.all(query, values)
        return rows[0] if rows else None

    def all(self, query: str, values: Any = ()) -> list[Any]:
        with self._lock:
            try:
                return self.connection.execute(query, values).fetchall()
            except sqlite3.DatabaseError as error:
                if not self._mend(error):
                    raise
                return self.connection.execute(query, values).fetchall()

    def write(self, statement: str, values: tuple[Any, ...]) -> None:
        self.change(lambda execute: execute(statement, values))

    def change(self, work: Callable[[Execute], T]) -> T | None:
        """`work` in one transaction. On a damaged file it is lost with the file, a new one is begun, and None is returned."""
        with self._lock:
            self._look_at_the_file()
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                result = work(self.connection.execute)
                self.connection.execute("COMMIT")
                return result
            except sqlite3.DatabaseError as error:
                self._roll_back()
                if not self._mend(error):
                    raise
                return None if _is_damage(error) else self.change(work)
            except BaseException:
                self._roll_back()
                raise

    def bytes(self) -> int:
        """What the rows take, without pages that are free."""
        pages, free, size = (self.one(f"PRAGMA {name}")[0] for name in ("page_count", "freelist_count", "page_size"))
        return int((pages - free) * size)

    def _connected(self) -> sqlite3.Connection:
        if not self.path.exists():
            _place(self.path, _lay_out)
        connection = _opened(self.path)
        found = connection.execute("PRAGMA user_version").fetchone()[0] or VERSION
        steps = " ".join(MIGRATIONS[version] for version in range(found, VERSION))
        connection.executescript(f"BEGIN IMMEDIATE; {TABLES} {steps} PRAGMA user_version = {VERSION}; COMMIT")
        self._identity = _identity(self.path)
        return connection

    def _mend(self, error: sqlite3.DatabaseError) -> bool:
        """Whether what went wrong was the file and there is a sound one now: a new one, or its missing tables made anew."""
        if _is_damage(error):
            with contextlib.suppress(sqlite3.DatabaseError):
                self.connection.close()
            self._move_aside(UNSOUND.format(words=error))
        elif "no such table" not in str(error):
            return False
        self.connection = self._connected()
        return True

    def _look_at_the_file(self) -> None:
        """A file that was deleted under us is still readable here, and only here: it is written back. One put in its place is opened."""
        found = _identity(self.path)
        if found == self._identity:
            return
        before = self.connection
        if found is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            for suffix in ("-wal", "-shm"):  # of the file that is gone
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            _place(self.path, before.backup)
            self.notice = PUT_BACK.format(path=self.path)
        elif (why := _fault(self.path)) is not None:
            self._move_aside(why)
        self.connection = self._connected()
        before.close()

    def _move_aside(self, why: Text) -> None:
        number = next(n for n in range(1, 1_000_000) if not _aside(self.path, n).exists())
        kept = _aside(self.path, number)
        for suffix in ("-wal", "-shm", ""):
            part = Path(f"{self.path}{suffix}")
            if part.exists():
                part.rename(f"{kept}{suffix}")
        self.notice = MOVED_ASIDE.format(why=why, path=kept)

    def _roll_back(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")


def foreign(path: Path) -> Text | None:
    """Why what is at `path` is nobody's here to move aside: another program's, a newer lab's, no file. None for a record, also a damaged
    one, and where there is nothing."""
    try:
        if not path.is_file():
            return NO_RECORD if path.exists() else None
        with path.open("rb") as file:
            begins = file.read(len(SQLITE))
    except OSError:  # said where it is opened
        return None
    if begins != SQLITE:
        return NO_RECORD if begins else None
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY)) as connection, contextlib.suppress(sqlite3.DatabaseError):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and not tables & OURS:
            return NO_RECORD
        if version > VERSION:
            return NEWER.format(found=version, expected=VERSION)
    return None


def _lay_out(connection: sqlite3.Connection) -> None:
    """Today's tables, empty; a file that is in WAL mode already needs nobody to be alone with it to open it."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(f"BEGIN IMMEDIATE; {TABLES} PRAGMA user_version = {VERSION}; COMMIT")


def _place(path: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    """A file that is whole from its first moment on, or that of another process which was faster."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(6)}.new")
    try:
        with contextlib.closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
            fill(connection)
        os.link(fresh, path)
    except FileExistsError:
        pass
    except OSError:
        if not fresh.exists() or path.exists():
            raise
        fresh.rename(path)  # a file system that knows no links
    finally:
        fresh.unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file this is; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _fault(path: Path) -> Text | None:
    """Why the file at `path` cannot be used; None where it can, or where there is none."""
    if path.is_dir():
        return NOT_A_FILE
    if not path.exists():
        return None
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None)
        return _fault_of(connection, path)
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        return UNSOUND.format(words=error)
    finally:
        if connection is not None:
            connection.close()


def _fault_of(connection: sqlite3.Connection, path: Path) -> Text | None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        return UNSOUND.format(words="no tables")
    if version > VERSION:
        return NEWER.format(found=version, expected=VERSION)
    if _is_cut(connection, path):
        return UNSOUND.format(words="its end is missing")
    (words,) = connection.execute("PRAGMA quick_check(1)").fetchone() if path.stat().st_size <= RECHECKED else ("ok",)
    if words != "ok":
        return UNSOUND.format(words=" ".join(words.split()))
    return _foreign_table(connection)


def _foreign_table(connection: sqlite3.Connection) -> Text | None:
    """A table that is there must have the columns that it is read by; one that is missing is made anew."""
    for table, expected in COLUMNS.items():
        found = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        if found and not found >= expected:
            return UNSOUND.format(words=f"the table {table} lacks {', '.join(sorted(expected - found))}")
    return None


def _is_cut(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is shorter than its header says; not judged while another process holds back a part of the log."""
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    _, logged, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()  # after the count: others may write meanwhile
    return bool(logged == moved and path.stat().st_size < pages * size)


def _aside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.damaged-{number}")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
