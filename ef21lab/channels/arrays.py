"""The channel of a simulation: all nodes are here, and what is received is computed and not encoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ef21lab.channels.base import Channel, compressed, in_full, zero_unless
from ef21lab.channels.held import Held, Portion, Sparse, Whole
from ef21lab.channels.messages import Heard, Offer, SaidInPart, Sent, bits_of_layers
from ef21lab.compressors.base import Compressor
from ef21lab.streams import Stream

Array = Any

WIDE = 2**20  # numbers of all nodes, 8 MB: of longer vectors there is no array of all nodes more than need be
TOGETHER = 131_072  # numbers of some nodes, 1 MB: what a core keeps near itself


class ArrayChannel(Channel):
    """Every message is one array operation over all lanes and nodes; where vectors are long, over a few nodes at a time.

    Of such a message is left what was received, as `Held`, the mean, and what the observers keep; all to the last bit as it would be
    otherwise, up to the sign of a mean that is zero.
    """

    simulated = True

    def own(self, of_all: Array) -> Array:
        return of_all

    def gathered(self, of_here: Array) -> Array:
        return of_here

    def mean(self, of_here: Array) -> Array:
        total = of_here.sum(axis=1) if of_here.dtype != np.float32 else of_here.sum(axis=1, dtype=float)
        return total / self.nodes  # of small arrays, NumPy's mean takes half as long again

    def pooled(self, mean_here: Array) -> Array:
        return mean_here

    def _everywhere(self, claims: Array) -> Array:
        return claims

    def _sent(self, compressor: Compressor, wanted: Array, stream: Stream, present: Array | None, weights: Array | None) -> Sent:
        if not _is_wide(wanted) or compressor.remembers:
            return super()._sent(compressor, wanted, stream, present, weights)
        finite, noise = self._finite(wanted), self._noise_here(compressor, wanted, stream)
        parts, total = list[Portion](), np.zeros(wanted[:, 0].shape)
        bits, floats, of_layers = list[Array](), list[Array](), list[Array]()
        for nodes in _some_at_a_time(wanted):
            said = wanted[:, nodes] if finite is None else zero_unless(finite[:, None], wanted[:, nodes])
            part, layers, *cost = _received(compressor, said, None if noise is None else noise[:, nodes])
            part = self._heard(nodes, said, part, present)
            parts.append(part if weights is None else part.times(weights[:, nodes]))
            parts[-1].added_to(total)
            for all_counts, count in zip((bits, floats), cost, strict=True):
                all_counts.append(np.broadcast_to(count, said.shape[:2]))
            of_layers += [] if layers is None else [layers]
        whole = [np.concatenate(each, axis=1) if each else None for each in (bits, floats, of_layers)]
        self._tell_of_message(Heard(whole[0], whole[1], present, compressor, whole[2]))
        return Sent(Held(parts, wanted.dtype), total / self.nodes)

    def _tell_of_offer(self, offer: Offer, present: Array | None) -> None:
        if not _is_wide(offer.wanted):
            super()._tell_of_offer(offer, present)
            return
        for nodes in _some_at_a_time(offer.wanted):
            self._heard(nodes, offer.wanted[:, nodes], Whole(offer.received[:, nodes]), present)

    def _heard(self, nodes: slice, said: Array, part: Portion, present: Array | None) -> Portion:
        """What these nodes said, or zeros of those that are not present (lanes, nodes); the observers are told."""
        here = None if present is None else present[:, nodes]
        if here is not None:
            part = part.of_those(here)
        for observer in self.observers:
            observer.on_said_in_part(SaidInPart(self._round, nodes.start, said, part, here))
        return part

    def _offered(self, compressor: Compressor, wanted: Array, noise: Array | None) -> Offer:
        found, memory = compressed(compressor, wanted, noise)
        return Offer(wanted, *found, compressor, memory=memory, of_layers=bits_of_layers(found, wanted.shape[:2]))

    def _exchanged(self, offer: Offer, present: Array | None, weights: Array | None) -> tuple[Sent, Array, Array]:
        own = offer.received if weights is None else weights * offer.received
        return Sent(own, self.mean(own)), offer.bits, offer.floats

    def _down(self, x: Array, present: Array | None) -> Array:
        return x

    def _down_through(self, compressor: Compressor, wanted: Array, noise: Array | None) -> tuple[Array, Array]:
        received, bits, _ = compressor.compress(in_full(wanted), noise)
        return received, bits


def _is_wide(wanted: Array) -> bool:
    return isinstance(wanted, np.ndarray) and wanted.size > WIDE


def _some_at_a_time(wanted: Array) -> Iterator[slice]:
    lanes, nodes, d = wanted.shape
    together = max(1, TOGETHER // (lanes * d))
    for first in range(0, nodes, together):
        yield slice(first, min(nodes, first + together))


def _received(compressor: Compressor, said: Array, noise: Array | None) -> tuple[Portion, Array | None, Array | int, Array | int]:
    """C of what some nodes have said (lanes, some nodes, d), the bits of its layers if it has any, its bits and its floats."""
    said = in_full(said)
    few = compressor.few(said, noise)
    if few is not None:
        return Sparse(few.columns, few.numbers, said.shape[-1]), None, few.bits, few.floats
    found = compressor.compress(said, noise)
    return Whole(found.values), bits_of_layers(found, said.shape[:2]), found.bits, found.floats
