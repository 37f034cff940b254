"""What a channel is: n uplinks and a downlink between the nodes and their master, and the observers of what passes through them.

Here is what all channels have in common: what a lane does that overflows, who draws which randomness, what observers are told. How a
message reaches those who do not have it is left to the implementations: `arrays` holds all nodes, `processes` some of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
from array_api_compat import array_namespace, device

from ef21lab.channels.messages import Heard, Offer, SaidByAll, SaidInPart, Sent
from ef21lab.channels.norms import all_within
from ef21lab.compressors.base import Compressed, Compressor, noise_shape
from ef21lab.compressors.identity import Identity
from ef21lab.streams import Stream, generator

Array = Any

UP = Stream.UPLINK  # of the message of a round, whatever is said in it
EXACT = 64  # bits of a coordinate that goes down uncompressed
DIVERGED = 2.0**1000  # a lane whose messages grow past this is given up


class Observer:
    """Somebody who is told what passes through a channel, and looks at what concerns him."""

    def on_said(self, said: SaidByAll) -> None:
        """All nodes here have said something."""

    def on_said_in_part(self, said: SaidInPart) -> None:
        """Some of the nodes have, and the others follow or came before. Of the arrays he keeps nothing but copies of what he needs."""

    def on_message(self, heard: Heard) -> None:
        """Every node that is present has sent one message."""

    def on_broadcast(self, bits: Array, present: Array | None) -> None:
        """The master has sent `bits` (lanes, 1), or one number for all lanes, to the nodes that are `present` (lanes, nodes)."""

    def on_overflow(self, finite: Array) -> None:
        """A message could not be sent in the lanes where `finite` (lanes,) is False."""

    def on_lanes(self, kept: Array) -> None:
        """Only some of the lanes go on, given by their places (kept,)."""


class Uplink(ABC):
    """All that is asked of a channel where somebody else moves x, as PyTorch's optimiser does: what nodes have to say, all hear."""

    @abstractmethod
    def send(self, wanted: Array) -> Sent:
        """C of what every node here wants to say, (lanes, nodes here, d)."""

    @abstractmethod
    def send_dense(self, wanted: Array) -> Sent:
        """One uncompressed float32 message from every node."""


