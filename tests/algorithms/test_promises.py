"""Every registered method is held to its paper and to what it says of itself: its recursion, its lines, its step that is called proved."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import numpy as np
import pytest

from ef21lab.algorithms.base import Algorithm, StepSize, Theorem, algorithms
from ef21lab.algorithms.ef21 import EF21
from ef21lab.algorithms.ef21_bc import EF21BC
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor, compressors, noise_shape
from ef21lab.datasets.base import Table, datasets
from ef21lab.problems.base import Problem, objectives
from ef21lab.runs.guarantees import guarantees
from ef21lab.runs.loop import optimize
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec

from .literal import GAMMA, ROUNDS, SEED, TRANSCRIPTIONS
from .promises import BY_THEOREM, OWN, Promise, Run, gradient, solution

T = 40
LANES = 40  # where something is random
FLOAT64 = 1e-11  # relative to where a potential begins: what adding up costs
VARIANTS: dict[str, list[dict[str, Any]]] = {  # beside every method's defaults
    "ef21": [{"init": "zero"}, {"init": "full"}],
    "ef21_hb": [{"eta": 0.9}],
    "ef21_bc": [
        {"downlink": {"name": "top_k", "k": 1}},
        {"downlink": {"name": "top_k", "k": 1}, "downlink_init": "compressed"},
        {"downlink": {"name": "rand_k", "k": 1}, "init": "full"},
        {"init": "zero"},
    ],
    "ef21_prox": [{"l1": 0.3}],
    "ef21_pp": [{"p": 0.2}],
    "ef21_sgd": [{"batch": 1}],
    "ef21_sgdm": [{"eta": 1.0}],
    "ef21_page": [{"batch": 1}],
    "marina": [{"p": 0.6}],
}
UNBIASED = ({"name": "rand_k", "k": 1, "scaling": "unbiased"}, {"name": "natural", "rounding": "random"})
BIASED = ({"name": "top_k", "k": 1}, {"name": "top_k", "k": 2}, "sign", "identity")


def quadratic(features: np.ndarray, targets: np.ndarray, node_of_row: list[int] | np.ndarray, lam: float = 0.0) -> Problem:
    table = Table(features, targets, (), features.shape[1:])
    return objectives.make({"name": "least_squares", "lam": lam}).on(table, np.asarray(node_of_row), int(np.max(node_of_row)) + 1)


def problems() -> Iterator[tuple[str, Problem]]:
    """Small ones that leave theorems little to spare, and random ones."""
    one_side = np.repeat([[1.2], [0.0]], [101, 102], axis=0)
    yield "one feature, unequal shares", quadratic(one_side, 2 * one_side[:, 0], np.repeat([0, 1], [101, 102]))
    yield "one axis is steep", quadratic(np.diag([10.0, 1.0, 0.5]), np.array([10.0, 1.0, 0.5]), [0, 0, 0])
    yield "nodes that see one axis each", quadratic(np.diag([1.0, 2.0, 3.0]), np.array([3.0, -2.0, 1.0]), [0, 1, 2], 0.1)
    pull = np.array([[2.0, 1.0], [2.0, -1.0], [0.1, 0.1]])
    yield "nodes that pull apart", quadratic(pull, np.array([6.0, -6.0, 1.0]), [0, 1, 1], 0.01)
    away = datasets.make("divergence").load_for(3)
    yield "divergence", quadratic(away.features, away.labels, [0, 1, 2], 0.5)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        nodes, d = [2, 3, 1][seed], [4, 3, 5][seed]
        sizes = rng.integers(2, 9, nodes)
        features = rng.normal(size=(sizes.sum(), d)) * 10.0 ** rng.uniform(-1, 1, nodes).repeat(sizes)[:, None]
        yield f"random quadratic {seed}", quadratic(features, rng.normal(size=sizes.sum()), np.arange(nodes).repeat(sizes), 0.05 * seed)
        table = Table(features, rng.choice([-1.0, 1.0], sizes.sum()), ("no", "yes"), (d,))
        convex = ("logistic_nonconvex", "logistic_ridge")[seed % 2]
        yield f"{convex} {seed}", objectives.make({"name": convex, "lam": 0.1}).on(table, np.arange(nodes).repeat(sizes), nodes)


PROBLEMS = dict(problems())


@cache
def lowest(problem: Problem) -> float:
    """f is nowhere below; of a convex one this is its minimum."""
    x = solution(problem)
    if not problem.facts.convex:
        return problem.facts.lowest
    assert np.allclose(gradient(problem, x), 0.0, atol=1e-9)
    return float(problem.loss(x[None])[0]) - 1e-13


def made(name: str) -> list[Algorithm]:
    """A method with its defaults and, where it has any, with the settings above."""
    return [algorithms.make({"name": name, **settings}) for settings in ({}, *VARIANTS.get(name, []))]


def pairs(method: Algorithm) -> Iterator[tuple[str, Problem, Compressor]]:
    """Every problem with every compressor that the method takes there."""
    for where, problem in PROBLEMS.items():
        for given in (*BIASED, *UNBIASED):
            asked = method.messenger(compressors.make(given)).fitted(problem.facts.layout)
            if method.refusal(problem.facts, asked) is None:
                yield f"{method} with {asked} on “{where}”", problem, asked


def is_random(method: Algorithm, compressor: Compressor, d: int) -> bool:
    operators = (compressor, *([method.downlink] if isinstance(method, EF21BC) else []))
    return getattr(method, "p", 1.0) < 1.0 or any(noise_shape(operator, d) is not None for operator in operators)


def ran(problem: Problem, method: Algorithm, compressor: Compressor, gamma: float) -> Run:
    lanes = LANES if is_random(method, compressor, problem.d) else 1
    x0 = np.broadcast_to(1.0 + np.arange(problem.d) % 2, (lanes, problem.d))
    going = optimize(problem, method, compressor, x0=x0, gammas=[gamma] * lanes, seeds=range(lanes), rounds=T)
    seen = [(record, going.checkpoint().state) for record in going]
    alpha, omega = compressor.received_alpha(problem.d), compressor.omega(problem.d)
    return Run(problem, method, alpha, omega, gamma, lowest(problem), [record for record, _ in seen], [state for _, state in seen])


def holds(claims: np.ndarray) -> bool:
    """Nothing above 0, in the mean over lanes, (claims, lanes)."""
    noise = 5.0 * np.std(claims, axis=-1) / np.sqrt(claims.shape[-1])
    return bool(np.all(np.mean(claims, axis=-1) <= FLOAT64 + noise))  # False for nan


def assert_is_its_transcription(name: str, method: type[Algorithm], problem: Problem) -> None:
    assert name in TRANSCRIPTIONS, (
        f"{name} has no literal transcription: write its recursion from the paper, with loops over nodes and real messages, "
        "and name it in TRANSCRIPTIONS of tests/algorithms/literal.py"
    )
    path, given, operators = TRANSCRIPTIONS[name]
    instance = method.make(given)
    x0 = np.random.default_rng(9).normal(size=problem.d)
    for operator in operators:
        compressor = compressors.make(operator)
        going = optimize(problem, instance, compressor, x0=x0[None], gammas=[GAMMA], seeds=[SEED], rounds=ROUNDS)
        for _, (x, estimates) in zip(going, path(problem, x0, operator), strict=False):
            state = instance.resume(problem, going.checkpoint().state)
            np.testing.assert_allclose(state.x[0], x, rtol=1e-6, atol=1e-9, err_msg=f"x of {name} with {operator}")
            np.testing.assert_allclose(instance.estimates(state)[0], estimates, rtol=1e-5, atol=1e-8, err_msg=f"gᵢ of {name}")


def assert_lines_are_not_crossed(method: Algorithm) -> None:
    """At the longest step of every bound, and at the step that is offered, the mean of ‖∇f‖² stays below the line that is drawn."""
    for words, problem, compressor in pairs(method):
        facts, alpha = problem.facts, compressor.received_alpha(problem.d)
        bounds = () if alpha is None else method.mean_bounds(facts, alpha)
        offered = method.step_size(facts, compressor)
        if bounds and offered.proved:
            assert offered.gamma <= max(bound.longest for bound in bounds) * (1 + 1e-9), f"{words}: its own step is longer than its bound's"
        for gamma in {bound.longest for bound in bounds}:
            spec = dataclasses.replace(RunSpec.make({"step": {"rule": "fixed", "gamma": gamma}}), algorithm=method, compressor=compressor)
            said = guarantees(plan(spec, facts))
            assert "mean" not in said.missing, words
            run = ran(problem, method, compressor, gamma)
            loss, G = run.column("loss")[0].mean() - run.lowest + said.constants.lowest, run.column("distortion")[0].mean()
            line = said.mean_line(float(loss), float(G), np.arange(1, T + 1))
            means = np.cumsum(run.column("grad_norm_sq")[:-1], axis=0) / np.arange(1, T + 1)[:, None]
            assert holds(means / line[:, None] - 1.0), f"{words}, γ = {gamma:.4g}: the mean of ‖∇f‖² is above its line"


def proved(method: Algorithm, problem: Problem, compressor: Compressor) -> Iterator[tuple[str | None, StepSize]]:
    """The steps that are called proved, with the theorem; None for the method's own."""
    for theorem in (None, *get_args(Theorem)):
        facts = problem.facts
        step = method.step_size(facts, compressor) if theorem is None else method.step_size_by(theorem, facts, compressor)
        if not isinstance(step, Text) and step.proved:
            yield theorem, step


