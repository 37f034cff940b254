"""What a partition is: which node holds which row."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from ef21lab.choices.answers import Answer
from ef21lab.choices.fields import Integer
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table

NODES = Integer(
    Text("Nodes", "Узлы"),
    Text("How many nodes share the rows.", "Между сколькими узлами поделены строки."),
    1,
    2**31 - 1,  # the rows are the bound; a server has one of its own
)


def _shares_out(partition: Partition, found: Any, table: Table) -> bool:
    is_of_rows = isinstance(found, np.ndarray) and found.shape == (len(table.labels),) and found.dtype.kind in "iu"
    return is_of_rows and np.array_equal(np.unique(found), np.arange(partition.nodes))


@dataclass(frozen=True)
class Partition(Spec):
    """A rule that gives every row to one of `nodes` nodes; each node gets at least one row."""

    answers = MappingProxyType(
        {
            "assign": Answer(
                _shares_out,
                Text(
                    "an array with the node of every row, from 0 on, in which every node has a row",
                    "массив с номером узла для каждой строки, от 0, где у каждого узла есть строка",
                ),
            )
        }
    )

    nodes: int = field(default=20, metadata={"field": NODES})

    @abstractmethod
    def assign(self, table: Table) -> np.ndarray:
        """The node 0..nodes−1 of every row, (rows,) integers. Raises Refusal where there are fewer rows than nodes."""


partitions: Family[Partition] = Family(Partition, Text("partition", "разбиение"), package="ef21lab.partitions")


def in_order(rows: int, nodes: int) -> np.ndarray:
    """The node of every row when rows are dealt out in their order: ⌊rows/nodes⌋ to each, the remainder to the last; (rows,)."""
    check_enough(rows, nodes)
    return np.minimum(np.arange(rows) // (rows // nodes), nodes - 1)


def check_enough(rows: int, nodes: int) -> None:
    """Raises Refusal where there are fewer rows than nodes."""
    if rows < nodes:
        raise Refusal(
            Text(
                "{nodes:node|nodes} cannot share {rows:row|rows}: each needs at least one; nodes must be an integer in 1..{rows}",
                "{rows:строки|строк|строк} на {nodes:узел|узла|узлов} не хватит: каждому нужна хотя бы одна; число узлов — от 1 до {rows}",
            ).format(nodes=nodes, rows=rows)
        )
