"""Problems and tables that a process keeps for the next run on them."""

from __future__ import annotations

from ef21lab.datasets.base import Dataset, PerNode, Table
from ef21lab.kept import Kept
from ef21lab.partitions.base import Partition
from ef21lab.problems.base import Facts, Objective, Problem

PROBLEMS_KEPT = 256 * 2**20  # bytes for each process
TABLES_KEPT = 128 * 2**20

_problems: Kept[tuple[Dataset, Partition, Objective], Problem] = Kept(PROBLEMS_KEPT)
_tables: Kept[Dataset, Table] = Kept(TABLES_KEPT)


def problem_of(dataset: Dataset, partition: Partition, objective: Objective, facts: Facts | None = None) -> Problem:
    """The problem, kept for the next run on it. Its `facts` where they are known need not be computed: most of the time goes there."""
    return _problems.get((dataset, partition, objective), lambda: _posed(dataset, partition, objective, facts))


def _posed(dataset: Dataset, partition: Partition, objective: Objective, facts: Facts | None) -> Problem:
    table = table_of(dataset, partition.nodes)
    problem = objective.on(table, partition.assign(table), partition.nodes)
    problem.settle(facts)
    return problem


def forget() -> None:
    """Let go of all that is kept: for a process that goes on with a part of it."""
    _problems.clear()
    _tables.clear()


def table_of(dataset: Dataset, nodes: int) -> Table:
    """The rows of a dataset as `nodes` nodes will share them."""
    return dataset.drawn_for(nodes) if isinstance(dataset, PerNode) else _tables.get(dataset, dataset.load)
