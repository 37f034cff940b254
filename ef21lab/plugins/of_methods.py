"""What every method and every step rule promises."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ef21lab.algorithms.base import Algorithm, StepSize, algorithms
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.plugins.promises import Promise, claim, drawn, of_every_member
from ef21lab.problems.base import Problem
from ef21lab.runs.loop import Optimization, optimize
from ef21lab.runs.posed import problem_of
from ef21lab.runs.record import Record, kept_names
from ef21lab.runs.spec import RunSpec
from ef21lab.steps.base import Step, steps

MESSAGES = ({"name": "top_k", "k": 3}, {"name": "identity"}, {"name": "rand_k", "k": 3, "scaling": "unbiased"})
ROUNDS = 8


def _problem() -> Problem:
    return problem_of(RunSpec.make({"dataset": "breast_cancer", "partition": {"name": "unequal", "nodes": 4}}))


def _fitting(method: Algorithm, problem: Problem) -> Iterator[Compressor]:
    for given in MESSAGES:
        operator = method.messenger(compressors.make(given)).fitted(problem.facts.layout)
        if method.refusal(problem.facts, operator) is None:
            yield operator


def _run(method: Algorithm, operator: Compressor, lanes: int = 1, first: int = 0, checkpoint: Any = None) -> Optimization:
    problem = _problem()
    x0 = drawn(3).normal(size=(8, problem.d))[first : first + lanes]
    gammas = [0.01 * (1 + lane) for lane in range(first, first + lanes)]
    seeds = [*range(first, first + lanes)]
    return optimize(problem, method, operator, x0=x0, gammas=gammas, seeds=seeds, rounds=ROUNDS, checkpoint=checkpoint)


def differ(one: Record, other: Record, lane: int = 0) -> list[str]:
    """The columns, and the contractions, in which a lane of one record is not the only lane of another."""
    names = [*(name for name in kept_names() if name not in ("round", "seconds")), "contraction"]
    apart = [name for name in names if not np.array_equal(one.column(name)[lane], other.column(name)[0], equal_nan=True)]
    return [*apart, *["round"] * (one.round != other.round)]


def resumes_to_the_bit(method: Algorithm) -> None:
    """A run resumed from a checkpoint has the same numbers to the last bit."""
    tried = 0
    for operator in _fitting(method, _problem()):
        whole, first = [*_run(method, operator)], _run(method, operator)
        parts = [*itertools.islice(first, 4)]
        parts += _run(method, operator, checkpoint=first.checkpoint())
        wrong = {name for one, other in zip(whole, parts, strict=True) for name in differ(one, other)}
        claim(not wrong, f"with {operator} resumed in round 3, {sorted(wrong)} differ")
        tried += 1
    claim(tried, "no message fits it: neither Top-k, nor Rand-k, nor the vector itself")


def lanes_are_alone(method: Algorithm) -> None:
    """A lane does not depend on its neighbours."""
    for operator in _fitting(method, _problem()):
        together = [*_run(method, operator, lanes=3)]
        for lane in range(3):
            for one, other in zip(together, _run(method, operator, first=lane), strict=True):
                claim(not differ(one, other, lane), f"with {operator}, lane {lane}: {differ(one, other, lane)} differ")


def bill_grows(method: Algorithm) -> None:
    """Bits are counted, never fall, and the way down is free in round 0."""
    for operator in _fitting(method, _problem()):
        records = [*_run(method, operator)]
        never_falls(records, str(operator))


def never_falls(records: Sequence[Record], operator: str) -> None:
    """Of the bill in these records; the way down is free in round 0."""
    for name in ("bits_up", "floats_up", "bits_down"):
        bill = [getattr(record, name)[0] for record in records]
        claim(np.all(np.diff(bill) >= 0) and bill[-1] > bill[0] >= 0, f"with {operator}, {name} is {bill}")
    claim(records[0].bits_down[0] == 0, "bits go down in round 0")


def is_measured_at_its_x(method: Algorithm) -> None:
    """The loss and the distortion of a record are those at the x of its round."""
    problem = _problem()
    for operator in _fitting(method, problem):
        going = _run(method, operator)
        record = [*itertools.islice(going, 4)][-1]
        is_of_the_state(problem, going, record, str(operator))


def is_of_the_state(problem: Problem, going: Optimization, record: Record, operator: str) -> None:
    """What the last record of a run says of f, of G and of the gradient is what its state says."""
    method, state = going.algorithm, going.checkpoint().state
    gradients, resumed, penalty = problem.gradients(state["x"]), method.resume(problem, state), method.penalty(state["x"])
    errors = method.estimates(resumed) - gradients
    distortion, loss = np.mean([np.sum(error**2) for error in errors[0]]), (problem.loss(state["x"]) + penalty)[0]
    mean = gradients.mean(axis=1)
    vanishing = mean if np.all(penalty == 0) else method.stationarity(resumed, mean, going.gammas)
    for name, found, expected, within in (
        ("G", record.distortion[0], distortion, 1e-12),
        ("the loss", record.loss[0], loss, 0.0),
        ("‖∇f‖²", record.grad_norm_sq[0], np.sum(vanishing[0] ** 2), 1e-12),
    ):
        claim(abs(found - expected) <= within * abs(expected), f"with {operator}: {name} is {found}, not {expected}")


def answers_with_a_step(step: Step) -> None:
    """A γ above 0 or the reason why there is none, with every method, and never an error."""
    problem = _problem()
    for name in algorithms.members:
        method = algorithms.make(name)
        for operator in _fitting(method, problem):
            allowed = step.allowed(method, problem.facts, operator)
            claim(isinstance(allowed, (StepSize, Text)), f"allowed() of {name} gives {type(allowed).__name__}")
            gamma = step.size(allowed)
            claim(isinstance(gamma, Text) or gamma > 0, f"γ of {name} is {gamma}")
    claim(step.in_short().en, "nothing to stand in a legend")


OF_ALGORITHMS = (
    *of_every_member(algorithms),
    Promise(Text("a resumed run is the same to the last bit", "продолженный запуск тот же до последнего бита"), resumes_to_the_bit),
    Promise(Text("a lane does not depend on its neighbours", "дорожка не зависит от соседних"), lanes_are_alone),
    Promise(Text("bits are counted and never fall", "биты считаются и не убывают"), bill_grows),
    Promise(Text("a record is measured at the x of its round", "запись измерена в точке своего раунда"), is_measured_at_its_x),
)
OF_STEPS = (
    *of_every_member(steps),
    Promise(
        Text("it answers with a γ, or in words why there is none", "отвечает шагом γ или словами, почему его нет"), answers_with_a_step
    ),
)
