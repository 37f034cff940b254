"""A layer is one parameter of a network: its operator in its own shape, and what has been said about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ef21lab.compressors.base import Compressor, Message, Shape
from ef21lab.streams import Stream, generator

Array = Any


class Told(NamedTuple):
    """What a process has said about one parameter."""

    name: str
    shape: Shape
    compressor: str
    floats: float  # of one message, or about their mean
    rounds: int
    bits: int  # of all its messages
    relative_error: float | None  # ‖C(w) − w‖/‖w‖ of the last message about w; None before the first, and where w = 0


@dataclass
class HookedLayer:
    """One parameter, from its first round on. `place` is its number in the order in which parameters came."""

    name: str
    shape: Shape
    compressor: Compressor
    place: int
    rounds: int = 0
    bits: int = 0
    relative_error: float | None = None

    @property
    def d(self) -> int:
        return math.prod(self.shape)

    def encoded(self, compressor: Compressor, wanted: Array, seed: int, rank: int) -> Message:
        """The message about wanted (d,). Random operators draw by seed, round, process and parameter, whatever bucket it comes in."""
        return compressor.encode(wanted, compressor.draw(generator(Stream.LAYER, seed, self.rounds, rank, self.place), (self.d,)))

    def count(self, wanted: Array, received: Array, bits: int) -> None:
        """Keep the account of a message that was sent."""
        norm = float(np.linalg.norm(wanted))
        self.rounds, self.bits = self.rounds + 1, self.bits + bits
        self.relative_error = float(np.linalg.norm(received - wanted)) / norm if norm else None

    def told(self) -> Told:
        floats = self.compressor.cost(self.d)[1]
        return Told(self.name, self.shape, str(self.compressor), floats, self.rounds, self.bits, self.relative_error)
