"""Unequal sizes: the nodes look alike but hold very different amounts of data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import real, seed_of
from ef21lab.choices.text import Text
from ef21lab.datasets.base import Table
from ef21lab.partitions.base import Partition, check_enough
from ef21lab.streams import Stream, generator


@dataclass(frozen=True)
class Unequal(Partition):
    """Every node gets one row of the shuffled file; of the N − n others node i = 1 … n gets a share ∝ 1/iˢ, rounded.

    f stays the mean over nodes, so a row of a small node weighs more in f than a row of a large one. s = 0 makes equal shares.
    """

    power: float = real(
        1.0,
        0.0,
        4.0,
        Text("Power s", "Степень s"),
        Text("Node i gets a share ∝ 1/iˢ; at 0 all are equal.", "Узлу i достаётся доля ∝ 1/iˢ; при 0 все доли равны."),
    )
    seed: int = seed_of(
        Text("Shuffle seed", "Зерно перемешивания"),
        Text("Another seed deals the rows out differently.", "С другим зерном строки раздаются иначе."),
    )

    name = "unequal"
    label = Text("Unequal sizes", "Неравные объёмы")
    about = Text(
        "Rows in random order; node i holds a share ∝ 1/iˢ, so the first node holds most and the last ones little.",
        "Строки в случайном порядке; у узла i доля ∝ 1/iˢ: у первого данных больше всех, у последних — совсем мало.",
    )
    order = 40

    def assign(self, table: Table) -> np.ndarray:
        rows = len(table.labels)
        check_enough(rows, self.nodes)
        node_of = np.empty(rows, dtype=np.intp)  # (rows,)
        node_of[generator(Stream.UNEQUAL, self.seed).permutation(rows)] = np.repeat(np.arange(self.nodes), self._sizes(rows))
        return node_of

    def _sizes(self, rows: int) -> np.ndarray:
        """How many rows each node gets, (nodes,)."""
        weights = np.arange(1, self.nodes + 1) ** -self.power
        cuts = np.rint(np.cumsum(weights) / weights.sum() * (rows - self.nodes)).astype(np.intp)
        return 1 + np.diff(cuts, prepend=0)
