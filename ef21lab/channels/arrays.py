"""The uplink and the downlink: what passes through them, and the bill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ef21lab.compressors.base import Compressed, Compressor
from ef21lab.compressors.identity import Identity
from ef21lab.metrics import Snapshot
from ef21lab.streams import Stream, generator

Array = Any


EXACT = 64  # bits of a coordinate that goes down uncompressed
DIVERGED = 2.0**1000  # a lane whose messages grow past this is given up
SNAPSHOT_FLOATS = 65_536  # of one snapshot: nodes beyond this many floats are not kept


class Sent(NamedTuple):
    """The last message of every node: what it wanted to say and what was received; zeros of a node that was silent in that round."""

    wanted: Array  # (lanes, nodes, d)
    received: Array  # (lanes, nodes, d)


class Offer(NamedTuple):
    """A message of every node that is not sent yet: what it says, what would be received, and what it would cost."""

    wanted: Array  # (lanes, nodes, d)
    received: Array  # (lanes, nodes, d)
    bits: Array  # (lanes, nodes), or one number for all
    floats: Array


class Channel:
    """n uplinks that compress and a downlink that is exact unless asked otherwise; counts bits and floats per node since the start.

    The randomness of a message is a function of (seed of its lane, round) alone, so a resumed run and a lane among others
    draw what they would have drawn alone. A lane whose numbers overflow is no longer `alive`: it sends zeros for the rest of the round.
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
        self._round_of_last = -1

    def send(self, wanted: Array, present: Array | None = None) -> Array:
        """C of what every node wants to say, (lanes, nodes, d) → the same shape; zeros from nodes that are not `present` (lanes, nodes)."""
        return self.post(self.offer(wanted), present)

    def send_dense(self, wanted: Array, present: Array | None = None) -> Array:
        """One uncompressed float32 message from every node, or from those that are present."""
        wanted = self._give_up_on_diverged(wanted)
        return self.post(Offer(wanted, *Identity().compress(wanted)), present)

    def offer(self, wanted: Array, second: bool = False) -> Offer:
        """C of what every node might say, for a method that compares before it sends; a `second` offer in a round draws anew."""
        wanted = self._give_up_on_diverged(wanted)
        return Offer(wanted, *self._compressed(self.compressor, wanted, Stream.SECOND_OFFER if second else Stream.UPLINK))

    def post(self, offer: Offer, present: Array | None = None) -> Array:
        """Send an offer, or the part of it that comes from the nodes that are present (lanes, nodes): what is received."""
        self.bits_up = self.bits_up + _per_node(offer.bits, present)
        self.floats_up = self.floats_up + _per_node(offer.floats, present)
        if present is None:
            self.last, received = Sent(offer.wanted, offer.received), offer.received
        else:
            before = self.last if self.last is not None and self._round_of_last == self.round else Sent(0.0, 0.0)
            heard = present[..., None]
            received = np.where(heard, offer.received, 0.0)
            self.last = Sent(np.where(heard, offer.wanted, before.wanted), np.where(heard, offer.received, before.received))
        self._round_of_last = self.round
        return received

    def broadcast(self, x: Array, present: Array | None = None) -> Array:
        """The master's x (lanes, d) to every node, or to those that are present, exact: 64 bits a coordinate."""
        self.bits_down = self.bits_down + _per_node(EXACT * x.shape[-1], present)
        return x

    def broadcast_compressed(self, compressor: Compressor, wanted: Array) -> Array:
        """The master's message (lanes, d) to every node through a compressor of its own: what the nodes receive, (lanes, d)."""
        wanted = self._give_up_on_diverged(wanted[:, None, :])
        received, bits, _ = self._compressed(compressor, wanted, Stream.DOWNLINK)
        self.bits_down = self.bits_down + _per_node(bits, None)
        return received[:, 0, :]

    def drawn(self, draw: Callable[[np.random.Generator], Array], stream: Stream | int) -> Array:
        """A method's own randomness in this round, from a stream of its own, stacked over lanes: draw(rng) → (…), in all (lanes, …)."""
        return np.stack([draw(generator(stream, seed, self.round)) for seed in self.seeds])

    def bill(self) -> dict[str, Array]:
        """What each node has sent and received so far, each (lanes,)."""
        return {"bits_up": self.bits_up, "floats_up": self.floats_up, "bits_down": self.bits_down}

    def restore(self, round: int, alive: Array, bill: dict[str, Array]) -> None:
        """The channel as it was after `round`."""
        self.round, self.alive = round, alive
        self.bits_up, self.floats_up, self.bits_down = (bill[name] for name in ("bits_up", "floats_up", "bits_down"))

    def keep(self, lanes: Array) -> None:
        """Go on with some of the lanes only, given by their places (kept,)."""
        self.seeds = tuple(self.seeds[lane] for lane in lanes)
        self.alive, self.bits_up, self.floats_up, self.bits_down = (
            each[lanes] for each in (self.alive, self.bits_up, self.floats_up, self.bits_down)
        )
        self.last = None if self.last is None else Sent(*(part[lanes] for part in self.last))

    def contraction(self) -> Array:
        """‖C(v) − v‖²/‖v‖² of every node's last message v, (lanes, nodes); nan where v = 0 or nothing was sent."""
        if self.last is None:
            return np.full((len(self.seeds), self.nodes), np.nan)
        lost, whole = norm_sq(self.last.received - self.last.wanted), norm_sq(self.last.wanted)
        return np.divide(lost, whole, out=np.full_like(whole, np.nan), where=whole > 0)

    def snapshot(self, first: int = 0) -> Snapshot | None:
        """The last messages of the first lane, of as many nodes from `first` on as fit SNAPSHOT_FLOATS."""
        if self.last is None:
            return None
        nodes, d = self.last.wanted.shape[1:]
        kept = np.arange(first, min(nodes, first + nodes_of_snapshot(d)))
        return Snapshot(kept, *(part[0, kept].astype(np.float32) for part in self.last))

    def _compressed(self, compressor: Compressor, wanted: Array, stream: Stream) -> Compressed:
        return compressor.compress(wanted, self._noise(compressor, wanted.shape, stream))

    def _give_up_on_diverged(self, wanted: Array) -> Array:
        finite = (np.abs(wanted) < DIVERGED).all(axis=(-2, -1))  # (lanes,); False for nan
        if finite.all():
            return wanted
        self.alive = self.alive & finite
        return np.where(finite[:, None, None], wanted, 0.0)

    def _noise(self, compressor: Compressor, shape: tuple[int, ...], stream: Stream) -> Array | None:
        if type(compressor).draw is Compressor.draw:  # deterministic
            return None
        draws: list[Array] = [compressor.draw(generator(stream, seed, self.round), shape[1:]) for seed in self.seeds]
        return None if draws[0] is None else np.stack(draws)  # (lanes, nodes, …)


def nodes_of_snapshot(d: int) -> int:
    """How many nodes' messages of d numbers fit one snapshot; at least one."""
    return max(1, SNAPSHOT_FLOATS // d)


def norm_sq(x: Array) -> Array:
    """‖x‖² over the last axis."""
    return np.einsum("...d,...d->...", x, x)


def _per_node(count: Array, present: Array | None) -> Array:
    """The mean count over nodes: one number where all messages cost the same, else (lanes,)."""
    if present is None:
        return count if np.ndim(count) == 0 else np.mean(count, axis=-1)
    return np.mean(count * present, axis=-1)
