"""Contiguous: the first ⌊N/n⌋ rows to the first node, the next to the second, the rest with the last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.datasets.base import Table
from ef21lab.partitions.base import Partition, in_order


@dataclass(frozen=True)
class Contiguous(Partition):
    """Node i holds rows i⌊N/n⌋ … (i+1)⌊N/n⌋ − 1 in file order, and the last node the remainder too.

    The split of the EF21 experiments (Richtárik, Sokolov, Fatkhullin 2021, §5).
    """

    name = "contiguous"
    label = Text("Contiguous", "Подряд")
    about = Text(
        "Equal runs of rows in file order, the remainder on the last node: the split of the EF21 paper.",
        "Равные отрезки строк в порядке файла, остаток — последнему узлу: так делили данные авторы EF21.",
    )
    order = 0

    def assign(self, table: Table) -> np.ndarray:
        return in_order(len(table.labels), self.nodes)
