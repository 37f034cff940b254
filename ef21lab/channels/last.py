"""The last message of every node: what it wanted to say and what was received."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ef21lab.channels.base import Observer
from ef21lab.channels.messages import Heard
from ef21lab.channels.norms import distance_sq, norm_sq
from ef21lab.channels.snapshot import Snapshot

Array = Any

SNAPSHOT_FLOATS = 65_536  # of one snapshot: nodes beyond this many floats are not kept


class Pair(NamedTuple):
    """What was said and what was heard; zeros of a node that was silent in that round."""

    wanted: Array  # (lanes, nodes here, d)
    received: Array  # (lanes, nodes here, d)


class LastMessage(Observer):
    """Keeps the messages of the last round that had any; of partial messages in one round it keeps every part."""

    def __init__(self) -> None:
        self.pair: Pair | None = None
        self._round = -1

    def on_message(self, heard: Heard) -> None:
        if heard.present_here is None:
            self.pair = Pair(heard.wanted, heard.received)
        else:
            before = self.pair if self.pair is not None and self._round == heard.round else Pair(0.0, 0.0)
            sent = heard.present_here[..., None]
            self.pair = Pair(np.where(sent, heard.wanted, before.wanted), np.where(sent, heard.received, before.received))
        self._round = heard.round

    def forget(self) -> None:
        """Of messages that nobody will ask for any more their arrays are given back."""
        self.pair = None

    def on_lanes(self, kept: Array) -> None:
        self.pair = None if self.pair is None else Pair(*(part[kept] for part in self.pair))

    def contraction(self) -> Array | None:
        """‖C(v) − v‖²/‖v‖² of every node's last message v, (lanes, nodes here); nan where v = 0. None where nothing was ever sent."""
        if self.pair is None:
            return None
        lost, whole = distance_sq(self.pair.received, self.pair.wanted), norm_sq(self.pair.wanted)
        return np.divide(lost, whole, out=np.full_like(whole, np.nan), where=whole > 0)


def snapshot(pair: Pair, first: int = 0) -> Snapshot:
    """The first lane of the messages of all nodes, for as many nodes from `first` on as fit SNAPSHOT_FLOATS."""
    nodes, d = pair.wanted.shape[1:]
    kept = np.arange(first, min(nodes, first + nodes_of_snapshot(d)))
    return Snapshot(kept, *(part[0, kept].astype(np.float32) for part in pair))


def nodes_of_snapshot(d: int) -> int:
    """How many nodes' messages of d numbers fit one snapshot; at least one."""
    return max(1, SNAPSHOT_FLOATS // d)
