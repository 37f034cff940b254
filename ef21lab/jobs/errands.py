"""Errands: grids and races that go on when the page that began them is closed, until they are over or their time is up.

A page feeds the lab itself, in its visitor's turn, and says each time that it is there. An errand of which no page has said so for ABSENT
seconds is fed from here. All of these together are one visitor: however many pages were closed, they have one visitor's turn among those
who are there, and room for one visitor's runs. They are kept in files, so that they go on after the server was started anew; what of
their runs was recorded is not computed again, since the record says so.

What is to be computed next the errand itself knows (`Work`): of a grid the runs that are not over, of a race those whose next records
decide who goes on.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, ClassVar, Protocol

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.knowledge import NotReady
from ef21lab.jobs.limits import Limits
from ef21lab.jobs.store import Status
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

log = logging.getLogger(__name__)

OWNER = "errands"  # the visitor that all of them are
ABSENT = 20.0  # seconds
EVERY = 1.0  # seconds between portions
MOST = 64  # errands; the one that is alone for longest gives way
TOLD = 30.0  # seconds between two notes on the disk of a page that is there

Piece = tuple[RunSpec, ...]  # runs that are asked for together, since they may share lanes


class Feeds(Protocol):
    """What of a lab an errand needs; see Lab."""

    @property
    def limits(self) -> Limits: ...

    def status(self, key: str) -> Status | None: ...

    def trace(self, key: str) -> Trace: ...

    def facts(self, spec: RunSpec, *, owner: str) -> Facts: ...

    def check(self, spec: RunSpec, visitor: str) -> None: ...

    def watch(self, visitor: str, keys: Iterable[str]) -> None: ...

    def submit_many(self, specs: Iterable[RunSpec], visitor: str) -> list[str]: ...


class Work(Protocol):
    """What there is to do of an errand. One thread at a time asks."""

    kind: ClassVar[str]  # the word by which its file is read again

    def json(self) -> Json:
        """All that it takes to begin it again: what was computed is in the record of runs."""

    def next(self, lab: Feeds, owner: str, most: int) -> list[Piece]:
        """At most so many pieces of at most so many runs that could go on now. Raises NotReady where that is not known yet."""

    @property
    def over(self) -> bool:
        """Whether nothing is left to do, by what `next` has found."""


Kind = Callable[[Any], Work]  # of what `json` gave; raises Refusal, ValueError or TypeError where that is something else


@dataclass(eq=False)
class Errand:
    """One of them. What there is to do is made of its document when it is asked for the first time."""

    kind: str
    document: Json
    seen: float  # when a page was there, in seconds since 1970
    noted: float  # the same as the disk has it
    work: Work | None = None


class Errands:
    """The errands of one lab. Any thread may call any method."""

    def __init__(self, folder: Path, lab: Feeds, kinds: Mapping[str, Kind], clock: Callable[[], float] = time.time) -> None:
        self._folder, self._lab, self._clock = folder, lab, clock
        self._kinds = dict(kinds)
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

    def knows(self, kind: str, make: Kind) -> None:
        """Errands of this kind, left before this server began, go on too. One of a kind that nobody knows waits."""
        with self._lock:
            self._kinds[kind] = make

    def tend(self, name: str, work: Work) -> None:
        """A page is there that feeds this; once it is silent it goes on from here."""
        now = self._clock()
        with self._lock:
            errand = self._known.get(name)
            if errand is None:
                errand = self._known[name] = Errand(work.kind, work.json(), now, now, work)
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
        """Give the lab as much of those that are alone as one visitor may have going."""
        alone = self._alone()
        if not alone and not self._fed:
            return
        portion = self._portion(alone)
        self._fed = bool(portion)
        if (why := fed(self._lab, OWNER, portion)) is not None:
            log.debug("errands wait: %s", why.en)

    def _alone(self) -> dict[str, Errand]:
        """Those whose page is gone; whose time is up goes too."""
        with self._lock:
            silent = {name: self._clock() - errand.seen for name, errand in self._known.items()}
            for name in [name for name, seconds in silent.items() if seconds > self._lab.limits.alone]:
                self.drop(name)
            return {name: errand for name, errand in self._known.items() if silent[name] > ABSENT}

    def _portion(self, alone: Mapping[str, Errand]) -> list[Piece]:
        """Of each in turn, as many as there is room for. One that is over is forgotten, and so is one that can never be."""
        room = self._lab.limits.running
        waiting = []
        for name, errand in alone.items():
            try:
                pieces = self._next(errand, room)
            except NotReady:
                continue  # in a moment
            except (Refusal, ValueError, TypeError, KeyError, RecursionError) as error:
                log.warning("an errand cannot go on: %s", error)
                self.drop(name)
                continue
            waiting.append(pieces)
            if errand.work is not None and errand.work.over:
                self.drop(name)
        in_turn = (piece for one_each in zip_longest(*waiting) for piece in one_each if piece)
        return list(islice(dict.fromkeys(in_turn), room))

    def _next(self, errand: Errand, most: int) -> list[Piece]:
        if errand.work is None and (make := self._kinds.get(errand.kind)) is not None:
            errand.work = make(errand.document)
        return [] if errand.work is None else errand.work.next(self._lab, OWNER, most)

    def _go_on(self) -> None:
        while not self._closing.wait(EVERY):
            try:
                self.feed()
            except Exception:
                log.exception("errands could not be fed")

    def _write(self, name: str, errand: Errand) -> None:
        content = zlib.compress(json.dumps({KIND: errand.kind, ASKED: errand.document}).encode())
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


def fed(lab: Feeds, visitor: str, pieces: Sequence[Piece]) -> Text | None:
    """Ask the lab for these and for nothing else, piece by piece while there is room; why it has to wait, where it has to."""
    lab.watch(visitor, [spec.key for piece in pieces for spec in piece])
    for piece in pieces:
        try:
            lab.submit_many(piece, visitor)
        except Refusal as refusal:
            return refusal.text
    return None


KIND, ASKED = "kind", "asked"  # of its file
EARLIER = "grid"  # what a file is that is no more than a list of runs


def _read(folder: Path) -> dict[str, Errand]:
    """What an earlier server has left; a file that cannot be understood is no errand."""
    found = {}
    for path in sorted(folder.glob("*")):
        try:
            kept = json.loads(zlib.decompress(path.read_bytes()))
            kind, document = (EARLIER, kept) if isinstance(kept, list) else (kept[KIND], kept[ASKED])
            seen = path.stat().st_mtime
            found[path.name] = Errand(str(kind), document, seen, seen)
        except (OSError, ValueError, TypeError, KeyError, RecursionError, zlib.error):
            with contextlib.suppress(OSError):  # a folder, a disk that cannot be written: no reason for the lab not to open
                path.unlink(missing_ok=True)
    return found
