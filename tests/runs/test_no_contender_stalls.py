"""On every dataset that is always there, every contender of the first screen gets somewhere with its tuned step."""

from __future__ import annotations

import pytest

import ef21lab as lab
from ef21lab.address.controls import FIRST, START
from ef21lab.address.objectives import objective_of
from ef21lab.address.opening import fitted_to
from ef21lab.datasets.base import Dataset, PerNode, datasets
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

LONG = ("mnist",)  # 80 s; by hand its slowest, Top-4 of 1960 coordinates at ×256, came from 1.63 to 0.209 in 400 rounds, and falls on
BUNDLED = [name for name, kind in datasets.members.items() if kind.absence is Dataset.absence and name not in LONG]
ROUNDS = 60


@pytest.mark.parametrize("name", BUNDLED)
@pytest.mark.parametrize("letter", FIRST)
def test_a_default_contender_comes_a_good_way_down(name: str, letter: str) -> None:
    dataset = datasets.make(name)
    nodes = dataset.usual_nodes if isinstance(dataset, PerNode) else 5
    posed = {"dataset": dataset, "partition": {"name": "contiguous", "nodes": nodes}, "objective": objective_of(dataset)[1]}
    asked = RunSpec.make({**posed, **START[letter], "rounds": ROUNDS})
    layout = problem_of(asked).facts.layout
    found = lab.tune(fitted_to(layout, asked))
    values = found.trace["grad_norm_sq"]
    assert values[-1] <= values[0] / 10
