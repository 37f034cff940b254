"""Figures are computed small; what they state is held to the definition, and fails where the traces say otherwise."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from ef21lab.address.objectives import objective_of
from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import number, same
from ef21lab.compressors.base import compressors
from ef21lab.datasets.base import datasets
from ef21lab.figures.base import figure, figures
from ef21lab.figures.compared import Factor
from ef21lab.figures.step_tolerance import settles_at
from ef21lab.figures.talk import NOBODY, claim_of
from ef21lab.problems.networks.base import absence
from ef21lab.runs.lanes import run_many
from ef21lab.runs.posed import problem_of

SMALL = {
    "divergence": {},
    "theorems": {"rounds": 60},
    "step_tolerance": {"rounds": 300},
    "best_of_each": {"rounds": 120},
    "talk": {"rounds": 60, "beginnings": 2, "per_octave": 1},
}
if not absence():
    SMALL["networks"] = {"dataset": "digits", "network": {"name": "logistic"}, "rounds": 2, "beginnings": 1, "per_decade": 1}


def facts_of(one):
    posed = one.problem()
    return problem_of(posed).facts


@pytest.fixture(scope="module")
def computed():
    """Of every figure, small: itself, the facts of its problem, the traces of its runs."""
    found = {}
    for name, settings in SMALL.items():
        one = figures.make({"name": name, **settings})
        facts = facts_of(one)
        specs = one.runs(facts)
        found[name] = one, facts, dict(zip(specs, run_many(specs), strict=True))
    return found


def with_heights(trace, heights):
    return replace(trace, columns={**trace.columns, "grad_norm_sq": np.asarray(heights, float)})


def changed(traces, name, heights):
    """The traces with other heights of ‖∇f‖² for one method."""
    return {run: with_heights(trace, heights(trace)) if run.algorithm.name == name else trace for run, trace in traces.items()}


def holds(one, facts, traces):
    return [claim.holds for claim in one.read(facts, traces).claims]


def bits_to(goal, trace):
    """By the definition, record by record."""
    heights = trace["grad_norm_sq"]
    stays = [t for t in range(len(trace)) if (heights[t:] <= goal).all()]
    return trace["bits_up"][stays[0]] if stays else math.inf


def test_all_of_them_are_tried():
    assert SMALL.keys() | {"networks"} == figures.members.keys()


@pytest.mark.parametrize("name", SMALL)
def test_every_run_is_asked_for_once_and_what_is_read_is_whole(computed, name):
    one, facts, traces = computed[name]
    assert len(one.runs(facts)) == len(set(one.runs(facts)))
    reading = one.read(facts, traces)
    for claim, language in product(reading.claims, ("en", "ru")):
        assert claim.expected(language)
        assert not {"nan", "{", "}"} & set(claim.measured(language).split())
    for curve in (curve for panel in reading.panels for curve in panel.curves):
        assert len(curve.x) == len(curve.y) > 0
        assert np.isfinite(curve.y).all()
        assert (np.asarray(curve.y) > 0).all()
    assert reading.holds == all(claim.holds for claim in reading.claims)


@pytest.mark.parametrize("name", ["divergence", "theorems"])
def test_what_is_proved_holds_at_any_size(computed, name):
    assert all(holds(*computed[name]))
    assert figure({"name": name, **SMALL[name]}).holds


def test_growth_by_another_factor_is_seen(computed):
    one, facts, traces = computed["divergence"]
    assert holds(one, facts, changed(traces, "dcgd", lambda trace: trace["grad_norm_sq"] * 1.0002 ** trace["round"])) == [False, True]
    assert holds(one, facts, changed(traces, "ef21", lambda trace: np.ones(len(trace)))) == [True, False]


def test_a_run_above_its_line_is_seen(computed):
    one, facts, traces = computed["theorems"]
    assert not any(holds(one, facts, changed(traces, "ef21", lambda trace: 100 * trace["grad_norm_sq"]))[:2])


def test_who_tolerates_longer_steps_is_found_by_the_last_quarter(computed):
    one, facts, traces = computed["step_tolerance"]
    names = {"ef14": "ef21", "ef21": "ef14", "ef21_plus": "ef21_plus"}
    swapped = {run: traces[replace(run, algorithm=algorithms.make(names[run.algorithm.name]))] for run in traces}
    for given_traces in (traces, swapped):
        settled = {name: {} for name in names}
        for run, trace in given_traces.items():
            settled[run.algorithm.name][run.step.multiple] = max(trace["grad_norm_sq"].tolist()[-(len(trace) // 4) :])
        longest = {name: min(heights, key=heights.get) for name, heights in settled.items()}
        lowest = {name: min(heights.values()) for name, heights in settled.items()}
        others = ("ef21", "ef21_plus")
        expected = [longest[own] > longest["ef14"] for own in others] + [lowest[own] < lowest["ef14"] for own in others]
        assert holds(one, facts, given_traces) == expected


def test_a_run_that_overflowed_settles_nowhere(computed):
    trace = next(iter(computed["step_tolerance"][2].values()))
    assert settles_at(with_heights(trace, [*trace["grad_norm_sq"][:-1], math.inf])) == math.inf


def test_the_best_of_each_is_the_least_of_all_that_were_tried(computed):
    one, facts, traces = computed["best_of_each"]
    least = dict.fromkeys(("gd", "ef14", "ef21", "ef21_plus"), math.inf)
    for run, trace in traces.items():
        least[run.algorithm.name] = min(least[run.algorithm.name], bits_to(1e-3 * trace["grad_norm_sq"][0], trace))
    assert holds(one, facts, traces) == [least[own] < least[rival] for own, rival in product(("ef21", "ef21_plus"), ("gd", "ef14"))]


def test_the_factor_of_the_talk_is_that_of_the_definition(computed):
    one, facts, traces = computed["talk"]
    tried = {}
    for run, trace in traces.items():
        tried.setdefault(run.compressor, {}).setdefault(run.seed, []).append(trace)
    assert all(len(found) == 10 for each in tried.values() for found in each.values())

    def cost(compressor, seed, share):
        found = tried[compressor][seed]
        return min(bits_to(share * found[0]["grad_norm_sq"][0], trace) for trace in found)

    reached = [power for power in range(8, 0, -1) if all(math.isfinite(cost(one, seed, 10.0**-power)) for one in tried for seed in (0, 1))]
    hosvd, rival = (next(each for each in tried if each.name == name) for name in ("hosvd", "top_k"))
    factors = [cost(hosvd, seed, 10.0 ** -reached[0]) / cost(rival, seed, 10.0 ** -reached[0]) for seed in (0, 1)]
    outcome = one.read(facts, traces)
    assert outcome.compared.factors[0].each == tuple(factors)
    assert outcome.compared.bits == hosvd.cost(facts.d)[0]
    said = outcome.claims[0]
    assert said.holds == (statistics.median(factors) <= 1.5)
    assert f": {number(statistics.median(factors)).en} (" in said.measured.en


def test_nobody_in_the_talk_sends_more_than_hosvd():
    one = figures.make({"name": "talk", "ranks": 2})
    facts = facts_of(one)
    bits = {run.compressor: run.compressor.cost(facts.d)[0] for run in one.runs(facts)}
    assert bits[compressors.make({"name": "hosvd", "ranks": 2}).fitted(facts.layout)] == max(bits.values())
    assert min(bits.values()) > 0.8 * max(bits.values())


@pytest.mark.parametrize("name", ["mushrooms", "digits", "breast_cancer", "diabetes"])
def test_the_talk_takes_every_kind_of_labels(name):
    one = figures.make({"name": "talk", "dataset": {"name": name}, "rounds": 20, "beginnings": 1, "per_octave": 1})
    assert len(one.runs(facts_of(one))) >= 30


def test_where_nobody_gets_anywhere_from_one_start_the_talk_decides_nothing(computed):
    """The other start alone would let the claims hold."""
    one, facts, traces = computed["talk"]
    level = {run: with_heights(trace, np.ones(len(trace))) if run.seed == 1 else trace for run, trace in traces.items()}
    outcome = one.read(facts, level)
    assert [claim.holds for claim in outcome.claims] == [False] * 3
    assert {claim.measured for claim in outcome.claims} == {NOBODY}


@pytest.mark.parametrize("factors", [(math.nan, 0.5, 0.6), (0.5, math.nan, 0.6), (0.5, 0.6, math.inf)])
def test_one_start_that_decides_nothing_leaves_the_claim_open(factors):
    """A number that is none sorts anywhere, and the median of three would be one of the others."""
    claim = claim_of(Factor(same("HOSVD"), 0.1, factors))
    assert (claim.measured, claim.holds) == (NOBODY, False)


@pytest.mark.parametrize("ranks", [1, 2])
@pytest.mark.parametrize("name", ["mushrooms", "digits", "phishing", "a9a", "w8a"])
def test_the_talk_is_asked_of_every_dataset_with_the_objective_that_its_pages_begin_with(name: str, ranks: int) -> None:
    asked = figures.make({"name": "talk", "dataset": name, "ranks": ranks})
    assert asked.problem().objective == objective_of(datasets.make(name))[1]
    assert asked.problem().objective.name == ("softmax" if name == "digits" else "logistic_nonconvex")
