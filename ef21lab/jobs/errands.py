"""Errands: grids of runs that go on when the page that began them is closed, until all are over or their time is up.

A page feeds the lab itself, in its visitor's turn, and says each time that it is there. An errand of which no page has said so for ABSENT
seconds is fed from here. All of these together are one visitor: however many pages were closed, they have one visitor's turn among those
who are there, and room for one visitor's runs. They are kept in files, so that they go on after the server was started anew; what of
their runs was recorded is not computed again, since the record says so.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Protocol

from ef21lab.choices.text import Refusal
from ef21lab.jobs.admission import NoRoom
from ef21lab.jobs.knowledge import NotReady
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.store import Status
from ef21lab.runs.spec import RunSpec

log = logging.getLogger(__name__)

OWNER = "errands"  # the visitor that all of them are
ABSENT = 20.0  # seconds
EVERY = 1.0  # seconds between portions
MOST = 64  # errands; the one that is alone for longest gives way
TOLD = 30.0  # seconds between two notes on the disk of a page that is there


class Feeds(Protocol):
    """What of a lab an errand needs; see Lab."""

    limits: Limits

    def status(self, key: str) -> Status | None: ...

    def check(self, spec: RunSpec, visitor: str) -> None: ...

    def watch(self, visitor: str, keys: Iterable[str]) -> None: ...

    def submit_many(self, specs: Iterable[RunSpec], visitor: str) -> list[str]: ...


@dataclass(eq=False)
class Errand:
    """One grid."""

    specs: tuple[RunSpec, ...]
    seen: float  # when a page was there, in seconds since 1970
    noted: float  # the same as the disk has it
    over: set[str] = field(default_factory=set)  # keys of runs that are done, failed, or can never be here


class Errands:
    """The errands of one lab. Any thread may call any method."""

    def __init__(self, folder: Path, lab: Feeds, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._lab, self._clock = folder, lab, clock
        self._lock = threading.RLock()
        self._known: dict[str, Errand] = _read(folder)
        self._fed = False  # the lab was told of some in the last turn
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Feed what there is from now on."""
        with self._lock:
            if self._known and self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._go_on, name="ef21lab errands", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """They wait for the next lab."""
        self._closing.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def tend(self, name: str, specs: Sequence[RunSpec]) -> None:
        """A page is there that feeds these runs; once it is silent they go on from here."""
        now = self._clock()
        with self._lock:
            errand = self._known.get(name)
            if errand is None:
                errand = self._known[name] = Errand(tuple(specs), now, now)
                self._write(name, errand)
                for silent in sorted(self._known, key=lambda one: self._known[one].seen)[: max(0, len(self._known) - MOST)]:
                    self.drop(silent)
            errand.seen = now
            if now - errand.noted > TOLD:
                errand.noted = now
                self._note(name, now)
        self.start()

    def drop(self, name: str) -> None:
        """Nobody wants it to go on."""
        with self._lock:
            if self._known.pop(name, None) is not None:
                with contextlib.suppress(OSError):
                    (self._folder / name).unlink(missing_ok=True)

    def feed(self) -> None:
        """Give the lab as many runs of those that are alone as one visitor may have going."""
        alone = self._alone()
        if not alone and not self._fed:
            return
        portion = self._portion(alone)
        self._fed = bool(portion)
        self._lab.watch(OWNER, [spec.key for spec in portion])
        try:
            self._lab.submit_many(portion, OWNER)
        except (NoRoom, NotReady):
            pass  # in a moment
        except Refusal as refusal:
            log.info("errands wait: %s", refusal.text.en)

    def _alone(self) -> dict[str, Errand]:
        """Those whose page is gone; whose time is up goes too."""
        with self._lock:
            silent = {name: self._clock() - errand.seen for name, errand in self._known.items()}
            for name in [name for name, seconds in silent.items() if seconds > self._lab.limits.alone]:
                self.drop(name)
            return {name: errand for name, errand in self._known.items() if silent[name] > ABSENT}

    def _portion(self, alone: dict[str, Errand]) -> list[RunSpec]:
        """Of each in turn, as many as there is room for; those that share lanes stand together. One that is over is forgotten."""
        room = self._lab.limits.running
        waiting = {name: self._next(errand, room) for name, errand in alone.items()}
        for name in [name for name, errand in alone.items() if len(errand.over) == len({spec.key for spec in errand.specs})]:
            self.drop(name)
        in_turn = (spec for one_each in zip_longest(*waiting.values()) for spec in one_each if spec is not None)
        chosen = list(dict.fromkeys(in_turn))[:room]
        return [spec for specs in waiting.values() for spec in specs if spec in chosen]

    def _next(self, errand: Errand, most: int) -> list[RunSpec]:
        """The first of its runs that are not over; none beyond one of which nothing can be said yet."""
        found: list[RunSpec] = []
        for spec in errand.specs:
            if spec.key in errand.over:
                continue
            if len(found) == most:
                break
            status = self._lab.status(spec.key)
            if status is not None and status.state in ("done", "failed"):
                errand.over.add(spec.key)
                continue
            try:
                self._lab.check(spec, OWNER)
            except NotReady:
                break
            except Refusal:
                errand.over.add(spec.key)
                continue
            found.append(spec)
        return found

    def _go_on(self) -> None:
        while not self._closing.wait(EVERY):
            try:
                self.feed()
            except Exception:
                log.exception("errands could not be fed")

    def _write(self, name: str, errand: Errand) -> None:
        content = zlib.compress(json.dumps([spec.json() for spec in errand.specs]).encode())
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = self._folder / f"{name}.part"
            fresh.write_bytes(content)
            os.utime(fresh, (errand.seen, errand.seen))
            fresh.replace(self._folder / name)
        except OSError as error:  # it goes on for as long as this server
            log.warning("an errand cannot be kept: %s", error)

    def _note(self, name: str, now: float) -> None:
        try:
            os.utime(self._folder / name, (now, now))
        except OSError as error:
            log.warning("an errand cannot be kept: %s", error)


def _read(folder: Path) -> dict[str, Errand]:
    """What an earlier server has left; a file that cannot be understood is no errand."""
    found = {}
    for path in sorted(folder.glob("*")):
        try:
            specs = tuple(map(RunSpec.make, json.loads(zlib.decompress(path.read_bytes()))))
            seen = path.stat().st_mtime
            found[path.name] = Errand(specs, seen, seen)
        except (OSError, ValueError, TypeError, RecursionError, zlib.error, Refusal):
            with contextlib.suppress(OSError):  # a folder, a disk that cannot be written: no reason for the lab not to open
                path.unlink(missing_ok=True)
    return found
