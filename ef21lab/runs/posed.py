"""Problems and tables that a process keeps for the next run on them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ef21lab.choices.answers import ANSWERS, Failed, blaming
from ef21lab.choices.fields import shown
from ef21lab.choices.plugged import Plugin
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
    with blaming():
        problem.settle(facts)
        if (plugin := spec.objective.plugin) is not None:
            _check(problem, nodes, spec.objective.name, plugin)
    return problem


def _check(problem: Problem, nodes: int, name: str, plugin: Plugin) -> None:
    """Raises Failed where what a plugin's objective calls a problem says of itself, or is at x = 0, what no problem is."""
    facts = problem.facts
    is_told = isinstance(facts, Facts) and facts.nodes == nodes and 0 < facts.d == sum(math.prod(shape) for shape in facts.layout)
    if not is_told:
        raise Failed(ANSWERS.format(plugin=plugin, what=f"{name}.facts", allowed=THESE_FACTS.format(nodes=nodes), given=shown(facts)))
    point = problem.at(np.zeros((1, facts.d)))
    for what, found, shape in (("gradients", point.gradients, (1, nodes, facts.d)), ("loss()", point.loss(), (1,))):
        if np.shape(found) != shape or np.asarray(found).dtype.kind != "f":
            raise Failed(
                ANSWERS.format(plugin=plugin, what=f"{name}: at(x).{what}", allowed=OF_SHAPE.format(shape=shape), given=shown(found))
            )


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


THESE_FACTS = Text(
    "Facts of {nodes:node|nodes}, with a layout of tensors that add up to d",
    "Facts, где узлов {nodes} и размеры тензоров из layout в сумме дают d",
)
OF_SHAPE = Text("numbers of the shape {shape} for one x", "числа формы {shape} при одном x")
DRAWN_FOR_NODES = Text(
    "held_out={share}: the rows of {dataset} are drawn for its nodes, and none can be taken from them; held_out must be 0",
    "held_out={share}: строки порождаются под узлы, и отложить из них ничего нельзя ({dataset}); held_out — это 0",
)
