"""Repeats of a run: other starts, other noise, another split; the same data."""

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.runs.posed import problem_of
from ef21lab.runs.repeats import SEEDS, repeated, repeats
from ef21lab.runs.spec import RunSpec

SMALL = {"dataset": "breast_cancer", "rounds": 5}


def problem(spec):
    return problem_of(spec)


def test_the_first_repeat_is_the_run_itself():
    spec = RunSpec.make({**SMALL, "partition": "dirichlet", "seed": 3})
    assert repeats(spec, 3)[0] == spec
    assert repeats(spec, 0) == []


def test_repeats_draw_another_start_another_noise_and_another_split():
    specs = repeats(RunSpec.make({**SMALL, "partition": "dirichlet", "compressor": "rand_k"}), 3)
    starts = [spec.start.point(problem(spec)).tolist() for spec in specs]
    splits = [problem(spec).facts.node_rows.tolist() for spec in specs]
    assert all(len({str(one) for one in each}) == 3 for each in (starts, splits, [spec.seed for spec in specs]))
    assert len({spec.dataset for spec in specs}) == 1


def test_a_deterministic_method_has_repeats_that_differ():
    traces = lab.run_many(repeats(RunSpec.make(SMALL), 3))
    assert len({trace["grad_norm_sq"][-1] for trace in traces}) == 3


@pytest.mark.parametrize("start", ["zeros", "ones"])
def test_what_draws_nothing_stays_what_it_is(start):
    spec = RunSpec.make({**SMALL, "start": start})
    assert {one.start for one in repeats(spec, 3)} == {spec.start}
    assert {one.partition for one in repeats(spec, 3)} == {spec.partition}


def test_repeats_of_repeats_add_up_and_seeds_go_round():
    spec = RunSpec.make({**SMALL, "seed": SEEDS - 1})
    assert repeated(repeated(spec, 2), 3) == repeated(spec, 5)
    assert [one.seed for one in repeats(spec, 3)] == [SEEDS - 1, 0, 1]


def test_all_that_a_run_draws_moves():
    """A seed that a member declares and that stays where it is would leave repeats with something in common."""
    kept = {"dataset"}
    for noun in {"partition", "start", "compressor", "algorithm", "step", "objective"} - kept:
        for name, member in lab.FAMILIES[noun].members.items():
            if "seed" in member.fields():
                spec = RunSpec.make({**SMALL, noun: name})
                assert getattr(repeated(spec, 1), noun) != getattr(spec, noun), name
    assert np.array_equal(problem(repeated(RunSpec.make(SMALL), 1)).facts.node_rows, problem(RunSpec.make(SMALL)).facts.node_rows)
