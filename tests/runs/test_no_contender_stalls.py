"""On every dataset that is always there, every contender of the first screen gets somewhere with its tuned step."""

from __future__ import annotations

import pytest
from threadpoolctl import threadpool_limits

import ef21lab as lab
from ef21lab.address.controls import FIRST, START
from ef21lab.address.objectives import objective_of
from ef21lab.address.opening import fitted_to
from ef21lab.datasets.base import Dataset, PerNode, datasets
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.tuned import candidates

LONG = {"mnist": {"a": 512, "b": 256, "c": 4}}  # 80 s with all steps; one of those that are tried, for each contender
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


@pytest.mark.parametrize(("name", "letter", "multiple"), [(name, *one) for name, steps in LONG.items() for one in steps.items()])
def test_where_all_steps_take_long_one_of_those_tried_does(name: str, letter: str, multiple: float) -> None:
    """The tuned one is no worse. On half of the rows and two nodes."""
    dataset = datasets.make(name)
    posed = {"dataset": dataset, "partition": {"name": "contiguous", "nodes": 2}, "objective": objective_of(dataset)[1], "held_out": 0.5}
    asked = RunSpec.make({**posed, **START[letter], "rounds": 400})
    (one,) = [
        run for run in candidates(fitted_to(problem_of(asked).facts.layout, asked)) if run.step.settings().get("multiple") == multiple
    ]
    with threadpool_limits(1):  # others compute beside
        values = lab.run(one)["grad_norm_sq"]
    assert values[-1] <= values[0] / 10


def test_every_dataset_that_is_always_there_is_tried() -> None:
    there = {name for name, kind in datasets.members.items() if kind.absence is Dataset.absence}
    assert there == {*BUNDLED, *LONG}
    assert all({*steps} == {*FIRST} for steps in LONG.values())
