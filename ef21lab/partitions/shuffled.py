"""Shuffled: the contiguous split of the rows in random order, so that the nodes look alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import seed_of
from ef21lab.choices.text import Text
from ef21lab.datasets.base import Table
from ef21lab.partitions.base import Partition, in_order
from ef21lab.streams import Stream, generator


@dataclass(frozen=True)
class Shuffled(Partition):
    """Rows π(0), π(1), … are dealt out contiguously, π a uniformly random permutation drawn from `seed`."""

    seed: int = seed_of(
        Text("Shuffle seed", "Зерно перемешивания"),
        Text("Another seed deals the rows out differently.", "С другим зерном строки раздаются иначе."),
    )

    name = "shuffled"
    label = Text("Shuffled", "Вперемешку")
    about = Text(
        "Rows in random order, then equal runs: every node sees nearly the same distribution.",
        "Строки в случайном порядке, затем равными отрезками: распределения на узлах почти одинаковы.",
    )
    order = 10

    def assign(self, table: Table) -> np.ndarray:
        rows = len(table.labels)
        node_of = np.empty(rows, dtype=np.intp)  # (rows,)
        node_of[generator(Stream.SHUFFLED, self.seed).permutation(rows)] = in_order(rows, self.nodes)
        return node_of
