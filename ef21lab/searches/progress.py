"""How far the candidates of a race have been computed: in memory, or in the record of runs, each under its own key."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.lanes import Advanced
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace, joined


class Reached(NamedTuple):
    """What is there of a run, and where to go on from."""

    trace: Trace
    checkpoint: Checkpoint | None = None
    whole: bool = False

    @property
    def round(self) -> int:
        """The last that was recorded; −1 before the first."""
        return int(self.trace["round"][-1]) if len(self.trace) else -1

    def with_more(self, lane: Advanced) -> Reached:
        return Reached(joined([self.trace, lane.part]) if len(self.trace) else lane.part, lane.checkpoint, lane.finished)


def not_begun() -> Reached:
    """Of a run without a record. Which columns there are is asked at its first use: a metric may be added after this import."""
    return Reached(joined(()))


class InMemory:
    """Runs as far as this search has brought them."""

    snapshots = False  # whether messages are wanted too

    def __init__(self) -> None:
        self._runs: dict[str, Reached] = {}  # by key

    def look(self, spec: RunSpec) -> Reached:
        """What is known of it; nothing is begun."""
        return self._runs.get(spec.key, not_begun())

    def open(self, specs: Sequence[RunSpec]) -> None:
        """They are about to be brought further."""

    def take(self, spec: RunSpec, lane: Advanced) -> None:
        """Its next records."""
        self._runs[spec.key] = self.look(spec).with_more(lane)


@contextlib.contextmanager
def progress(store: bool | str | Path) -> Iterator[InMemory]:
    """In memory where `store` is False, else in the record of runs that it means, as in `run`."""
    if store is False:
        yield InMemory()
        return
    from ef21lab.jobs import beside  # whoever keeps nothing need not wait for SQLite
    from ef21lab.jobs.engine import Chunk
    from ef21lab.jobs.records import Records
    from ef21lab.jobs.store import Store

    class OnRecord(InMemory):
        """What is there already is not computed again, whoever has computed it; a server may be at the same runs."""

        snapshots = True

        def __init__(self, record: Store) -> None:
            super().__init__()
            self._record, self._records = record, Records(record)
            self._opened: set[RunSpec] = set()

        def look(self, spec: RunSpec) -> Reached:
            if spec.key not in self._runs:
                status = self._record.status(spec.key)
                self._runs[spec.key] = not_begun() if status is None else self._read(spec, None, status.state == "done")
            return self._runs[spec.key]

        def open(self, specs: Sequence[RunSpec]) -> None:
            fresh = [spec for spec in specs if spec not in self._opened]
            for spec, (status, checkpoint) in zip(fresh, self._records.open_all(fresh), strict=True):
                if checkpoint is not None or status.state == "done":
                    self._runs[spec.key] = self._read(spec, checkpoint, status.state == "done")
                else:
                    self._runs[spec.key] = not_begun()
                self._opened.add(spec)

        def take(self, spec: RunSpec, lane: Advanced) -> None:
            if self._records.append(spec.key, self._runs[spec.key].round, Chunk(*lane)):
                super().take(spec, lane)
            else:  # somebody else has brought it on meanwhile
                self._opened.discard(spec)
                self.open([spec])

        def leave(self) -> None:
            """What is not done waits until somebody asks for it again."""
            for spec in self._opened:
                if not self._runs[spec.key].whole:
                    self._record.mark(spec.key, "cancelled")

        def _read(self, spec: RunSpec, checkpoint: Checkpoint | None, whole: bool) -> Reached:
            return Reached(self._record.trace(spec.key), checkpoint, whole)

    with beside.opened(beside.place_of(store)) as record:
        kept = OnRecord(record)
        try:
            yield kept
        finally:
            kept.leave()
