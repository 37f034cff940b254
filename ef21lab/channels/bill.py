"""What every node has sent and received so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from ef21lab.channels.base import Observer
from ef21lab.channels.messages import Heard

Array = Any

ENTRIES = ("bits_up", "floats_up", "bits_down")

Charge = tuple[str, Array]  # an entry and what is added to it, (lanes,) or one number for all


class Bill(Observer):
    """Bits and floats per node since the start, each (lanes,)."""

    def __init__(self, lanes: int) -> None:
        self.bits_up = np.zeros(lanes)
        self.floats_up = np.zeros(lanes)
        self.bits_down = np.zeros(lanes)
        self.charges: list[Charge] = []  # since somebody last emptied it

    def on_message(self, heard: Heard) -> None:
        self._add("bits_up", per_node(heard.bits, heard.present))
        self._add("floats_up", per_node(heard.floats, heard.present))

    def on_broadcast(self, bits: Array, present: Array | None) -> None:
        self._add("bits_down", per_node(bits, present))

    def on_lanes(self, kept: Array) -> None:
        self.restore({name: each[kept] for name, each in self.entries().items()})

    def entries(self) -> dict[str, Array]:
        """ENTRIES by name, each (lanes,)."""
        return {name: getattr(self, name) for name in ENTRIES}

    def restore(self, entries: dict[str, Array]) -> None:
        """Go on from these entries, each (lanes,)."""
        for name in ENTRIES:
            setattr(self, name, entries[name])

    def _add(self, name: str, amount: Array) -> None:
        setattr(self, name, getattr(self, name) + amount)
        self.charges.append((name, amount))


def per_node(count: Array, present: Array | None) -> Array:
    """The mean count over nodes: one number where all messages cost the same, else (lanes,)."""
    if present is None and isinstance(count, int):
        return count
    each = np.asarray(count)
    if present is not None:
        each = each * present
    return each if each.ndim == 0 else each.mean(axis=-1)
