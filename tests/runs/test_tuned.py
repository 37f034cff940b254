"""A tuned step means the best of its candidates, which are plain runs; the grid grows where the best lies at its edge."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ef21lab as lab
from ef21lab.choices.text import Refusal
from ef21lab.runs import experiment, tuned
from ef21lab.runs.record import kept_names
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "compressor": {"name": "top_k", "k": 3}, "rounds": 60}
HEIGHTS = st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, math.inf, math.nan])
RUNS = st.integers(1, 5).flatmap(lambda rows: st.lists(st.lists(HEIGHTS, min_size=rows, max_size=rows), min_size=1, max_size=5))


def trace(values: list[float]) -> Trace:
    """A made-up run: `values` of every metric, ten bits a round."""
    columns = {name: np.array(values, dtype=float) for name in kept_names()}
    counted = {"round": np.arange(len(values)), "bits_up": 10.0 * np.arange(1, len(values) + 1), "distortion": np.zeros(len(values))}
    return Trace({**columns, **counted}, np.zeros((len(values), 1)))


def falls_to(height: float, rows: int = 4) -> Trace:
    return trace([1.0, *[height] * (rows - 1)])


def grid(**step: object) -> RunSpec:
    return RunSpec.make({**SMALL, "step": {"rule": "tuned", **step}})


def multiples(spec: RunSpec) -> list[float]:
    return [one.json()["step"]["multiple"] for one in tuned.candidates(spec)]


def test_the_candidates_are_plain_runs_under_their_own_keys():
    found = tuned.candidates(grid())
    assert [one.key for one in found] == [RunSpec.make({**SMALL, "step": {"rule": "theory", "multiple": 2**i}}).key for i in range(10)]
    assert tuned.candidates(found[3]) == (found[3],)
    assert [tuned.is_several(one) for one in (grid(), grid(octaves=0), found[3])] == [True, True, False]


def test_the_grid_has_its_octaves_of_any_rule_that_can_be_multiplied():
    assert multiples(grid(of={"rule": "fixed", "gamma": 0.5, "multiple": 0.25}, octaves=2)) == [0.25, 0.5, 1.0]
    assert multiples(grid(octaves=1, per_octave=2)) == pytest.approx([1.0, math.sqrt(2.0), 2.0])
    assert multiples(grid(octaves=1, per_octave=2))[::2] == multiples(grid(octaves=1))  # a finer grid shares the runs of a coarser one
    assert multiples(grid(of={"rule": "theory", "multiple": 4e8}, octaves=5)) == [4e8, 8e8]  # no rule takes more than 1e9
    with pytest.raises(Refusal, match="an object with its name, one of"):
        grid(of={"rule": "tuned"})


@given(RUNS, st.sampled_from([0.0, 0.5, 1.0, 2.5]))
def test_the_best_is_that_of_the_definition(values, epsilon):
    """Pairwise: who reaches it beats who does not, then the fewer bits, then the lower end, then the shorter step; nan is no end."""

    def beats(one: int, other: int) -> bool:
        def first(values: list[float]) -> float:
            return next((10.0 * (t + 1) for t in range(len(values)) if all(value <= epsilon for value in values[t:])), math.inf)

        costs = first(values[one]), first(values[other])
        if costs[0] != costs[1]:
            return costs[0] < costs[1]
        ends = [math.inf if math.isnan(values[at][-1]) else values[at][-1] for at in (one, other)]
        if math.isinf(costs[0]) and ends[0] != ends[1]:
            return ends[0] < ends[1]
        return one < other

    (winner,) = [at for at in range(len(values)) if all(beats(at, other) for other in range(len(values)) if other != at)]
    found = tuned.best([trace(one) for one in values], epsilon)
    assert found.place == winner
    assert found.cost == trace(values[winner]).bits_to(epsilon)


def test_one_that_diverges_loses_even_to_one_that_stalls():
    assert tuned.best([trace([1.0, 0.1, math.inf]), falls_to(1.0)], 1e-3).place == 1
    overflowed = falls_to(1e-6)
    overflowed["distortion"][-1] = math.inf
    assert tuned.best([overflowed, falls_to(1.0)], 1e-3).place == 1


@pytest.mark.parametrize(
    ("ends", "grown"),
    [
        ([0.3, 0.2, 0.1], [1.0, 2.0, 4.0, 8.0]),  # the longest is the best
        ([0.1, 0.2, 0.3], [0.5, 1.0, 2.0, 4.0]),  # the shortest
        ([0.2, 0.1, 0.3], None),  # one between
        ([0.2, 0.2, 0.2], None),  # all alike: a shorter one promises nothing
        ([math.inf] * 3, [0.5, 1.0, 2.0, 4.0]),  # all diverge
    ],
)
def test_the_grid_grows_where_the_best_lies_at_its_edge(ends, grown):
    wider = tuned.widened(grid(octaves=2), [falls_to(end) for end in ends], 1e-3)
    assert (wider and multiples(wider)) == grown


def test_what_is_reached_at_once_needs_no_other_step():
    assert tuned.widened(grid(octaves=2), [falls_to(0.1)] * 3, epsilon=2.0) is None


@pytest.mark.parametrize("ends", [[0.1, 0.2], [0.2, 0.1]])
def test_the_grid_has_a_bound_on_either_side(ends):
    spec, steps = grid(octaves=1), 0
    while spec is not None and steps < 100:
        runs = len(tuned.candidates(spec))
        heights = np.geomspace(ends[0], ends[1], runs)
        spec, steps = tuned.widened(spec, [falls_to(height) for height in heights], 1e-3), steps + 1
    assert steps == 20  # octaves at the most, 1 of them at first


@pytest.mark.parametrize("step", [{}, {"octaves": 1}, {"of": {"rule": "theory", "multiple": 4096}, "octaves": 1}, {"epsilon": 1e-30}])
def test_the_winner_is_a_plain_run_that_half_and_twice_the_step_do_not_beat(step):
    """Also where the grid has to grow up or down to find it."""
    found = lab.tune(grid(**step))
    for name in ("grad_norm_sq", "bits_up", "loss"):
        np.testing.assert_array_equal(found.trace[name], experiment.run(found.spec)[name])
    multiple = found.spec.json()["step"]["multiple"]
    for other in (multiple / 2, multiple * 2):
        beside = experiment.run({**SMALL, "step": {"rule": "theory", "multiple": other}})
        cost = beside.bits_to(found.epsilon)
        assert found.chosen.cost <= cost
        if math.isinf(cost) and math.isinf(found.chosen.cost):
            assert found.chosen.final <= beside["grad_norm_sq"][-1]


def test_from_the_usual_grid_no_step_at_all_is_better():
    longer = {**SMALL, "rounds": 200}
    found = lab.tune({**longer, "step": "tuned"})
    everywhere = [experiment.run({**longer, "step": {"rule": "theory", "multiple": 2.0**power}}) for power in range(-4, 17)]
    assert found.chosen.cost == min(one.bits_to(found.epsilon) for one in everywhere) < math.inf


def test_run_stream_and_describe_take_a_tuned_step(capsys):
    spec = grid(octaves=3).json()
    found = lab.tune(spec)
    np.testing.assert_array_equal(lab.run(spec)["loss"], found.trace["loss"])
    assert f"×{found.spec.json()['step']['multiple']:g}, the best of" in capsys.readouterr().err
    assert [record.loss[0] for record in lab.stream(spec)] == found.trace["loss"].tolist()
    known = lab.describe(spec)
    assert known["gamma"] is None
    for one, plain in itertools.zip_longest(known["candidates"], tuned.candidates(grid(octaves=3))):
        assert one == {"step": plain.json()["step"], "gamma": lab.describe(plain)["gamma"]}
    assert {**known, "gamma": 0.0} == {**lab.describe({**SMALL}), "gamma": 0.0, "candidates": known["candidates"]}


def test_what_takes_one_run_refuses_it_in_words():
    for take in (experiment.run, experiment.start_run, lambda spec: lab.run_many([spec])):
        with pytest.raises(Refusal, match="a tuned step is no step of one run"):
            take(grid())


def test_why_a_theorem_has_no_step_is_said_first():
    with pytest.raises(Refusal, match="needs μ"):
        lab.tune(grid(of={"rule": "theory_pl"}))
