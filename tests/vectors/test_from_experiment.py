"""A vector of the experiment's problem is what a node of it has to say; of a network, one layer of that."""

import math

import numpy as np
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.problems.networks.base import absence
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.vectors.base import vectors
from tests.vectors.test_vectors import literal_ef21

POSED = {
    "dataset": "breast_cancer",
    "partition": {"name": "by_label", "nodes": 3},
    "objective": {"name": "logistic_ridge", "lam": 0.3},
    "start": "ones",
    "held_out": 0.25,
    "held_out_seed": 2,
}
CONV = {"name": "network", "network": {"name": "conv", "channels": 2}}
NETWORK = {"dataset": "digits", "partition": {"name": "by_label", "nodes": 4}, "objective": CONV, "start": "initial"}


def vector(**given):
    return vectors.make({"name": "from_experiment", **given})


@pytest.mark.parametrize("round", [0, 3])
def test_it_is_what_the_papers_algorithm_compresses_on_this_problem(round):
    spec = RunSpec.make(POSED)
    problem = problem_of(spec)
    expected = literal_ef21(problem, plan(spec, problem.facts).gamma, spec.start.point(problem), round)
    for node in range(3):
        assert vector(**POSED, node=node, round=round).sample().values == pytest.approx(expected[node], rel=1e-8, abs=1e-12)


def test_its_run_is_that_of_the_experiment():
    given = vector(**POSED)
    assert given.origin().posed == RunSpec.make(POSED).posed
    assert vectors.make(vectors.json(given)) == given
    assert len(given.names()) == len(given.sample().values) == 30


@pytest.mark.skipif(absence() is not None, reason="PyTorch is not installed")
def test_the_layers_of_a_network_one_after_another_are_its_gradient_each_in_its_own_shape():
    spec = RunSpec.make(NETWORK)
    problem = problem_of(spec)
    gradient = np.asarray(problem.gradients(spec.start.point(problem)[None])[0, 1], dtype=np.float64)
    layout = problem.facts.layout
    layers = [vector(**NETWORK, node=1, layer=layer + 1).sample() for layer in range(len(layout))]
    assert [sample.layout for sample in layers] == [(shape,) for shape in layout]
    assert layers[0].layout == ((2, 1, 3, 3),)
    assert np.concatenate([sample.values for sample in layers]) == pytest.approx(gradient, rel=1e-5, abs=1e-8)
    whole = vector(**NETWORK, node=1, layer=0).sample()
    assert whole.layout == layout
    assert np.array_equal(whole.values, np.concatenate([sample.values for sample in layers]))
    assert len(whole.values) == sum(math.prod(shape) for shape in layout)
    assert vector(**NETWORK).names() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"node": 3}, r"node must be an integer in 0\.\.2"),
        ({"layer": 2}, r"layer must be an integer in 0\.\.1"),
        ({"dataset": "diabetes"}, "needs two classes"),
        ({"dataset": {"name": "nowhere"}}, "nowhere"),
    ],
)
def test_what_this_problem_does_not_have_is_refused_in_words(changes, words):
    with pytest.raises(Refusal, match=words):
        vector(**{**POSED, **changes}).sample()
