"""A step that gets shorter: the recursion as it is written, the same as lanes and after a checkpoint, and nothing certified."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.runs.experiment import start_run
from ef21lab.runs.guarantees import guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of

STEP = {"rule": "decaying", "gamma": 0.5, "power": 0.75, "after": 3}
SPEC = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 9, "step": STEP}


def test_it_is_the_recursion_as_it_is_written() -> None:
    """x of round t + 1 is x − γ/(1 + t/T)ᵖ ∇f(x) where all is sent exactly: by hand."""
    spec = lab.RunSpec.make({**SPEC, "algorithm": "dcgd", "compressor": {"name": "identity", "width": 64}})
    problem = problem_of(spec)
    x = spec.start.point(problem)
    losses = []
    for t in range(10):
        losses.append(problem.loss(x[None, :])[0])
        x = x - 0.5 / (1 + t / 3) ** 0.75 * problem.gradients(x[None, :])[0].mean(axis=0)
    np.testing.assert_allclose(lab.run(spec)["loss"], losses, rtol=1e-12)


def test_power_0_is_a_fixed_step_to_the_bit() -> None:
    flat, fixed = lab.run(SPEC, step={**STEP, "power": 0}), lab.run(SPEC, step={"rule": "fixed", "gamma": 0.5})
    assert np.array_equal(flat["loss"], fixed["loss"])


def test_lanes_with_different_steps_and_a_resumed_run_are_the_run_alone() -> None:
    steps = [STEP, {"rule": "fixed", "gamma": 0.5}, {**STEP, "after": 1}, {**STEP, "gamma": 1e9, "power": 0.1}, {**STEP, "power": 2}]
    specs = [{**SPEC, "objective": "logistic_ridge", "rounds": 60, "step": step} for step in steps]
    together = lab.run_many(specs)  # the fourth diverges, and leaves the arrays before the others end
    assert [trace.diverged for trace in together] == [False, False, False, True, False]
    for trace, spec in zip(together, specs, strict=True):
        assert np.array_equal(trace["grad_norm_sq"], lab.run(spec)["grad_norm_sq"], equal_nan=True)
    going = start_run(SPEC)
    first = [record.loss[0] for record in islice(going, 4)]
    assert [*first, *(record.loss[0] for record in start_run(SPEC, going.checkpoint()))] == lab.run(SPEC)["loss"].tolist()


@pytest.mark.parametrize("gamma", [1e-6, 1e3])
def test_nothing_is_certified_of_it_but_every_message(gamma: float) -> None:
    spec = lab.RunSpec.make({**SPEC, "step": {**STEP, "gamma": gamma}})
    missing = guarantees(plan(spec, problem_of(spec).facts)).missing
    assert {*missing} == {"mean", "psi", "tight", "distortion"}
    if gamma < 1:
        assert "the step gets shorter" in missing["mean"].en
