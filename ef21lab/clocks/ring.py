"""A ring without a master, as collective operations build it."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text
from ef21lab.clocks.base import MEGABIT, MILLISECOND, Clock, Topology, bandwidth, latency, slowness


@dataclass(frozen=True)
class Ring(Topology):
    """Every node hears all messages and holds the master's copy itself, so nothing goes down.

    Messages whose sums are no longer than themselves are all-reduced: 2(n − 1) steps, each of a latency and 1/n of a message. The others
    are all-gathered: n − 1 steps, each of a latency and a whole message. Patarasuk, Yuan (2009), “Bandwidth optimal all-reduce algorithms”.
    """

    name = "ring"
    label = Text("ring: all-reduce, all-gather", "кольцо: all-reduce, all-gather")
    about = Text(
        "No master: dense messages are summed on their way round, compressed ones are passed on as they are.",
        "Без сервера: плотные сообщения складываются по пути, сжатые передаются дальше как есть.",
    )
    order = 10

    link: float = bandwidth(
        10_000.0, Text("Link, Mbit/s", "Линия, Мбит/с"), Text("From each node to the next.", "От каждого узла к следующему.")
    )
    latency: float = latency(0.05)
    slower: float = slowness()

    @property
    def width(self) -> float:
        return self.link

    def clock(self, nodes: int, summable: bool) -> Clock:
        steps = (2 if summable else 1) * (nodes - 1)
        share = 1 / nodes if summable else 1.0
        return Clock(MILLISECOND * steps * self.latency, steps * share / (MEGABIT * self.link), 0.0, self.slower / nodes)
