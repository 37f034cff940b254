"""Traces in memory, so that those who watch a run do not read the store; the least watched leave first."""

from __future__ import annotations

import math
import threading
from dataclasses import replace

from zict import LRU

from ef21lab.jobs.store import later
from ef21lab.runs.trace import Trace, joined

MOST_BYTES = 128 * 1024**2
MOST_PARTS = 64  # of one trace, before they are joined


class RecentTraces:
    """Whole traces by key, each from round 0 on. Snapshots are not kept."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.most_bytes = most_bytes
        self._parts: LRU[str, list[Trace]] = LRU(math.inf, {}, weight=lambda key, parts: sum(map(_bytes, parts)))
        self._lock = threading.Lock()

    def get(self, key: str, after: int) -> Trace | None:
        """The records of rounds beyond `after`; None where this trace is not here."""
        with self._lock:
            parts = self._parts.get(key)
            if parts is None:
                return None
            if after < 0 or len(parts) > MOST_PARTS:
                parts[:] = [joined(parts)]
            return joined([later(part, after) for part in parts if part["round"][-1] > after] or [later(parts[-1], after)])

    def put(self, key: str, trace: Trace) -> None:
        """A whole trace."""
        with self._lock:
            self._parts.discard(key)
            if len(trace):
                self._keep(key, [trace])

    def extend(self, key: str, before: int, part: Trace) -> None:
        """The records that follow round `before`; without effect where the rounds up to there are not here."""
        if not len(part):
            return
        with self._lock:
            parts = self._parts.get(key, [])
            if before == (int(parts[-1]["round"][-1]) if parts else -1):
                self._keep(key, [*parts, replace(part, snapshots={}, x=None)])
            else:
                self._parts.discard(key)

    def drop(self, key: str) -> None:
        with self._lock:
            self._parts.discard(key)

    def _keep(self, key: str, parts: list[Trace]) -> None:
        """The latest stays, whatever it weighs; so the bound is held here and not by the LRU, which would forget the heaviest first."""
        self._parts[key] = parts
        while self._parts.total_weight > self.most_bytes and len(self._parts) > 1:
            self._parts.evict()


def _bytes(trace: Trace) -> int:
    arrays = [trace.contraction, *trace.columns.values(), *(trace.layers or ())]
    return sum(array.nbytes for array in arrays)
