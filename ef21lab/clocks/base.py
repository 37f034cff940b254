"""What a clock is: seconds on a network, of a run that is recorded already. Nothing is computed again, and a slider may move it."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ef21lab.choices.answers import Answer
from ef21lab.choices.fields import is_number
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec, real
from ef21lab.choices.text import Text

Columns = Mapping[str, np.ndarray]  # of a trace: "round", "bits_up", "bits_down", "seconds", each (records,)


class Parts(NamedTuple):
    """What the seconds consist of, each (records,) and cumulative: waiting for messages to arrive, sending their bits, computing."""

    waiting: np.ndarray
    sending: np.ndarray
    computing: np.ndarray

    @property
    def total(self) -> np.ndarray:
        return self.waiting + self.sending + self.computing


class Clock(NamedTuple):
    """Seconds as a linear form of a record: so much for every exchange of messages, every bit per node, every second of computing."""

    exchange: float  # s: what a round waits, whatever its messages hold
    bit_up: float  # s for every bit that a node sends, in the mean over nodes
    bit_down: float  # s for every bit that a node receives from the master
    second: float  # s for every second that this machine took for all nodes

    def widened(self, factor: float) -> Clock:
        """Of the same network with every link this many times as wide."""
        return self._replace(bit_up=self.bit_up / factor, bit_down=self.bit_down / factor)

    def parts(self, columns: Columns) -> Parts:
        """Of every record. The message of round 0 is an exchange where there is one."""
        exchanges = columns["round"] + (columns["bits_up"][:1].sum() > 0)
        sending = self.bit_up * columns["bits_up"] + self.bit_down * columns["bits_down"]
        return Parts(self.exchange * exchanges, sending, self.second * columns["seconds"])

    def seconds(self, columns: Columns) -> np.ndarray:
        """(records,) how long the run has taken on this network."""
        return self.parts(columns).total


def bandwidth(default: float, label: Text, about: Text) -> Any:
    """The field of a link's megabits a second."""
    return real(default, 0.01, 1e6, label, about, logarithmic=True)


def latency(default: float) -> Any:
    """The field of the milliseconds that a message takes besides its bits."""
    return real(
        default,
        0.0,
        1e5,
        Text("Latency, ms", "Задержка, мс"),
        Text("How long even an empty message is on its way.", "Сколько идёт даже пустое сообщение."),
        logarithmic=True,
    )


def slowness() -> Any:
    """The field of how much slower a node computes than this machine."""
    return real(
        1.0,
        0.0,
        1e6,
        Text("A node computes slower by", "Узел считает медленнее, во сколько раз"),
        Text(
            "Computing and compression take this many times what one node's share took here; 0 leaves them out.",
            "Во столько раз вычисления и сжатие на узле дольше, чем его доля здесь; 0 — не учитывать.",
        ),
        logarithmic=True,
    )


MEGABIT = 1e6
MILLISECOND = 1e-3


def _is_width(topology: Topology, found: Any) -> bool:
    return is_number(found) and 0.0 < found < math.inf


def _is_clock(topology: Topology, found: Any, *asked: Any) -> bool:
    return isinstance(found, Clock) and all(is_number(part) and 0.0 <= part < math.inf for part in found)


@dataclass(frozen=True)
class Topology(Spec):
    """How the nodes are connected. They compute at the same time, each its share of the seconds measured here; a round waits for all."""

    answers = MappingProxyType(
        {
            "width": Answer(_is_width, Text("a number of Mbit/s above 0", "положительное число Мбит/с")),
            "clock": Answer(_is_clock, Text("a Clock of finite seconds, none below 0", "Clock из конечных неотрицательных секунд")),
        }
    )

    @property
    @abstractmethod
    def width(self) -> float:
        """Mbit/s of the link on which a node sends: by it the bandwidth of the whole network is named."""

    @abstractmethod
    def clock(self, nodes: int, summable: bool) -> Clock:
        """Of a run with so many nodes. `summable` says that the sum of two of its messages is a message of the same size."""


topologies: Family[Topology] = Family(Topology, Text("network", "сеть"), package="ef21lab.clocks")
