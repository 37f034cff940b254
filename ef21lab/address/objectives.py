"""Which objectives take the labels of a dataset, and where their menu stands: labels of each kind have one of their own."""

from __future__ import annotations

from ef21lab.datasets.base import Dataset
from ef21lab.problems.base import Objective, objectives
from ef21lab.runs.spec import RunSpec


def objective_of(dataset: Dataset) -> tuple[str, Objective, list[str]]:
    """Where the menu of objectives stands for the labels of this dataset, which is the first, and which take such labels."""
    names, usual = fitting(dataset.facts().classes), RunSpec.make({}).objective
    return ("objective", usual, names) if usual.name in names else (f"objective.{names[0]}", objectives.make(names[0]), names)


def fitting(classes: int | None) -> list[str]:
    """The objectives that take labels of so many classes; 0 for regression, None where it is not known yet."""
    task = {None: None, 0: "regression", 2: "two classes"}.get(classes, "many classes")
    return [name for name, kind in objectives.members.items() if task is None or task in kind.tasks]
