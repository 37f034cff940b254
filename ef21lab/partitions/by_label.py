"""By label: rows sorted by label, then equal runs, so that every node sees as few classes as it can."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.datasets.base import Table
from ef21lab.partitions.base import Partition, in_order


@dataclass(frozen=True)
class ByLabel(Partition):
    """The contiguous split of the rows in the order of their labels, file order among equals.

    Of C classes, two meet on at most C − 1 nodes. Regression targets are sorted by value: each node
    sees one range of answers.
    """

    name = "by_label"
    label = Text("By label", "По меткам")
    about = Text(
        "Rows sorted by label, then equal runs: a node sees a class or two neighbouring ones; of a regression target, one range.",
        "Строки по порядку меток, затем равными отрезками: узел видит один-два соседних класса, а при регрессии — один диапазон ответов.",
    )
    order = 20

    def assign(self, table: Table) -> np.ndarray:
        rows = len(table.labels)
        node_of = np.empty(rows, dtype=np.intp)  # (rows,)
        node_of[np.argsort(table.labels, kind="stable")] = in_order(rows, self.nodes)
        return node_of
