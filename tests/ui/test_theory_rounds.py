"""Rounds and bits to ε: the least that the theorem promises and the least that was measured, by literal search."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import Text
from ef21lab.problems.base import Facts
from ef21lab.runs.experiment import run
from ef21lab.runs.guarantees import Guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.ui.experiment.contenders import Contender
from ef21lab.ui.theory.rounds import Spent, enough, measured, promise

DATA = {"name": "synthetic_classification"}


def facts_of(spec: RunSpec) -> Facts:
    return problem_of(spec.dataset, spec.partition, spec.objective).facts


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


@pytest.mark.parametrize("epsilon", [5.0, 0.7, 0.03])
def test_enough_is_the_least_number_of_theorem_1(epsilon: float) -> None:
    contender, facts = racing(compressor={"name": "top_k", "k": 3})
    trace, promised = run(contender.spec), promise(contender, facts)
    assert isinstance(promised, Guarantees)
    alpha, gamma = 3 / facts.d, contender.planned.gamma

    def guaranteed(T: int) -> float:
        gap, distortion = float(trace["loss"][0]) - facts.lowest, float(trace["distortion"][0])
        return 2 * gap / (gamma * T) + distortion / ((1 - math.sqrt(1 - alpha)) * T)

    found = enough(promised, trace, epsilon)
    assert guaranteed(found.rounds) <= epsilon * (1 + 1e-5)  # messages arrive as float32, and the promise allows for that
    assert guaranteed(found.rounds - 1) > epsilon * (1 - 1e-5) if found.rounds > 1 else True


def test_promised_bits_are_those_of_so_many_messages() -> None:
    contender, facts = racing(compressor={"name": "top_k", "k": 3})
    trace, promised = run(contender.spec), promise(contender, facts)
    assert isinstance(promised, Guarantees)
    enough_bits = enough(promised, trace, 0.5)
    assert enough_bits.bits == enough_bits.rounds * contender.planned.compressor.cost(facts.d)[0]


def test_what_is_promised_comes_true() -> None:
    contender, facts = racing(compressor={"name": "identity"}, rounds=3000)
    trace, promised = run(contender.spec), promise(contender, facts)
    assert isinstance(promised, Guarantees)
    for epsilon in (1.0, 0.1, 0.01):
        certain, happened = enough(promised, trace, epsilon), measured(trace, epsilon)
        assert certain.rounds < 3000
        assert happened is not None
        assert happened.rounds <= certain.rounds
        assert happened.bits <= certain.bits


def test_a_longer_step_of_the_run_changes_nothing_in_the_promise() -> None:
    contender, facts = racing(compressor={"name": "top_k", "k": 3})
    longer, _ = racing(compressor={"name": "top_k", "k": 3}, step={"rule": "theory", "multiple": 32})
    fixed, _ = racing(compressor={"name": "top_k", "k": 3}, step={"rule": "fixed", "gamma": 5.0})
    assert promise(contender, facts) == promise(longer, facts) == promise(fixed, facts)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"compressor": {"name": "hosvd", "ranks": 1}}, "no certificate"),
        ({"algorithm": {"name": "dcgd"}}, "no such bound is implemented"),
    ],
)
def test_where_no_theorem_speaks_the_reason_is_given(given: dict[str, object], words: str) -> None:
    reason = promise(*racing(**given))
    assert isinstance(reason, Text)
    assert words in reason.en


def test_more_rounds_than_there_are_numbers_are_none() -> None:
    contender, facts = racing(algorithm={"name": "ef21_pp", "p": 1e-300}, step={"rule": "fixed", "gamma": 1e-3}, rounds=2)
    promised = promise(contender, facts)
    assert isinstance(promised, Guarantees)
    far = Trace({"loss": np.array([1e300, 1e300]), "distortion": np.array([1.0, 1.0]), "bits_up": np.array([1.0, 2.0])}, np.empty((2, 1)))
    assert enough(promised, far, 0.1) is None
