"""A run as its viewers see it: rows since a cursor, as one JSON document that all viewers at the same cursor share."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.runs.guarantees import STATEMENTS, Band, Guarantees, band
from ef21lab.runs.record import Layers, added, kept_names, sometimes
from ef21lab.runs.trace import Trace
from ef21lab.web.server.source import ENDED, RunStatus

DRAWN = ("round", "loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "seconds")
MOST_ROWS = 4000  # of one frame; a longer one is thinned evenly, its first and last rows kept
MOST_ERRORS = 400_000  # of one frame's heatmap: 1.6 MB


class Place(NamedTuple):
    """How far one viewer has got in one run: the last round of its curves and of its heatmap, and what it was sent last.

    `more` is the last round of the layer that is sent to those who ask for it; None for those who do not.
    """

    rows: int = -1
    errors: int = -1
    state: str | None = None  # the run's, as it was sent; with "!" once its end was announced
    more: int | None = None


class Event(NamedTuple):
    """One event: its kind and JSON, and the place of a viewer who has received it."""

    kind: str
    json: bytes
    place: Place


class News(NamedTuple):
    """What the source said of a run at one moment: rows after those already known."""

    version: object
    status: RunStatus | None
    rows: Trace | None
    snapshots: tuple[int, ...]


@dataclass
class Feed:
    """All that is known of one run, and the frames made of it since it last changed."""

    key: str
    version: object = None
    status: RunStatus | None = None
    columns: dict[str, np.ndarray] = field(default_factory=lambda: {name: np.empty(0) for name in (*kept_names(), *Band._fields)})
    relative: np.ndarray = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))  # (rows, nodes) errors of messages
    layers: Layers | None = None  # (rows, layers) each, of a run that records them
    snapshots: tuple[int, ...] = ()
    guarantees: Guarantees | Text | None = None  # what theorems say of the run, or why nothing; None until somebody has asked
    errors_upto: int = -1  # errors up to this round may be sent
    errors_released_at: float = -np.inf  # when that was
    serialised: int = 0  # frames made so far
    _frames: dict[Place, Event] = field(default_factory=dict)

    @property
    def head(self) -> int:
        """The last known round; −1 before the first."""
        return int(self.columns["round"][-1]) if len(self.columns["round"]) else -1

    @property
    def state(self) -> str:
        return "unknown" if self.status is None else self.status.state

    @property
    def ended(self) -> bool:
        return self.status is None or self.state in ENDED

    def take(self, news: News) -> None:
        """Add what is new. Rows that are known already are passed over, so news may come twice."""
        self.version, self.status, self.snapshots = news.version, news.status, news.snapshots
        if news.rows is not None and len(news.rows):
            self._append(news.rows)
        self._frames.clear()

    def release_errors(self, now: float, every: float) -> None:
        """Let the heatmap catch up: at most once in `every` seconds of a run that goes on."""
        if self.errors_upto < self.head and (self.state != "running" or now - self.errors_released_at >= every):
            self.errors_upto, self.errors_released_at = self.head, now
            self._frames.clear()

    def set_guarantees(self, found: Guarantees | Text) -> None:
        """What theorems say of the run: from now on there are frames with more."""
        self.guarantees = found
        self._frames.clear()

    def owes(self, place: Place) -> bool:
        """Whether a viewer at `place` asked for more than has been sent."""
        return place.more is not None and place.more < self.head

    def frame(self, place: Place) -> Event | None:
        """What a viewer at `place` has not seen yet; None where that is nothing. Made once for all viewers at that place."""
        kind = self._kind(place)
        if kind is None:
            return None
        if place not in self._frames:
            self._frames[place] = self._made(kind, place)
        return self._frames[place]

    def payload(self, place: Place) -> dict[str, Any]:
        """The JSON of everything after `place`."""
        document = {
            "key": self.key,
            "state": self.state,
            "reason": self._reason(),
            "round": self.head,
            "rounds": 0 if self.status is None else self.status.rounds,
            "wanted": 0 if self.status is None else self.status.wanted,
            "diverged": self._diverged(),
            "columns": {name: packed(column) for name, column in self._rows_after(place.rows).items()},
            "errors": self._errors_after(place.errors),
            "snapshots": list(self.snapshots),
        }
        return document if place.more is None or self.guarantees is None else {**document, "more": self._more_after(place.more)}

    def _kind(self, place: Place) -> str | None:
        if place.state is None:
            return "snapshot"
        more = self.owes(place) and self.guarantees is not None
        if self.ended and (more or place.state != self._state_sent(ended=True)):
            return "end"
        if more or place.rows < self.head or place.errors < self.errors_upto:
            return "delta"
        return "state" if place.state.rstrip("!") != self.state else None

    def _made(self, kind: str, place: Place) -> Event:
        self.serialised += 1
        document = json.dumps(self.payload(place), separators=(",", ":"), ensure_ascii=False).encode()
        more = place.more if place.more is None or self.guarantees is None else max(place.more, self.head)
        return Event(
            kind, document, Place(max(place.rows, self.head), max(place.errors, self.errors_upto), self._state_sent(kind == "end"), more)
        )

    def _state_sent(self, ended: bool) -> str:
        return self.state + ("!" if ended else "")

    def _append(self, rows: Trace) -> None:
        fresh = rows["round"] > self.head
        taken = {name: rows[name][fresh].astype(float) for name in rows.names} | band(rows.contraction[fresh])._asdict()
        known = self.columns if self.head >= 0 else dict.fromkeys(taken, np.empty(0))  # which it has the first rows say
        self.columns = {name: np.concatenate([column, taken[name]]) for name, column in known.items()}
        relative = relative_errors(rows.contraction[fresh])
        self.relative = np.concatenate([self.relative, relative]) if self.relative.size else relative
        self.layers = self._with_layers(rows.layers, fresh)

    def _with_layers(self, new: Layers | None, fresh: np.ndarray) -> Layers | None:
        """None for good once some rows are here without."""
        if new is None or (self.layers is None and len(self.columns["round"]) > fresh.sum()):
            return None
        known = self.layers or tuple(each[:0] for each in new)
        return Layers(*(np.concatenate([before, each[fresh]]) for before, each in zip(known, new, strict=True)))

    def _rows_after(self, round: int) -> dict[str, np.ndarray]:
        rows = self._between(round, self.head)
        return {name: self.columns[name][rows] for name in DRAWN}

    def _more_after(self, round: int) -> dict[str, Any]:
        """What theorems say, once, and the columns of the layer."""
        rows, found = self._between(round, self.head), self.guarantees
        lines = found.columns(self.columns) if isinstance(found, Guarantees) else {}
        known = [name for name in sometimes() if name in self.columns]
        columns = {name: self.columns[name] for name in ("round", *added(), *known, *Band._fields)} | lines
        drawn = {name: packed(column[rows]) for name, column in columns.items()}
        return {"columns": drawn} if round >= 0 else {"guarantees": guarantees_json(found), "columns": drawn}

    def _errors_after(self, round: int) -> dict[str, Any]:
        nodes = self.relative.shape[1]
        rows = self._between(round, self.errors_upto, min(MOST_ROWS, max(2, MOST_ERRORS // max(1, nodes))))
        told = {
            "rows": len(rows),
            "nodes": nodes if len(rows) else 0,
            "rounds": packed(self.columns["round"][rows]),
            "data": _packed32(self.relative[rows]) if len(rows) else "",
        }
        return told | ({"layers": _of_layers(self.layers, rows)} if self.layers is not None and len(rows) else {})

    def _between(self, after: int, upto: int, most: int = MOST_ROWS) -> np.ndarray:
        """Indices of the rows with after < round ≤ upto, thinned to `most`."""
        first, last = np.searchsorted(self.columns["round"], [after, upto], side="right")
        if last - first <= most:
            return np.arange(first, last)
        return np.unique(np.linspace(first, last - 1, most).astype(int))

    def _diverged(self) -> int | None:
        if self.head < 0 or np.isfinite(self.columns["grad_norm_sq"][-1] + self.columns["distortion"][-1]):
            return None
        return self.head

    def _reason(self) -> dict[str, str] | None:
        reason = None if self.status is None else self.status.reason
        return None if reason is None else _both(reason)


def _of_layers(layers: Layers, rows: np.ndarray) -> dict[str, Any]:
    """The errors of the layers in these rows; in the last of them the energies of the layers and the bits that were sent of each."""
    latest = {"energy": packed(layers.energy[rows[-1]]), "bits": packed(layers.bits_up[rows[-1]])}
    return {"count": layers.energy.shape[1], "data": _packed32(relative_errors(layers.contraction[rows])), **latest}


def _packed32(table: np.ndarray) -> str:
    return base64.b64encode(table.astype("<f4").tobytes()).decode()


def guarantees_json(found: Guarantees | Text | None) -> dict[str, Any]:
    """What theorems say, for the browser: what does not hold and why, the level of contraction, in which sense all holds, f's floor."""
    if isinstance(found, Guarantees):
        missing = {name: _both(why) for name, why in found.missing.items()}
        return {"missing": missing, "level": found.level, "expected": found.in_expectation, "floor": found.floor._asdict(), "why": None}
    why = found and _both(found)
    return {"missing": dict.fromkeys(STATEMENTS, why), "level": None, "expected": False, "floor": None, "why": why}


def _both(words: Text) -> dict[str, str]:
    return {"en": words.en, "ru": words.ru}


def relative_errors(contraction: np.ndarray) -> np.ndarray:
    """‖C(v) − v‖/‖v‖ = √contraction as float32; nan where nothing was sent, inf beyond float32."""
    with np.errstate(over="ignore"):
        relative: np.ndarray = np.sqrt(contraction).astype(np.float32)
    return relative


def packed(column: np.ndarray) -> str:
    """Numbers as base64 of little-endian float64."""
    return base64.b64encode(np.ascontiguousarray(column, dtype="<f8").tobytes()).decode()