def assert_what_is_proved_holds(method: Algorithm) -> None:
    """Wherever a step is called proved, the potential of its theorem falls as the theorem says."""
    for words, problem, compressor in pairs(method):
        runs: dict[float, Run] = {}  # by the step: theorems may agree on one
        for theorem, step in proved(method, problem, compressor):
            promise = promised(method.name, theorem)
            run = runs[step.gamma] = runs.get(step.gamma) or ran(problem, method, compressor, step.gamma)
            claims = promise(run)
            assert holds(claims), f"{words}, γ = {step.gamma:.4g}: {promise.__name__} does not hold, though it says “{step.source.en}”"


def promised(name: str, theorem: str | None) -> Promise:
    promise = OWN.get(name) if theorem is None else BY_THEOREM.get((name, theorem))
    of_which = "" if theorem is None else f" by the theorem “{theorem}”"
    assert promise is not None, (
        f"{name} calls a step proved{of_which}, and nothing holds it to that: write what its proof says of every round as a promise, "
        "and name it in tests/algorithms/promises.py"
    )
    return promise


@pytest.mark.parametrize("name", algorithms.members)
def test_a_method_is_the_recursion_of_its_paper(name: str, problem: Problem) -> None:
    assert_is_its_transcription(name, algorithms.members[name], problem)


