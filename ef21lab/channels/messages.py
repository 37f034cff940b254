"""A message on its way: offered, sent, heard of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ef21lab.channels.held import Portion
from ef21lab.compressors import wire
from ef21lab.compressors.base import Compressed, Compressor, LayerByLayer, Message

Array = Any


class Sent(NamedTuple):
    """What a message of every node has become: `own` on the node that sent it, `mean` on the master, which hears them all."""

    own: Array  # (lanes, nodes here, d)
    mean: Array  # (lanes, d): (1/n) Σ over all nodes, wherever they are


class Offer(NamedTuple):
    """A message of every node here that is not sent yet: what it says, what would be received, and what it would cost."""

    wanted: Array  # (lanes, nodes here, d)
    received: Array  # (lanes, nodes here, d)
    bits: Array  # (lanes, nodes here), or one number for all
    floats: Array
    compressor: Compressor  # that can decode it
    encoded: Array | None = None  # (lanes, nodes here) of Message; None in a channel that need not encode
    is_choice: bool = False  # whether each message ends in a bit that says which of two it is
    memory: Array | None = None  # (lanes, nodes here, …) what nodes that remember their messages keep of this one
    of_layers: Array | None = None  # (lanes, nodes here, layers) bits of each tensor, where the message is one of each


class SaidByAll(NamedTuple):
    """What all nodes here have said in one message."""

    round: int
    wanted: Array  # (lanes, nodes here, d)
    received: Array  # (lanes, nodes here, d)
    present: Array | None  # (lanes, nodes here) who sent; None: all


class SaidInPart(NamedTuple):
    """What some neighbouring nodes have said, where vectors are so long that nobody has those of all nodes at once."""

    round: int
    first: int  # of these nodes, counted among those here
    wanted: Array  # (lanes, these nodes, d)
    received: Portion  # (lanes, these nodes, d)
    present: Array | None  # (lanes, these nodes) who sent; None: all


class Heard(NamedTuple):
    """What a message of all nodes has cost, and who sent it."""

    bits: Array  # (lanes, nodes), or one number for all
    floats: Array
    present: Array | None  # (lanes, nodes); None: all
    compressor: Compressor
    of_layers: Array | None = None  # (lanes, nodes, layers) bits of each tensor, where the message was one of each


def bits_of_layers(found: Compressed, shape: tuple[int, ...]) -> Array | None:
    """Of messages of so many (lanes, nodes), (lanes, nodes, layers); None where they are not made of those of the tensors."""
    if not isinstance(found, LayerByLayer):
        return None
    if all(isinstance(bits, int) for bits in found.each):
        return np.broadcast_to(found.each, (*shape, len(found.each)))
    return np.stack([np.broadcast_to(bits, shape) for bits in found.each], axis=-1)


def either(is_first: Array, first: Offer, second: Offer) -> Offer:
    """The message of each node that is the first offer where `is_first` (lanes, nodes here), and one bit more that says which it is.

    Both offers are of one compressor.
    """
    vector, memory = is_first[..., None], None
    if first.memory is not None and second.memory is not None:
        memory = np.where(is_first.reshape(*is_first.shape, *(1,) * (first.memory.ndim - 2)), first.memory, second.memory)
    bits: Array = np.where(is_first, first.bits, second.bits)
    return Offer(
        np.where(vector, first.wanted, second.wanted),
        np.where(vector, first.received, second.received),
        bits + 1,
        np.where(is_first, first.floats, second.floats),
        first.compressor,
        None if first.encoded is None else _marked(is_first, np.where(is_first, first.encoded, second.encoded)),
        is_choice=True,
        memory=memory,
        of_layers=None if first.of_layers is None else np.where(vector, first.of_layers, second.of_layers),
    )


def _marked(is_first: Array, encoded: Array) -> Array:
    """Every message with its bit at the end, (lanes, nodes here)."""
    marked = np.empty_like(encoded)
    for place, message in np.ndenumerate(encoded):
        marked[place] = wire.pack(wire.whole(message), wire.Bits(int(is_first[place]), 1))
    return marked


def without_mark(message: Message) -> Message:
    """A message that `either` chose, less its last bit."""
    value, width = wire.whole(message)
    return wire.pack(wire.Bits(value >> 1, width - 1))
