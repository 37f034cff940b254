"""The uplink of a hook: one node in each process, and a vector that is the layers of a bucket, end to end."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ef21lab.channels.base import DIVERGED, Uplink
from ef21lab.channels.messages import Sent
from ef21lab.channels.network import Network
from ef21lab.channels.norms import all_within
from ef21lab.compressors.base import Compressor, Message
from ef21lab.torch.layers import HookedLayer

Array = Any

LENGTH = np.dtype(">i8")  # bits of one layer's message, as they are said; −1 in each where something cannot be said
LATELY = 8  # rounds: as long a message as came in these is expected again


class Unsaid(Exception):  # noqa: N818  not an error: gradients overflow now and then, and a loss scaler answers that
    """In some process the vector has NaN, infinity or what no message can carry; all processes raise it together."""


class BucketUplink(Uplink):
    """Every process encodes its vector layer by layer, hears all others in one exchange and decodes the same bytes in the same order."""

    def __init__(self, network: Network, layers: Sequence[HookedLayer], dense: Compressor, seed: int) -> None:
        self._network, self._layers, self._dense, self._seed = network, layers, dense, seed
        self._places = [slice(*ends) for ends in pairwise([0, *accumulate(layer.d for layer in layers)])]
        self._lately: deque[int] = deque(maxlen=LATELY)  # the longest of what was said in a round

    def send(self, wanted: Array) -> Sent:
        """As of every uplink. Raises Unsaid; Lost where another process no longer answers."""
        return self._sent(wanted, [layer.compressor for layer in self._layers])

    def send_dense(self, wanted: Array) -> Sent:
        """As `send`."""
        return self._sent(wanted, [self._dense] * len(self._layers))

    def _sent(self, wanted: Array, operators: Sequence[Compressor]) -> Sent:
        heard = self._network.exchanged_within(max(self._lately, default=0), self._said(wanted, operators))
        self._lately.append(max(map(len, heard)))
        messages = [self._apart(said) for said in heard]  # by process, then by layer
        if any(message.bits < 0 for own in messages for message in own):
            raise Unsaid
        received, total = np.empty_like(wanted[0, 0]), np.zeros(wanted.shape[-1])
        for rank, own in enumerate(messages):
            for layer, operator, place, message in zip(self._layers, operators, self._places, own, strict=True):
                said = operator.decode(message, layer.d)
                total[place] += said
                if rank == self._network.rank:
                    received[place] = said
                    layer.count(wanted[0, 0, place], received[place], message.bits)
        return Sent(received[None, None], total[None] / self._network.size)

    def _said(self, wanted: Array, operators: Sequence[Compressor]) -> bytes:
        """The lengths of the messages of all layers, and the messages."""
        if not all_within(wanted, DIVERGED).all():
            return np.full(len(self._layers), -1, LENGTH).tobytes()
        messages = [
            layer.encoded(operator, wanted[0, 0, place], self._seed, self._network.rank)
            for layer, operator, place in zip(self._layers, operators, self._places, strict=True)
        ]
        return np.array([message.bits for message in messages], LENGTH).tobytes() + b"".join(message.payload for message in messages)

    def _apart(self, said: bytes) -> list[Message]:
        """The inverse of `_said`, without the operators."""
        bits = np.frombuffer(said, LENGTH, len(self._layers))
        ends = [LENGTH.itemsize * len(bits), *np.maximum(0, -(-bits // 8))]
        return [Message(said[first:end], int(each)) for (first, end), each in zip(pairwise(accumulate(ends)), bits, strict=True)]
