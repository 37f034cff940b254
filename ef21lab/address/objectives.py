"""Where the menu of objectives of a dataset stands in an address: labels of each kind have one of their own."""

from __future__ import annotations

from ef21lab.datasets.base import Dataset
from ef21lab.problems.base import Objective
from ef21lab.runs.fitting import fitting, usual_for
from ef21lab.runs.spec import RunSpec


def objective_of(dataset: Dataset) -> tuple[str, Objective, list[str]]:
    """Where the menu of objectives stands for the labels of this dataset, which is the first, and which take such labels."""
    names, first = fitting(dataset.facts().classes), usual_for(dataset)
    return ("objective" if first.name == RunSpec.make({}).objective.name else f"objective.{first.name}", first, names)