class Channel(Uplink):
    """n uplinks that compress and a downlink that is exact unless asked otherwise.

    `nodes` is how many there are in all; this process may hold some of them only ("here"). The randomness of a message is a function of
    (seed of its lane, round) alone, so a resumed run, a lane among others and a node in another process draw what they would have drawn
    alone. A lane whose numbers overflow sends zeros for the rest of the round.
    """

    simulated: ClassVar[bool] = False  # whether nobody misses a message that is billed and not sent

    def __init__(self, compressor: Compressor, seeds: Sequence[int], nodes: int, observers: Iterable[Observer] = ()) -> None:
        self.compressor = compressor
        self.seeds, self.nodes = tuple(seeds), nodes
        self.observers = tuple(observers)
        self._round = 0
        self.is_repeatable = False  # whether another round from the same state would be this one again
        self.memory: Array | None = None  # (lanes, nodes here, …) of what was last sent, by nodes whose operator remembers

    @property
    def round(self) -> int:
        """The round that goes on. Whoever asks may do something else in another, so this one is not repeatable any more."""
        self.is_repeatable = False
        return self._round

    @round.setter
    def round(self, round: int) -> None:
        """Begin it: round 0 is the start, and later ones take a step from where they are; the first of them may be like no other."""
        self._round, self.is_repeatable = round, round > 1

    @property
    def is_first_step(self) -> bool:
        """Whether it is round 1, after which a method that asks nothing else does the same in every round."""
        return self._round == 1

    def send(self, wanted: Array, present: Array | None = None, weights: Array | None = None) -> Sent:
        """C of what every node here wants to say, (lanes, nodes here, d); zeros from nodes that are not `present` (lanes, nodes).

        Master and node multiply what is received by the `weights` of the nodes, (1, nodes, 1), where they have any.
        """
        return self._sent(self.compressor, wanted, UP, present, weights)

    def send_dense(self, wanted: Array, present: Array | None = None, weights: Array | None = None) -> Sent:
        """One uncompressed float32 message from every node, or from those that are present; `present` and `weights` as in `send`."""
        return self._sent(Identity(), wanted, UP, present, weights)

    def offer(self, wanted: Array, second: bool = False) -> Offer:
        """C of what every node might say, for a method that compares before it sends; a `second` offer in a round draws anew."""
        return self._offer(self.compressor, wanted, Stream.SECOND_OFFER if second else UP)

    def post(self, offer: Offer, present: Array | None = None, weights: Array | None = None) -> Sent:
        """Send an offer, or the part of it that comes from the nodes that are present; `present` and `weights` as in `send`."""
        here = None if present is None else self.own(present)
        if here is not None:
            offer = offer._replace(received=zero_unless(here, offer.received))
        sent, bits, floats = self._exchanged(offer, present, weights)
        self._remember(offer.memory, here)
        self._tell_of_offer(offer, here)
        of_layers = None if offer.of_layers is None else self.gathered(offer.of_layers)
        self._tell_of_message(Heard(bits, floats, present, offer.compressor, of_layers))
        return sent._replace(own=sent.own.astype(np.float32)) if _is_single(offer.wanted) else sent

    def broadcast(self, x: Array, present: Array | None = None) -> Array:
        """The master's x (lanes, d) to every node, or to those that are present (lanes, nodes), exact: 64 bits a coordinate."""
        self._tell_of_broadcast(EXACT * x.shape[-1], present)
        return self._down(x, present)

    def broadcast_compressed(self, compressor: Compressor, wanted: Array) -> Array:
        """The master's message (lanes, d) to every node through a compressor of its own: what the nodes receive, (lanes, d)."""
        wanted = self._of_the_finite(wanted[:, None, :])
        received, bits = self._down_through(compressor, wanted, self._noise(compressor, wanted, 1, Stream.DOWNLINK))
        self._tell_of_broadcast(bits, None)
        return received[:, 0, :]

    def drawn(self, draw: Callable[[np.random.Generator], Array], stream: Stream | int) -> Array:
        """A method's own randomness in this round, from a stream of its own, stacked over lanes: draw(rng) → (…), in all (lanes, …).

        Drawn for all nodes in every process: `own` takes those here.
        """
        drawn = np.stack([draw(generator(stream, seed, self._round)) for seed in self.seeds])
        self.is_repeatable = self.is_repeatable and drawn.size == 0
        return drawn

    def keep(self, lanes: Array) -> None:
        """Go on with some of the lanes only, given by their places (kept,)."""
        self.seeds = tuple(self.seeds[lane] for lane in lanes)
        self.memory = None if self.memory is None else self.memory[lanes]
        for observer in self.observers:
            observer.on_lanes(lanes)

    @abstractmethod
    def own(self, of_all: Array) -> Array:
        """The part that is about the nodes here: (…, nodes, …) → (…, nodes here, …), the nodes on the second axis."""

    @abstractmethod
    def gathered(self, of_here: Array) -> Array:
        """The inverse of `own`, for what is measured and not sent, so free of charge: (…, nodes here, …) → (…, nodes, …)."""

    @abstractmethod
    def mean(self, of_here: Array) -> Array:
        """(1/n) Σ over all nodes, (lanes, nodes here, …) → (lanes, …), of what nobody has to send: it is measured, or the master knows it
        from earlier messages. Free of charge."""

    @abstractmethod
    def pooled(self, mean_here: Array) -> Array:
        """What is a mean over the nodes here, as a mean over all nodes; measured, so free of charge. (lanes, …) → the same shape."""

    @abstractmethod
    def _everywhere(self, claims: Array) -> Array:
        """Which claims (lanes,) hold in every process."""

    @abstractmethod
    def _offered(self, compressor: Compressor, wanted: Array, noise: Array | None) -> Offer:
        """The messages of the nodes here, (lanes, nodes here, d)."""

    @abstractmethod
    def _exchanged(self, offer: Offer, present: Array | None, weights: Array | None) -> tuple[Sent, Array, Array]:
        """What an offer, zero where a node is not present, becomes once all have heard it; bits and floats of all nodes."""

    @abstractmethod
    def _down(self, x: Array, present: Array | None) -> Array:
        """x (lanes, d) as the nodes receive it."""

    @abstractmethod
    def _down_through(self, compressor: Compressor, wanted: Array, noise: Array | None) -> tuple[Array, Array]:
        """C(wanted) as the nodes receive it, (lanes, 1, d), and its bits (lanes, 1) or one number."""

    def _sent(self, compressor: Compressor, wanted: Array, stream: Stream, present: Array | None, weights: Array | None) -> Sent:
        """One message of every node here through this compressor."""
        return self.post(self._offer(compressor, wanted, stream), present, weights)

    def _offer(self, compressor: Compressor, wanted: Array, stream: Stream) -> Offer:
        wanted, noise = self._of_the_finite(wanted), self._noise_here(compressor, wanted, stream)
        if compressor.remembers and self.memory is not None:
            noise = compressor.recalled(noise, self.memory, wanted.shape[-1])
        return self._offered(compressor, wanted, noise)

    def _remember(self, memory: Array | None, present: Array | None) -> None:
        """What the nodes keep of the messages they have sent; those that are not present (lanes, nodes here) keep what they had."""
        if memory is not None and present is not None:
            xp = _library_of(memory)
            before = xp.zeros_like(memory) if self.memory is None else self.memory
            memory = xp.where(xp.asarray(present.reshape(*present.shape, *(1,) * (memory.ndim - 2))), memory, before)
        self.memory = self.memory if memory is None else memory

    def _tell_of_offer(self, offer: Offer, present: Array | None) -> None:
        for observer in self.observers:
            observer.on_said(SaidByAll(self._round, offer.wanted, offer.received, present))

    def _tell_of_message(self, heard: Heard) -> None:
        for observer in self.observers:
            observer.on_message(heard)

    def _tell_of_broadcast(self, bits: Array, present: Array | None) -> None:
        for observer in self.observers:
            observer.on_broadcast(bits, present)

    def _of_the_finite(self, wanted: Array) -> Array:
        """What is wanted, and zero in the lanes in which some node wants to say what no message can carry."""
        finite = self._finite(wanted)
        return wanted if finite is None else zero_unless(finite[:, None], wanted)

    def _finite(self, wanted: Array) -> Array | None:
        """The lanes (lanes,) in which every node wants to say what a message can carry, and None where these are all."""
        finite = self._everywhere(all_within(wanted, DIVERGED))  # False for nan
        if finite.all():
            return None
        for observer in self.observers:
            observer.on_overflow(finite)
        return finite

    def _noise_here(self, compressor: Compressor, wanted: Array, stream: Stream) -> Array | None:
        noise = self._noise(compressor, wanted, self.nodes, stream)
        return None if noise is None else self.own(noise)

    def _noise(self, compressor: Compressor, wanted: Array, nodes: int, stream: Stream) -> Array | None:
        """The randomness of messages like those wanted, of so many nodes, in every lane: (lanes, nodes, …); None where there is none."""
        if noise_shape(compressor, wanted.shape[-1]) is None:  # deterministic, and no generator is made for it
            return None
        draws: list[Array] = [compressor.draw(generator(stream, seed, self._round), (nodes, wanted.shape[-1])) for seed in self.seeds]
        self.is_repeatable = False
        return _library_of(wanted).asarray(np.stack(draws), device=device(wanted))


