"""The last message of every node: what it wanted to say and what was received."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ef21lab.channels.base import Observer
from ef21lab.channels.held import Norms
from ef21lab.channels.messages import SaidByAll, SaidInPart
from ef21lab.channels.norms import distance_sq, norm_sq
from ef21lab.channels.snapshot import Snapshot

Array = Any

SNAPSHOT_FLOATS = 65_536  # of one snapshot: nodes beyond this many floats are not kept


class Pair(NamedTuple):
    """What was said and what was heard; zeros of a node that was silent in that round."""

    wanted: Array  # (lanes, some nodes, d)
    received: Array  # (lanes, some nodes, d)


class LastMessage(Observer):
    """Keeps the messages of the last round that had any; of partial messages in one round it keeps every part.

    Of vectors that are told of a few nodes at a time it keeps the norms, and the vectors only of the nodes that are `watched`.
    """

    def __init__(self) -> None:
        self.watched: range | None = None  # nodes here; None: as many from the first on as fit a snapshot
        self._pairs: dict[int, Pair] = {}  # by the first of the nodes that they are about
        self._norms: dict[int, Norms] = {}  # of vectors that are not kept; by the first node of the part
        self._round = -1

    def on_said(self, said: SaidByAll) -> None:
        self._forget_before(said.round)
        merge(self._pairs, 0, Pair(said.wanted, said.received), said.present)

    def on_said_in_part(self, said: SaidInPart) -> None:
        self._forget_before(said.round)
        merge(self._norms, said.first, said.received.norms(said.wanted), said.present)
        nodes = _common(self._watched(said.wanted.shape[-1]), range(said.first, said.first + said.wanted.shape[1]))
        if nodes:
            cut = slice(nodes.start - said.first, nodes.stop - said.first)
            kept = Pair(*(part[:, cut].copy() for part in (said.wanted, said.received.array())))
            merge(self._pairs, nodes.start, kept, None if said.present is None else said.present[:, cut])

    @property
    def pair(self) -> Pair | None:
        """The messages of all nodes here, or of those from `first` on that are watched where vectors are long. None: nothing was sent."""
        parts = [self._pairs[first] for first in sorted(self._pairs)]
        if len(parts) < 2:
            return parts[0] if parts else None
        return Pair(*(np.concatenate(part, axis=1) for part in zip(*parts, strict=True)))

    @property
    def first(self) -> int:
        """The first of the nodes that `pair` is about."""
        return min(self._pairs, default=0)

    def forget(self) -> None:
        """Of messages that nobody will ask for any more their arrays are given back."""
        self._pairs, self._norms = {}, {}

    def on_lanes(self, kept: Array) -> None:
        self._pairs = {first: Pair(*(part[kept] for part in pair)) for first, pair in self._pairs.items()}
        self._norms = {first: Norms(*(part[kept] for part in norms)) for first, norms in self._norms.items()}

    def contraction(self) -> Array | None:
        """‖C(v) − v‖²/‖v‖² of every node's last message v, (lanes, nodes here); nan where v = 0. None where nothing was ever sent."""
        if not self._pairs and not self._norms:
            return None
        measured = [self._norms[first] for first in sorted(self._norms)] or [_norms(self._pairs[0])]
        lost, whole = (np.concatenate(part, axis=1) for part in zip(*measured, strict=True))
        return np.divide(lost, whole, out=np.full_like(whole, np.nan), where=whole > 0)

    def _forget_before(self, round: int) -> None:
        if round != self._round:
            self.forget()
        self._round = round

    def _watched(self, d: int) -> range:
        return range(nodes_of_snapshot(d)) if self.watched is None else self.watched


def snapshot(pair: Pair, first: int = 0, begins: int = 0) -> Snapshot:
    """The first lane of messages of nodes from `begins` on: of those from `first` on, as many as fit SNAPSHOT_FLOATS."""
    nodes, d = pair.wanted.shape[1:]
    kept = np.arange(max(first, begins), min(begins + nodes, first + nodes_of_snapshot(d)))
    return Snapshot(kept, *(part[0, kept - begins].astype(np.float32) for part in pair))


def nodes_of_snapshot(d: int) -> int:
    """How many nodes' messages of d numbers fit one snapshot; at least one."""
    return max(1, SNAPSHOT_FLOATS // d)


def _norms(pair: Pair) -> Norms:
    return Norms(distance_sq(pair.received, pair.wanted), norm_sq(pair.wanted))


def _common(these: range, those: range) -> range:
    return range(max(these.start, those.start), min(these.stop, those.stop))


def merge(kept: dict[int, Any], first: int, new: Any, present: Array | None) -> None:
    """Put `new` under `first`: of the nodes that are present (lanes, nodes), and of the others what is there already, or zeros."""
    if present is not None:
        before = kept.get(first, (0.0,) * len(new))
        parts = zip(new, before, strict=True)
        new = type(new)(*(np.where(present.reshape(present.shape + (1,) * (one.ndim - 2)), one, other) for one, other in parts))
    kept[first] = new
