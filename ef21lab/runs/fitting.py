"""Which objectives take the labels of a dataset, and which of them is meant where nobody says: the one table of both."""

from __future__ import annotations

from typing import Any

from ef21lab.datasets.base import Dataset, datasets
from ef21lab.problems.base import Objective, objectives
from ef21lab.runs.spec import RunSpec


def fitting(classes: int | None) -> list[str]:
    """The objectives that take labels of so many classes; 0 for regression, None where it is not known yet."""
    task = {None: None, 0: "regression", 2: "two classes"}.get(classes, "many classes")
    return [name for name, kind in objectives.members.items() if task is None or task in kind.tasks]


def usual_for(dataset: Dataset) -> Objective:
    """The objective of a run where it takes the labels of this dataset, else the first that does."""
    names, usual = fitting(dataset.facts().classes), RunSpec.make({}).objective
    return usual if usual.name in names else objectives.make(names[0])


def with_objective(document: dict[str, Any]) -> dict[str, Any]:
    """The same run, with an objective that takes the labels of its dataset where none is named. Raises Refusal where there are no rows."""
    if "objective" in document:
        return document
    classes = len(datasets.make(document["dataset"]).load().classes)
    return {**document, "objective": fitting(classes)[0]}
