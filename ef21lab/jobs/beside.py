"""The record of runs beside the server, or without one: opened by a program or the command line, read from and written to."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from threadpoolctl import threadpool_limits

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.datasets.readers.places import home
from ef21lab.jobs._database import NO_PLACE, foreign
from ef21lab.jobs.engine import execute
from ef21lab.jobs.limits import store_bytes
from ef21lab.jobs.records import Records
from ef21lab.jobs.store import LARGEST, Store
from ef21lab.jobs.taken import whole
from ef21lab.jobs.upkeep import tidy
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

FILE = "runs.db"
SLICE = 2.0  # seconds of computing between two writes

NOT_KEPT = Text(
    "the record of runs at {path} cannot be read or written: {why}", "файл с записями запусков, {path}, не читается или не пишется: {why}"
)
NO_STORE = Text(
    "store={store}: True for the record of this machine, or the path of a file or folder",
    "store={store}: True — записи этой машины, либо путь к файлу или каталогу",
)


def place_of(store: bool | str | Path) -> Path:
    """The file that is meant. Raises Refusal for what names none."""
    if store is True:
        return home() / FILE
    if not isinstance(store, (str, Path)) or not str(store) or "\0" in str(store):
        raise Refusal(NO_STORE.format(store=shown(store)))
    try:
        path = Path(store).expanduser()
        return path / FILE if path.is_dir() else path
    except (OSError, RuntimeError):  # a name that no file can have, a user who does not exist
        raise Refusal(NO_STORE.format(store=shown(str(store)))) from None


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Store]:
    """The record there, beside a server that may have it open too; afterwards it is in order. Raises Refusal where there is no place.

    What is there and is no record, or a newer lab's, stays as it is: only a server that begins may move such a file out of its own way.
    """
    if (why := foreign(path)) is not None:
        raise Refusal(NO_PLACE.format(path=path, why=why))
    store = Store(path, store_bytes(os.environ, LARGEST), alone=False)
    try:
        yield store
        tidy(store)
    except sqlite3.Error as error:  # a full disk, a file that nobody may write to, a server that holds it for long
        raise Refusal(NOT_KEPT.format(path=path, why=quoted(str(error)))) from error
    finally:
        store.close()


def kept(store: Store, spec: RunSpec) -> Trace:
    """The whole run, from the store or computed and kept there. Raises Refusal where there can be no such run."""
    known = store.status(spec.key)
    if known is None or known.state != "done":
        _ = plan(spec, problem_of(spec).facts).gamma  # what cannot run is entered nowhere
        try:
            _compute(Records(store), spec)
        except BaseException:
            store.mark(spec.key, "cancelled")
            raise
    return whole(store, spec.key)


def _compute(records: Records, spec: RunSpec) -> None:
    """To its end, from where anybody has brought it; a server may be at it too."""
    with threadpool_limits(1):
        while True:
            known, checkpoint = records.open(spec)
            if known.state == "done":
                return
            chunk = execute(spec.json(), checkpoint, SLICE)
            records.append(spec.key, -1 if checkpoint is None else checkpoint.round, chunk)
