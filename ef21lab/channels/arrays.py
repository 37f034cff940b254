"""The channel of a simulation: all nodes are here, and what is received is computed and not encoded."""

from __future__ import annotations

from typing import Any

from ef21lab.channels.base import Channel
from ef21lab.channels.messages import Offer, Sent
from ef21lab.compressors.base import Compressor

Array = Any


class ArrayChannel(Channel):
    """Every message is one array operation over all lanes and nodes."""

    def own(self, of_all: Array) -> Array:
        return of_all

    def gathered(self, of_here: Array) -> Array:
        return of_here

    def mean(self, of_here: Array) -> Array:
        return of_here.sum(axis=1) / self.nodes  # of small arrays, NumPy's mean takes half as long again

    def pooled(self, mean_here: Array) -> Array:
        return mean_here

    def _everywhere(self, claims: Array) -> Array:
        return claims

    def _offered(self, compressor: Compressor, wanted: Array, noise: Array | None) -> Offer:
        return Offer(wanted, *compressor.compress(wanted, noise), compressor)

    def _exchanged(self, offer: Offer, present: Array | None, weights: Array | None) -> tuple[Sent, Array, Array]:
        own = offer.received if weights is None else weights * offer.received
        return Sent(own, self.mean(own)), offer.bits, offer.floats

    def _down(self, x: Array, present: Array | None) -> Array:
        return x

    def _down_through(self, compressor: Compressor, wanted: Array, noise: Array | None) -> tuple[Array, Array]:
        received, bits, _ = compressor.compress(wanted, noise)
        return received, bits
