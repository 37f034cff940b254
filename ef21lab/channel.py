"""The uplink and the downlink: what passes through them, and the bill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ef21lab.compressors.base import Compressor
from ef21lab.compressors.identity import Identity
from ef21lab.metrics import Snapshot

Array = Any


DIVERGED = 2.0**1000  # a lane whose messages grow past this is given up
SNAPSHOT_FLOATS = 65_536  # of one snapshot: nodes beyond this many floats are not kept


class Sent(NamedTuple):
    """The last message of every node: what it wanted to say and what was received."""

    wanted: Array  # (lanes, nodes, d)
    received: Array  # (lanes, nodes, d)


class Channel:
    """n uplinks that compress and a downlink that does not; counts bits and floats per node since the start.

    The randomness of a message is a function of (seed of its lane, round) alone, so a resumed run and a lane among others
    draw what they would have drawn alone. A lane whose numbers overflow is no longer `alive`: it sends zeros from then on.
    """

    def __init__(self, compressor: Compressor, seeds: Sequence[int], nodes: int) -> None:
        lanes = len(seeds)
        self.compressor = compressor
        self.seeds, self.nodes = tuple(seeds), nodes
        self.round = 0
        self.alive = np.ones(lanes, dtype=bool)  # (lanes,)
        self.bits_up = np.zeros(lanes)
        self.floats_up = np.zeros(lanes)
        self.bits_down = np.zeros(lanes)
        self.last: Sent | None = None

    def send(self, wanted: Array) -> Array:
        """C of what every node wants to say, (lanes, nodes, d) → the same shape."""
        return self._deliver(self.compressor, wanted)

    def send_dense(self, wanted: Array) -> Array:
        """One uncompressed float32 message from every node."""
        return self._deliver(Identity(), wanted)

    def broadcast(self, x: Array) -> Array:
        """The master's x (lanes, d) to every node, exact: 64 bits a coordinate."""
        self.bits_down = self.bits_down + 64 * x.shape[-1]
        return x

    def bill(self) -> dict[str, Array]:
        """What each node has sent and received so far, each (lanes,)."""
        return {"bits_up": self.bits_up, "floats_up": self.floats_up, "bits_down": self.bits_down}

    def restore(self, round: int, alive: Array, bill: dict[str, Array]) -> None:
        """The channel as it was after `round`."""
        self.round, self.alive = round, alive
        self.bits_up, self.floats_up, self.bits_down = (bill[name] for name in ("bits_up", "floats_up", "bits_down"))

    def contraction(self) -> Array:
        """‖C(v) − v‖²/‖v‖² of every node's last message v, (lanes, nodes); nan where v = 0 or nothing was sent."""
        if self.last is None:
            return np.full((len(self.seeds), self.nodes), np.nan)
        lost, whole = norm_sq(self.last.received - self.last.wanted), norm_sq(self.last.wanted)
        return np.divide(lost, whole, out=np.full_like(whole, np.nan), where=whole > 0)

    def snapshot(self) -> Snapshot | None:
        """The last messages of the first lane, of as many nodes as fit SNAPSHOT_FLOATS."""
        if self.last is None:
            return None
        nodes, d = self.last.wanted.shape[1:]
        kept = np.arange(min(nodes, max(1, SNAPSHOT_FLOATS // d)))
        return Snapshot(kept, *(part[0, kept].astype(np.float32) for part in self.last))

    def _deliver(self, compressor: Compressor, wanted: Array) -> Array:
        wanted = self._give_up_on_diverged(wanted)
        received, bits, floats = compressor.compress(wanted, self._noise(compressor, wanted.shape))
        self.bits_up = self.bits_up + _per_node(bits, wanted.shape)
        self.floats_up = self.floats_up + _per_node(floats, wanted.shape)
        self.last = Sent(wanted, received)
        return received

    def _give_up_on_diverged(self, wanted: Array) -> Array:
        finite = (np.abs(wanted) < DIVERGED).all(axis=(-2, -1))  # (lanes,); False for nan
        if finite.all():
            return wanted
        self.alive = self.alive & finite
        return np.where(finite[:, None, None], wanted, 0.0)

    def _noise(self, compressor: Compressor, shape: tuple[int, ...]) -> Array | None:
        if type(compressor).draw is Compressor.draw:  # deterministic
            return None
        generators = (np.random.default_rng([seed, self.round]) for seed in self.seeds)
        draws: list[Array] = [compressor.draw(rng, shape[1:]) for rng in generators]
        return None if draws[0] is None else np.stack(draws)  # (lanes, nodes, …)


def norm_sq(x: Array) -> Array:
    """‖x‖² over the last axis."""
    return np.einsum("...d,...d->...", x, x)


def _per_node(count: Array, shape: tuple[int, ...]) -> Array:
    """The mean count over nodes: one number where all messages cost the same, else (lanes,)."""
    return count if np.ndim(count) == 0 else np.broadcast_to(count, shape[:-1]).mean(axis=-1)
