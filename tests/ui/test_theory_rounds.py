"""Rounds and bits to ε: the least that the theorem promises and the least that was measured, by literal search."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import Text
from ef21lab.problems.base import Facts
from ef21lab.runs.experiment import run
from ef21lab.runs.lanes import run_many
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.promises import Statement, statements
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.steps.base import steps
from ef21lab.ui.experiment.contenders import Contender
from ef21lab.ui.theory.rounds import Spent, enough, measured

DATA = {"name": "synthetic_classification"}


def facts_of(spec: RunSpec) -> Facts:
    return problem_of(spec).facts


def racing(**given: object) -> tuple[Contender, Facts]:
    spec = RunSpec.make({"dataset": DATA, "partition": {"name": "contiguous", "nodes": 5}, "rounds": 60, **given})
    facts = facts_of(spec)
    return Contender("a", plan(spec, facts)), facts


def trace_of(gradients: list[float]) -> Trace:
    columns = {"grad_norm_sq": np.array(gradients), "bits_up": 10.0 + 7.0 * np.arange(len(gradients))}
    return Trace(columns, np.empty((len(gradients), 1)))


def first_by_search(gradients: list[float], epsilon: float) -> int | None:
    """T = 1, 2, … rounds, one mean after another."""
    for T in range(1, len(gradients)):
        if math.fsum(gradients[:T]) / T <= epsilon:
            return T
    return None


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=40), st.floats(0.01, 100))
def test_measured_is_the_first_round_whose_mean_is_small_enough(gradients: list[float], epsilon: float) -> None:
    found, expected = measured(trace_of(gradients), epsilon), first_by_search(gradients, epsilon)
    nearest = [abs(math.fsum(gradients[:T]) / T - epsilon) for T in range(1, len(gradients))]
    if all(distance > 1e-9 * epsilon for distance in nearest):  # else rounding decides
        assert (found and found.rounds) == expected


def test_epsilon_above_the_first_gradient_is_reached_in_round_one_by_the_first_message_alone() -> None:
    assert measured(trace_of([4.0, 100.0]), 5.0) == Spent(1, 10.0)


def test_epsilon_below_every_mean_is_never_reached() -> None:
    assert measured(trace_of([4.0, 3.0, 2.0]), 1e-9) is None
    assert measured(trace_of([]), 1.0) is None


def promised(contender: Contender, facts: Facts) -> list[Statement]:
    found = statements(contender.spec, facts)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("epsilon", [5.0, 0.7, 0.03])
def test_enough_is_the_least_number_of_theorem_1(epsilon: float) -> None:
    contender, facts = racing(compressor={"name": "top_k", "k": 3})
    trace = run(contender.spec)
    alpha, gamma = 3 / facts.d, contender.planned.gamma

    def guaranteed(T: int) -> float:
        gap, distortion = float(trace["loss"][0]) - facts.lowest, float(trace["distortion"][0])
        return 2 * gap / (gamma * T) + distortion / ((1 - math.sqrt(1 - alpha)) * T)

    rounds = promised(contender, facts)[0].rounds(trace.columns, epsilon)
    assert rounds is not None
    assert guaranteed(rounds) <= epsilon * (1 + 1e-5)  # messages arrive as float32, and the promise allows for that
    assert guaranteed(rounds - 1) > epsilon * (1 - 1e-5) if rounds > 1 else True


RIDGE = {"objective": {"name": "logistic_ridge", "lam": 0.1}}


def means(first: float, rate: float) -> Iterator[float]:
    """first·(1 + r + … + rᵀ⁻¹)/T for T = 1, 2, …, added up one by one."""
    together, term = 0.0, first
    for T in itertools.count(1):
        together += term
        term *= rate
        yield together / T


@pytest.mark.parametrize("epsilon", [0.7, 0.03, 1e-4])
def test_enough_of_the_exact_rate_is_the_first_round_of_its_sum(epsilon: float) -> None:
    """With ρ* as the paper writes it, by κ = L/μ."""
    contender, facts = racing(compressor={"name": "top_k", "k": 3}, **RIDGE)
    trace = run(contender.spec)
    s, kappa = math.sqrt(1 - 3 / facts.d), facts.L_max / facts.common_mu
    rho = s + (1 - s) / 2 * ((kappa - 1) / (kappa + 1)) ** 2 * (1 - s + math.sqrt((1 + s) ** 2 + 16 * kappa * s / (kappa - 1) ** 2))
    sums = means(float(trace["grad_norm_sq"][0] + trace["distortion"][0] / s), rho)
    expected = next(T for T, mean in enumerate(sums, 1) if mean <= epsilon)
    offered = [statement for statement in promised(contender, facts) if statement.kind == "tight"]
    found = enough(offered, trace, epsilon)
    assert found is not None
    assert len(offered) > 1  # V falls at the steps of other theorems too, and nowhere as fast as at its own
    assert found[1].gamma == max(one.gamma for one in offered)
    assert found[0].rounds == pytest.approx(expected, rel=1e-4, abs=1)


def test_the_theorem_that_asks_for_the_fewest_rounds_is_taken_and_a_bound_of_the_mean_where_no_rate_holds() -> None:
    for chosen, kind in (
        ({"compressor": {"name": "top_k", "k": 30}, **RIDGE}, "tight"),
        ({"compressor": {"name": "top_k", "k": 3}}, "mean"),
    ):
        contender, facts = racing(**chosen)
        trace, offered = run(contender.spec), promised(contender, facts)
        found = enough(offered, trace, 1e-4)
        assert found is not None
        assert (found[1].kind, found[0].rounds) == (kind, min(one.rounds(trace.columns, 1e-4) for one in offered))


@pytest.mark.parametrize("compressor", [{"name": "top_k", "k": 3}, {"name": "rand_k", "k": 40}, {"name": "identity"}])
@pytest.mark.parametrize("objective", [RIDGE, {}])
def test_what_is_promised_comes_true(compressor: dict[str, object], objective: dict[str, object]) -> None:
    """At the step of each theorem that speaks, also of the exact rate."""
    contender, facts = racing(compressor=compressor, **objective)
    offered = promised(contender, facts)
    fixed = [steps.make({"rule": "fixed", "gamma": statement.gamma}) for statement in offered]
    traces = run_many([replace(contender.spec, step=step, rounds=2000) for step in fixed], snapshots=False)
    for statement, trace in zip(offered, traces, strict=True):
        for epsilon in (1.0, 0.1, 0.01):
            rounds, happened = statement.rounds(trace.columns, epsilon), measured(trace, epsilon)
            assert rounds is not None
            assert rounds >= 2000 or (happened is not None and happened.rounds <= rounds), (statement.kind, epsilon)


def test_promised_bits_are_those_of_so_many_messages() -> None:
    contender, facts = racing(compressor={"name": "top_k", "k": 3})
    found = enough(promised(contender, facts), run(contender.spec), 0.5)
    assert found is not None
    assert found[0].bits == found[0].rounds * contender.planned.compressor.cost(facts.d)[0]


def test_a_longer_step_of_the_run_changes_nothing_in_the_promise() -> None:
    contender, facts = racing(compressor={"name": "top_k", "k": 3})
    longer, _ = racing(compressor={"name": "top_k", "k": 3}, step={"rule": "theory", "multiple": 32})
    fixed, _ = racing(compressor={"name": "top_k", "k": 3}, step={"rule": "fixed", "gamma": 5.0})
    assert promised(contender, facts) == promised(longer, facts) == promised(fixed, facts)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"compressor": {"name": "hosvd", "ranks": 1}}, "no certificate"),
        ({"algorithm": {"name": "dcgd"}}, "no such bound is implemented"),
    ],
)
def test_where_no_theorem_speaks_the_reason_is_given(given: dict[str, object], words: str) -> None:
    contender, facts = racing(**given)
    reason = statements(contender.spec, facts)
    assert isinstance(reason, Text)
    assert words in reason.en


def test_more_rounds_than_there_are_numbers_are_none() -> None:
    contender, facts = racing(algorithm={"name": "ef21_pp", "p": 1e-300}, step={"rule": "fixed", "gamma": 1e-3}, rounds=2)
    columns = {"loss": [1e300] * 2, "distortion": [1.0] * 2, "grad_norm_sq": [1e300] * 2, "bits_up": [1.0, 2.0]}
    far = Trace({name: np.array(column) for name, column in columns.items()}, np.empty((2, 1)))
    assert enough(promised(contender, facts), far, 0.1) is None
