"""What the nodes of an EF21 run want to say: the run is the lab's default on a dataset, kept in this process at every fiftieth round."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from ef21lab.choices.spec import choice, integer
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Dataset, PerNode, datasets
from ef21lab.problems.base import Facts, objectives
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.experiment import start_run
from ef21lab.runs.loop import Optimization
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

MOST_NODES = 100
MOST_ROUNDS = 400
CHECKPOINT_EVERY = 50


def dataset() -> Any:
    """A declared field: one of the datasets that are there on every machine, for any number of nodes."""
    always = {
        name: kind.label for name, kind in datasets.members.items() if kind.absence is Dataset.absence and not issubclass(kind, PerNode)
    }
    return choice(
        "digits" if "digits" in always else next(iter(always)),
        always,
        Text("Dataset", "Набор данных"),
        Text("The data of the run that the vector is taken from.", "Данные запуска, из которого взят вектор."),
    )


def nodes() -> Any:
    return integer(
        20, 1, MOST_NODES, Text("Nodes", "Узлы"), Text("How many nodes share the rows.", "Между сколькими узлами поделены строки.")
    )


def node() -> Any:
    return integer(0, 0, MOST_NODES - 1, Text("Node", "Узел"), Text("Whose vector it is, counted from 0.", "Чей это вектор; счёт с нуля."))


def check_node(owner: str, node: int, nodes: int) -> None:
    """Refuses a node that is not among `nodes`."""
    if node >= nodes:
        raise Refusal(
            Text(
                "{owner}(node={node}): node must be an integer in 0..{last}, and this problem has {nodes:node|nodes}",
                "{owner}(node={node}): node — это целое число от 0 до {last}, здесь {nodes:узел|узла|узлов}",
            ).format(owner=owner, node=node, last=nodes - 1, nodes=nodes)
        )


@lru_cache(maxsize=16)
def wanted(dataset: str, nodes: int, round: int) -> np.ndarray:
    """∇fᵢ(x^t) − gᵢ before the message of round t, of every node, (nodes, d); in round 0 that is ∇fᵢ(x⁰)."""
    return wanted_of(spec(dataset, nodes), round)


@lru_cache(maxsize=16)
def wanted_of(run: RunSpec, round: int) -> np.ndarray:
    """The same of any run of EF21 whose rounds count for nothing."""
    message = _run_to(run, round).last.pair
    if message is None:
        raise AssertionError("EF21 from a compressed start sends a message in every round")
    return np.asarray(message.wanted[0])


def layout(dataset: str, nodes: int) -> tuple[tuple[int, ...], ...]:
    """The natural tensor shapes of these vectors."""
    return posed(spec(dataset, nodes)).layout


def posed(run: RunSpec) -> Facts:
    """What the problem of a run is like."""
    return problem_of(run).facts


@lru_cache(maxsize=64)
def _checkpoint(run: RunSpec, round: int) -> Checkpoint:
    return _run_to(run, round).checkpoint()


def _run_to(run: RunSpec, round: int) -> Optimization:
    """The run after `round`, resumed from the last kept round that is earlier."""
    kept = (round - 1) // CHECKPOINT_EVERY * CHECKPOINT_EVERY
    asked = replace(run, rounds=round, record_every=max(round, 1))
    going = start_run(asked, _checkpoint(run, kept) if kept > 0 else None).watch(0, run.partition.nodes)
    for _ in going:  # round 0 of a fresh run, then the last
        pass
    return going


def spec(dataset: str, nodes: int) -> RunSpec:
    """The lab's default run on a dataset, for no number of rounds in particular."""
    return RunSpec.make(
        {
            "dataset": dataset,
            "partition": {"name": "contiguous", "nodes": nodes},
            "objective": _objective(dataset),
            "rounds": 0,
            "record_every": 1,
        }
    )


def _objective(dataset: str) -> str:
    """The first objective of the menu that takes the labels of this dataset."""
    classes = datasets.make(dataset).facts().classes
    task = {0: "regression", 2: "two classes"}.get(-1 if classes is None else classes, "many classes")
    return next(name for name, kind in objectives.members.items() if task in kind.tasks)
