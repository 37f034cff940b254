"""Dealt out like cards: row j goes to node j mod n."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.datasets.base import Table
from ef21lab.partitions.base import Partition, check_enough


@dataclass(frozen=True)
class Dealt(Partition):
    """Row j goes to node j mod n."""

    name = "dealt"
    label = Text("Dealt out", "По кругу")
    about = Text("Row j goes to node j mod n.", "Строка j достаётся узлу j mod n.")

    def assign(self, table: Table) -> np.ndarray:
        check_enough(len(table.labels), self.nodes)
        return np.arange(len(table.labels)) % self.nodes
