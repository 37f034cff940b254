"""The channel between processes: every process holds some of the nodes, and what they send is encoded, gathered and decoded by all.

The master is everybody: each process decodes every message and so has the same mean, to the last bit that of a simulation. What goes down
is said by process 0, as if it were the master alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ef21lab.channels.base import Channel, Observer, compressed
from ef21lab.channels.messages import Offer, Sent, bits_of_layers, without_mark
from ef21lab.channels.network import Network
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor, Message

Array = Any


class Wire:
    """The bytes of messages that went over the wire, each counted once for the node that sent or received it, of all lanes together."""

    def __init__(self) -> None:
        self.up = 0
        self.down = 0


class ProcessChannel(Channel):
    """The nodes `own` are here; everybody hears everybody. Raises Lost where a process no longer answers.

    Lengths, the count of floats, measurements and the flag of a lane that overflows travel beside the messages and are not billed; nor is
    what a master knows from earlier messages and is said again only because nobody here keeps it for all nodes: the gᵢ of EF21+. The loss
    is a mean of the processes' means (`pooled`), so that it equals a simulation's but for rounding.
    """

    def __init__(
        self,
        network: Network,
        compressor: Compressor,
        seeds: Sequence[int],
        nodes: int,
        observers: Iterable[Observer] = (),
        wire: Wire | None = None,
    ) -> None:
        super().__init__(compressor, seeds, nodes, observers)
        self._network, self.wire = network, Wire() if wire is None else wire
        self._ends = [0, *accumulate(len(share) for share in shares(nodes, network.size))]
        self._here = slice(self._ends[network.rank], self._ends[network.rank + 1])

    def own(self, of_all: Array) -> Array:
        return of_all[:, self._here]

    def gathered(self, of_here: Array) -> Array:
        here = np.ascontiguousarray(of_here)
        shapes = [(len(here), end - first, *here.shape[2:]) for first, end in pairwise(self._ends)]
        said = self._network.exchanged(here.tobytes(), [here.itemsize * math.prod(shape) for shape in shapes])
        return np.concatenate([np.frombuffer(part, here.dtype).reshape(shape) for part, shape in zip(said, shapes, strict=True)], axis=1)

    def mean(self, of_here: Array) -> Array:
        return self.gathered(of_here).mean(axis=1, dtype=float)

    def pooled(self, mean_here: Array) -> Array:
        weights = np.diff(self._ends) / self.nodes
        return sum(weight * part for weight, part in zip(weights, self._alike(np.asarray(mean_here, dtype=float)), strict=True))

    def _everywhere(self, claims: Array) -> Array:
        return np.all(self._alike(np.asarray(claims, dtype=bool)), axis=0)

    def _alike(self, array: Array) -> list[Array]:
        """What every process has of an array whose shape is the same in all, by rank."""
        said = self._network.exchanged(array.tobytes(), [array.nbytes] * self._network.size)
        return [np.frombuffer(part, array.dtype).reshape(array.shape) for part in said]

    def _offered(self, compressor: Compressor, wanted: Array, noise: Array | None) -> Offer:
        encoded = np.empty(wanted.shape[:2], dtype=object)
        for place in np.ndindex(encoded.shape):
            encoded[place] = compressor.encode(wanted[place], None if noise is None else noise[place])
        found, memory = compressed(compressor, wanted, noise)
        return Offer(wanted, *found, compressor, encoded, memory=memory, of_layers=bits_of_layers(found, wanted.shape[:2]))

    def _exchanged(self, offer: Offer, present: Array | None, weights: Array | None) -> tuple[Sent, Array, Array]:
        encoded = offer.encoded
        assert encoded is not None
        lanes, _, d = offer.wanted.shape
        lengths = np.array([[message.bits for message in lane] for lane in encoded], dtype=float)
        bits, floats = np.moveaxis(self.gathered(np.stack([lengths, np.broadcast_to(offer.floats, lengths.shape)], axis=-1)), -1, 0)
        speaks = np.broadcast_to(True if present is None else present, bits.shape)  # (lanes, nodes)
        sizes = np.where(speaks, np.ceil(bits / 8), 0).astype(int)  # (lanes, nodes), bytes
        spoken = b"".join(message.payload for message in encoded[self.own(speaks)])
        said = self._network.exchanged(spoken, [int(sizes[:, first:end].sum()) for first, end in pairwise(self._ends)])
        received = np.zeros((lanes, self.nodes, d))
        for part, (first, end) in zip(said, pairwise(self._ends), strict=True):
            self.wire.up += len(part)
            for place, payload in _apart(part, sizes[:, first:end]):
                lane, node = place[0], first + place[1]
                if speaks[lane, node]:
                    message = Message(payload, int(bits[lane, node]))
                    received[lane, node] = offer.compressor.decode(without_mark(message) if offer.is_choice else message, d)
        heard = received if weights is None else weights * received
        return Sent(self.own(heard), heard.mean(axis=1)), bits, floats

    def _down(self, x: Array, present: Array | None) -> Array:
        x = np.ascontiguousarray(x, dtype=float)
        said = self._network.from_first(x.tobytes(), x.nbytes)
        told = len(x) * self.nodes if present is None else int(np.count_nonzero(present))  # nodes, of all lanes
        self.wire.down += len(said) // len(x) * told
        return np.frombuffer(bytearray(said), x.dtype).reshape(x.shape)

    def _down_through(self, compressor: Compressor, wanted: Array, noise: Array | None) -> tuple[Array, Array]:
        messages = [compressor.encode(vector[0], None if noise is None else noise[lane, 0]) for lane, vector in enumerate(wanted)]
        lengths = np.array([[message.bits] for message in messages])  # (lanes, 1)
        bits = np.frombuffer(self._network.from_first(lengths.tobytes(), lengths.nbytes), lengths.dtype).reshape(lengths.shape)
        sizes = -(-bits // 8)
        said = self._network.from_first(b"".join(message.payload for message in messages), int(sizes.sum()))
        self.wire.down += len(said) * self.nodes
        received = [compressor.decode(Message(payload, int(bits[place])), wanted.shape[-1]) for place, payload in _apart(said, sizes)]
        return np.stack(received)[:, None, :], bits


def _apart(said: bytes, sizes: Array) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """The messages that follow one another in what was said, of so many bytes, (lanes, nodes), and the place of each."""
    at = 0
    for place, size in np.ndenumerate(sizes):
        yield place, said[at : at + size]
        at += size


def shares(nodes: int, processes: int) -> list[range]:
    """Which nodes each process holds: in order, and as evenly as it goes. Raises Refusal where there are more processes than nodes."""
    if processes > nodes:
        raise Refusal(TOO_MANY.format(processes=processes, nodes=nodes))
    ends = [nodes * rank // processes for rank in range(processes + 1)]
    return [range(first, end) for first, end in pairwise(ends)]


TOO_MANY = Text(
    "{processes:process|processes} cannot share {nodes:node|nodes}: each holds at least one; processes must be an integer in 1..{nodes}",
    "{processes:процессу|процессам|процессам} не поделить {nodes:узел|узла|узлов}: каждому нужен хотя бы один; "
    "процессов может быть 1..{nodes}",
)