@pytest.mark.parametrize("method", [one for name in algorithms.members for one in made(name)], ids=str)
def test_no_line_that_a_method_claims_is_crossed(method: Algorithm) -> None:
    assert_lines_are_not_crossed(method)


@pytest.mark.parametrize("method", [one for name in algorithms.members for one in made(name)], ids=str)
def test_a_step_that_is_called_proved_keeps_its_promise(method: Algorithm) -> None:
    assert_what_is_proved_holds(method)


def test_every_promise_is_asked_for_and_every_transcription_belongs_to_a_method() -> None:
    methods = [one for name in algorithms.members for one in made(name)]
    asked = {(one.name, theorem) for one in methods for _, *where in pairs(one) for theorem, _ in proved(one, *where)}
    assert asked == {*((name, None) for name in OWN), *BY_THEOREM}
    assert set(TRANSCRIPTIONS) == set(algorithms.members)


# The tests are tested: methods that claim what they break.


@dataclasses.dataclass(frozen=True)
class SixtyTimes(EF21):
    """Moves 60 times as far as it says."""

    def step(self, state: Any, problem: Problem, channel: Any, gamma: Any) -> Any:
        return super().step(state, problem, channel, 60.0 * gamma)


@dataclasses.dataclass(frozen=True)
class TooLong(EF21):
    """Claims a step of more than twice the length."""

    def step_size(self, facts: Any, compressor: Compressor) -> StepSize:
        honest = super().step_size(facts, compressor)
        return honest._replace(gamma=2.5 * honest.gamma)

    def mean_bounds(self, facts: Any, alpha: float) -> Any:
        return tuple(bound._replace(longest=2.5 * bound.longest) for bound in super().mean_bounds(facts, alpha))


@dataclasses.dataclass(frozen=True)
class Unheard(EF21):
    """Registered, and held to nothing yet."""

    name = "unheard"


def test_a_method_that_moves_sixty_times_as_far_fails_in_all_three(problem: Problem) -> None:
    with pytest.raises(AssertionError, match="x of ef21"):
        assert_is_its_transcription("ef21", SixtyTimes, problem)
    with pytest.raises(AssertionError, match="above its line"):
        assert_lines_are_not_crossed(SixtyTimes())
    with pytest.raises(AssertionError, match="error_feedback does not hold"):
        assert_what_is_proved_holds(SixtyTimes())


def test_a_method_that_claims_a_step_too_long_fails_in_both() -> None:
    with pytest.raises(AssertionError, match="above its line"):
        assert_lines_are_not_crossed(TooLong())
    with pytest.raises(AssertionError, match="error_feedback does not hold"):
        assert_what_is_proved_holds(TooLong())


def test_a_method_without_a_transcription_or_a_promise_fails_with_words_that_say_what_to_add(problem: Problem) -> None:
    with pytest.raises(
        AssertionError, match=r"unheard has no literal transcription: write .* TRANSCRIPTIONS of tests/algorithms/literal.py"
    ):
        assert_is_its_transcription("unheard", Unheard, problem)
    with pytest.raises(AssertionError, match=r"unheard calls a step proved, .* name it in tests/algorithms/promises.py"):
        assert_what_is_proved_holds(Unheard())
