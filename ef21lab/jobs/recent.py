"""Traces in memory, so that those who watch a run do not read the store; the least watched leave first."""

from __future__ import annotations

import threading
from collections import OrderedDict

from ef21lab.jobs.store import later
from ef21lab.runs.trace import Trace, joined

MOST_BYTES = 128 * 1024**2
MOST_PARTS = 64  # of one trace, before they are joined


class RecentTraces:
    """Whole traces by key, each from round 0 on. Snapshots are not kept."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._parts: OrderedDict[str, list[Trace]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str, after: int) -> Trace | None:
        """The records of rounds beyond `after`; None where this trace is not here."""
        with self._lock:
            parts = self._parts.get(key)
            if parts is None:
                return None
            self._parts.move_to_end(key)
            if after < 0 or len(parts) > MOST_PARTS:
                parts[:] = [joined(parts)]
            return joined([later(part, after) for part in parts if part["round"][-1] > after] or [later(parts[-1], after)])

    def put(self, key: str, trace: Trace) -> None:
        """A whole trace."""
        with self._lock:
            self._drop(key)
            if len(trace):
                self._add(key, [], trace)

    def extend(self, key: str, before: int, part: Trace) -> None:
        """The records that follow round `before`; without effect where the rounds up to there are not here."""
        if not len(part):
            return
        with self._lock:
            parts = self._parts.get(key, [])
            if before == (int(parts[-1]["round"][-1]) if parts else -1):
                self._add(key, parts, Trace(part.columns, part.contraction))
            else:
                self._drop(key)

    def drop(self, key: str) -> None:
        with self._lock:
            self._drop(key)

    def _add(self, key: str, parts: list[Trace], part: Trace) -> None:
        parts.append(part)
        self._parts[key] = parts
        self._parts.move_to_end(key)
        self._bytes += _bytes(part)
        while self._bytes > self.most_bytes and len(self._parts) > 1:
            self._drop(next(iter(self._parts)))

    def _drop(self, key: str) -> None:
        self._bytes -= sum(map(_bytes, self._parts.pop(key, [])))


def _bytes(trace: Trace) -> int:
    return trace.contraction.nbytes + sum(column.nbytes for column in trace.columns.values())
