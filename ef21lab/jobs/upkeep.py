"""What keeps the store in order while nothing waits: slices of work, each short, none of which holds a visitor up."""

from __future__ import annotations

import time

from ef21lab.jobs import catalogue
from ef21lab.jobs.catalogue import COMMON
from ef21lab.jobs.store import OVER, Store

SLICE = 0.05  # seconds
AT_A_TIME = 20  # runs that are to leave, looked up together

_OVER = ", ".join(f"'{state}'" for state in OVER)
OLDEST = (  # of the runs that are over and that nobody in question holds, those looked at longest ago
    f"SELECT key FROM runs WHERE state IN ({_OVER}) AND NOT EXISTS (SELECT 1 FROM marks"
    " WHERE marks.key = runs.key AND (pinned OR tags <> '[]') AND (:visitors OR owner = :common)) ORDER BY touched LIMIT :most"
)


def tidy(store: Store, seconds: float = SLICE) -> bool:
    """One slice of work, of about so many seconds; whether more is left."""
    ends = time.monotonic() + seconds
    return _catch_up(store, ends) or _evict(store, ends)


def _catch_up(store: Store, ends: float) -> bool:
    """Enter finished runs of an earlier version into the catalogue. Whether more are left."""
    while (row := store.file.one("SELECT key FROM uncatalogued LIMIT 1")) is not None:
        if time.monotonic() > ends:
            return True
        _enter(store, row[0])
        store.file.write("DELETE FROM uncatalogued WHERE key = ?", row)
    return False


def _enter(store: Store, key: str) -> None:
    status, spec, trace = store.status(key), store.spec(key), store.trace(key)
    touched = store.file.one("SELECT touched FROM runs WHERE key = ?", key)
    if status is not None and status.state == "done" and spec is not None and len(trace) and store.catalogue.get(key) is None:
        store.file.change(lambda execute: catalogue.enter(execute, key, spec, trace, touched[0]))


def _evict(store: Store, ends: float) -> bool:
    """Forget the runs that were looked at longest ago until the rest fits. Whether more are to leave.

    What is going stays, and what the record itself pins or tags. What visitors hold leaves after all else: no visitor can fill a disk.
    """
    leaving: list[str] = []
    while store.file.bytes() > store.largest:
        leaving = leaving or _oldest(store, visitors=True) or _oldest(store, visitors=False)
        if not leaving:
            return False
        if time.monotonic() > ends:
            return True
        store.forget([leaving.pop(0)])
    return False


def _oldest(store: Store, visitors: bool) -> list[str]:
    """Who is to leave next, in this order; with `visitors`, what these hold is not among them."""
    rows = store.file.all(OLDEST, {"visitors": visitors, "common": COMMON, "most": AT_A_TIME})
    return [key for (key,) in rows]
