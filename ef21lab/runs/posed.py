"""Problems and tables that a process keeps for the next run on them."""

from __future__ import annotations

from typing import Any

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Dataset, PerNode, Table
from ef21lab.kept import Kept
from ef21lab.partitions.held_out import Rows, set_aside
from ef21lab.problems.base import Facts, Objective, Problem
from ef21lab.problems.held_out import HeldOut
from ef21lab.runs.spec import RunSpec

PROBLEMS_KEPT = 256 * 2**20  # bytes for each process
TABLES_KEPT = 128 * 2**20

_problems: Kept[tuple[Any, ...], Problem] = Kept(PROBLEMS_KEPT)
_tables: Kept[Dataset, Table] = Kept(TABLES_KEPT)


def problem_of(spec: RunSpec, facts: Facts | None = None) -> Problem:
    """The problem of a run, kept for the next one on it; `facts` that are known need not be computed: most of the time goes there.

    All it says is of the rows that the nodes share; `problem.held_out` is what is measured on the others.
    """
    return _problems.get(spec.posed, lambda: _posed(spec, facts))


def _posed(spec: RunSpec, facts: Facts | None) -> Problem:
    rows, nodes = rows_of(spec), spec.partition.nodes
    problem = spec.objective.on(rows.shared, spec.partition.assign(rows.shared), nodes)
    problem.held_out = measured_on(spec.objective, rows.held_out)
    problem.settle(facts)
    return problem


def measured_on(objective: Objective, table: Table | None) -> HeldOut | None:
    """What is measured on the rows that are held out; None where there are none, or no classes to tell."""
    classifier = objective.classifier(table) if table is not None and table.classes else None
    return None if table is None or classifier is None else HeldOut(classifier, table.places)


def forget() -> None:
    """Let go of all that is kept: for a process that goes on with a part of it."""
    _problems.clear()
    _tables.clear()


def rows_of(spec: RunSpec) -> Rows:
    """The rows that the nodes of a run share, and those that are held out. Raises Refusal where these cannot be."""
    if spec.held_out and isinstance(spec.dataset, PerNode):
        raise Refusal(DRAWN_FOR_NODES.format(dataset=spec.dataset.name, share=spec.held_out))
    return set_aside(table_of(spec.dataset, spec.partition.nodes), spec.held_out, spec.held_out_seed)


def table_of(dataset: Dataset, nodes: int) -> Table:
    """The rows of a dataset as `nodes` nodes will share them."""
    return dataset.drawn_for(nodes) if isinstance(dataset, PerNode) else _tables.get(dataset, dataset.load)


DRAWN_FOR_NODES = Text(
    "held_out={share}: the rows of {dataset} are drawn for its nodes, and none can be taken from them; held_out must be 0",
    "held_out={share}: строки порождаются под узлы, и отложить из них ничего нельзя ({dataset}); held_out — это 0",
)
