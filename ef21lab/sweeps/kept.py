"""Where the runs of a sweep are kept, so that none is computed twice: a folder, or the record of runs."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from ef21lab.choices.text import Refusal
from ef21lab.runs.besides import besides, together
from ef21lab.runs.spec import RunSpec
from ef21lab.sweeps.work import Ended

DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, Refusal)  # not there, cut short, of another version
FORMATS = (1, 2)  # of a trace in a folder: the first, which does not say so, has no layers
COLUMN = "column:"  # before the names of columns


class Keeper(Protocol):
    """Knows runs that are done, by their keys."""

    def get(self, spec: RunSpec) -> Ended | None: ...  # None where it is not known

    def put(self, spec: RunSpec, outcome: Ended) -> None: ...  # a whole run


class Nowhere:
    """Keeps nothing."""

    def get(self, spec: RunSpec) -> Ended | None:
        return None

    def put(self, spec: RunSpec, outcome: Ended) -> None:
        pass


class Folder:
    """KEY.npz with the whole trace and the spec, and KEY.csv as `run --csv` writes it, in a folder of one's own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)

    def get(self, spec: RunSpec) -> Ended | None:
        path = self._path / f"{spec.key}.npz"
        try:
            with np.load(path, allow_pickle=False) as found:
                arrays = {name: found[name] for name in found.files}
            if int(arrays.get("format", 1)) not in FORMATS:
                return None
            columns = {name.removeprefix(COLUMN): array for name, array in arrays.items() if name.startswith(COLUMN)}
            return Ended(together(columns, arrays), None, RunSpec.make(json.loads(str(arrays["ran"]))))
        except DAMAGED:
            return None

    def put(self, spec: RunSpec, outcome: Ended) -> None:
        trace = outcome.trace
        assert trace is not None  # what failed is not kept
        arrays = {COLUMN + name: values for name, values in trace.columns.items()} | besides(trace) | {"format": np.array(FORMATS[-1])}
        arrays |= {"spec": np.array(json.dumps(spec.json())), "ran": np.array(json.dumps(outcome.ran.json()))}
        with _whole(self._path / f"{spec.key}.csv") as fresh:
            fresh.write_text(trace.to_csv(), encoding="utf-8", newline="")
        with _whole(self._path / f"{spec.key}.npz") as fresh, fresh.open("wb") as out:
            np.savez_compressed(out, allow_pickle=False, **arrays)


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file that is there whole or not at all."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        yield fresh
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


@contextlib.contextmanager
def keeper(store: bool | str | Path, messages: bool = True) -> Iterator[Keeper]:
    """The record of runs that `store` means, as in `run`; nothing is kept where it is False. Without `messages` what it knows comes as
    numbers alone."""
    if store is False:
        yield Nowhere()
        return
    from ef21lab.jobs import beside, taken  # whoever keeps nothing need not wait for SQLite

    class InRecord:
        """A tuned step is not a run of the record: those that it stands for are asked for by themselves."""

        def get(self, spec: RunSpec) -> Ended | None:
            status = record.status(spec.key)
            if status is None or status.state != "done":
                return None
            return Ended(taken.whole(record, spec.key) if messages else record.trace(spec.key).of(spec), None, spec)

        def put(self, spec: RunSpec, outcome: Ended) -> None:
            if outcome.trace is not None:
                record.adopt(outcome.ran, outcome.trace)

    with beside.opened(beside.place_of(store)) as record:
        yield InRecord()