def _library_of(array: Array) -> Any:
    """NumPy, or whose array it is: to ask array_namespace takes as long as a product of small arrays."""
    return np if isinstance(array, np.ndarray) else array_namespace(array)


def in_full(wanted: Array) -> Array:
    """What is compressed of it: float64, for what arrives, and its mean, are more exact than a state of float32 keeps."""
    return wanted.astype(float) if _is_single(wanted) else wanted


def compressed(compressor: Compressor, wanted: Array, noise: Array | None) -> tuple[Compressed, Array | None]:
    """C of what is wanted, and what nodes remember of it whose operator does."""
    if compressor.remembers and noise is not None:
        return compressor.remembering(in_full(wanted), noise)
    return compressor.compress(in_full(wanted), noise), None


def _is_single(wanted: Array) -> bool:
    """Whether it is of a state of float32; then so is what every node keeps of its message."""
    return isinstance(wanted, np.ndarray) and wanted.dtype == np.float32


def zero_unless(claims: Array, said: Array) -> Array:
    """What was said (lanes, nodes, d) where the claims (lanes, nodes), or of all nodes (lanes, 1), hold, and zeros elsewhere."""
    xp = _library_of(said)
    return xp.where(xp.asarray(claims)[..., None], said, xp.zeros_like(said))
