"""A master with a link to every node."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text
from ef21lab.clocks.base import MEGABIT, MILLISECOND, Clock, Topology, bandwidth, latency, slowness


@dataclass(frozen=True)
class Star(Topology):
    """All nodes send at the same time, then all receive: max(b/up, nb/master) s for messages of b bits, likewise down, and two latencies.

    The master's link carries the messages of all n nodes, each node's link its own.
    """

    name = "star"
    label = Text("star: a master and its nodes", "звезда: сервер и узлы")
    about = Text("Every node talks to the master over a link of its own.", "У каждого узла своя линия к серверу.")
    order = 0

    up: float = bandwidth(
        100.0, Text("Node sends, Mbit/s", "Узел передаёт, Мбит/с"), Text("A node's link to the master.", "Линия от узла к серверу.")
    )
    down: float = bandwidth(
        100.0, Text("Node receives, Mbit/s", "Узел принимает, Мбит/с"), Text("The master's link to a node.", "Линия от сервера к узлу.")
    )
    master: float = bandwidth(
        1000.0,
        Text("Master's link, Mbit/s", "Линия сервера, Мбит/с"),
        Text("What all messages share at the master, each way.", "Её делят все сообщения, отдельно в каждую сторону."),
    )
    latency: float = latency(1.0)
    slower: float = slowness()

    @property
    def width(self) -> float:
        return self.up

    def clock(self, nodes: int, summable: bool) -> Clock:
        up, down, master = (MEGABIT * link for link in (self.up, self.down, self.master))
        return Clock(2 * MILLISECOND * self.latency, max(1 / up, nodes / master), max(1 / down, nodes / master), self.slower / nodes)
