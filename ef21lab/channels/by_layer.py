"""Tensor by tensor: what messages cost, and what was lost of the last ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ef21lab.channels.base import Observer
from ef21lab.channels.bill import per_node
from ef21lab.channels.held import Norms
from ef21lab.channels.last import LastMessage, merge
from ef21lab.channels.messages import Heard, SaidByAll, SaidInPart
from ef21lab.channels.norms import distance_sq, norm_sq

Array = Any

ENTRY = "of_layers"  # among the entries of a bill


class ByLayer(Observer):
    """Of every tensor of a layout: `bits` (lanes, layers) per node since the start; nan from the first message that is not made of theirs.

    `norms` are those of the last messages, which `last` keeps where vectors are short.
    """

    def __init__(self, layout: Sequence[Sequence[int]], lanes: int, last: LastMessage) -> None:
        edges = np.cumsum([0, *(math.prod(shape) for shape in layout)])
        self._cuts = [slice(int(first), int(end)) for first, end in pairwise(edges)]
        self.sizes = np.diff(edges)  # (layers,)
        self.bits = np.zeros((lanes, len(layout)))
        self._last = last
        self._parts: dict[int, Norms] = {}  # (lanes, some nodes, layers) each, by the first of the nodes that they are about
        self._round = -1

    def on_message(self, heard: Heard) -> None:
        if heard.of_layers is not None:
            sent = heard.of_layers if heard.present is None else heard.of_layers * heard.present[..., None]
            self.bits = self.bits + sent.mean(axis=1)
        elif (price := heard.compressor.bits_of_a_number) is not None:
            sent = np.asarray(per_node(1 if heard.present is None else np.ones(heard.present.shape), heard.present))
            self.bits = self.bits + sent[..., None] * price * self.sizes
        else:
            self.bits = np.full_like(self.bits, np.nan)

    def on_said(self, said: SaidByAll) -> None:
        self._parts, self._round = {}, said.round

    def on_said_in_part(self, said: SaidInPart) -> None:
        if said.round != self._round:
            self._parts, self._round = {}, said.round
        merge(self._parts, said.first, self._norms(said.wanted, said.received.array()), said.present)

    def forget(self) -> None:
        """Of messages that nobody will ask for any more."""
        self._parts = {}

    def on_lanes(self, kept: Array) -> None:
        self.bits = self.bits[kept]
        self._parts = {first: Norms(*(part[kept] for part in norms)) for first, norms in self._parts.items()}

    def norms(self) -> Norms | None:
        """Of the last message of every node and of what was lost of it, (lanes, nodes here, layers); None where nothing was ever sent."""
        if self._parts:
            parts = [self._parts[first] for first in sorted(self._parts)]
            return Norms(*(np.concatenate(part, axis=1) for part in zip(*parts, strict=True)))
        return None if (pair := self._last.pair) is None else self._norms(*pair)

    def squares(self, x: Array) -> Array:
        """‖x_l‖² of every layer, (..., d) → (..., layers)."""
        return np.stack([norm_sq(x[..., cut]) for cut in self._cuts], axis=-1)

    def entries(self) -> dict[str, Array]:
        """What a checkpoint keeps of it, (lanes, layers)."""
        return {ENTRY: self.bits}

    def restore(self, entries: dict[str, Array]) -> None:
        """Go on from these entries; from those of a version that kept none of layers, without knowing what had been sent."""
        self.bits = entries.get(ENTRY, np.full_like(self.bits, np.nan))

    def _norms(self, wanted: Array, received: Array) -> Norms:
        lost = np.stack([distance_sq(received[..., cut], wanted[..., cut]) for cut in self._cuts], axis=-1)
        return Norms(lost, self.squares(wanted))
