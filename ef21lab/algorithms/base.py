"""What a method is: a start and a step on a state of arrays, and the step size its theorem allows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

import numpy as np

from ef21lab.channels.base import EXACT, Channel, Uplink
from ef21lab.choices.answers import REASON, Answer
from ef21lab.choices.fields import is_number
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Point, Problem

Array = Any


class State(Protocol):
    """A NamedTuple of arrays with at least these two; every field but `point` goes into a checkpoint."""

    @property
    def x(self) -> Array: ...  # (lanes, d)

    @property
    def point(self) -> Point: ...  # f and ∇fᵢ at x

    def _asdict(self) -> dict[str, Any]: ...


class StepSize(NamedTuple):
    """A step and where it comes from. `proved` is False where no theorem covers this pair and another's step is borrowed."""

    gamma: float
    proved: bool
    source: Text


class MeanBound(NamedTuple):
    """At γ ≤ `longest` the mean of ‖∇f‖² over T rounds is at most 2(f(x⁰) − f_inf)/(sγT) + wG⁰/(θT), with θ of pα.

    Where the method minimises f + a penalty, that is about the sum and its gradient mapping. `stretch` is s, `share` is p, `weight` is w;
    with a share below 1 this is in expectation over who takes part, and where it is `random`, over what the master draws.
    """

    longest: float
    stretch: float = 1.0
    share: float = 1.0
    weight: float = 1.0
    random: bool = False


# L̄ in place of L̃ (Richtárik, Gasanov, Burlachenko 2024); Polyak–Łojasiewicz; the exact rate (Thomsen, Taylor, Dieuleveut 2026)
Theorem = Literal["arithmetic", "pl", "tight"]

# EF21 (2021): Ψ falls by 1 − γμ in a round, and Lemma 3 about the distortion; V of the exact rate falls by ρ
Statement = Literal["psi", "distortion", "tight"]

NO_SUCH_THEOREM = Text(
    "{method}: no such theorem is implemented here; choose the step from theory, or a fixed γ",
    "{method}: такой теоремы здесь нет; выберите шаг по теории или фиксированный γ",
)


STEP_OR_REASON = Text(
    "a StepSize whose gamma is a number above 0, or a Text that says why there is none",
    "StepSize с положительным gamma или Text о том, почему шага нет",
)


def is_step_or_reason(found: Any) -> bool:
    """Whether it is what a theorem may say of a step."""
    return isinstance(found, Text) or _is_step(found)


def _is_step(found: Any) -> bool:
    return isinstance(found, StepSize) and is_number(found.gamma) and found.gamma >= 0.0 and isinstance(found.source, Text)


def _is_state_at(x: Array, found: Any) -> bool:
    return hasattr(found, "_asdict") and hasattr(found, "point") and np.shape(found.x) == np.shape(x)


def _are_two_prices(method: Algorithm, found: Any, *asked: Any) -> bool:
    return isinstance(found, tuple) and len(found) == 2 and all(is_number(part) and part >= 0.0 for part in found)


STATE = Text("a state with x (lanes, d), as it was, and its point", "состояние с x прежней формы (lanes, d) и его точкой point")
TWO_PRICES = Text("a pair of numbers, none below 0", "пару неотрицательных чисел")


@dataclass(frozen=True)
class Algorithm(Spec):
    """A distributed method. One gradient evaluation per node per round; no loop over lanes or nodes."""

    answers = MappingProxyType(
        {
            "start": Answer(lambda method, found, problem, channel, x, gamma: _is_state_at(x, found), STATE),
            "step": Answer(lambda method, found, state, *asked: _is_state_at(state.x, found), STATE),
            "step_size": Answer(lambda method, found, *asked: _is_step(found), STEP_OR_REASON),
            "step_size_by": Answer(lambda method, found, *asked: is_step_or_reason(found), STEP_OR_REASON),
            "mean_bounds": Answer(
                lambda method, found, *asked: isinstance(found, tuple) and all(isinstance(one, MeanBound) for one in found),
                Text("a tuple of MeanBound", "кортеж из MeanBound"),
            ),
            "estimates": Answer(
                lambda method, found, state: np.ndim(found) == 3 and np.shape(found)[::2] == np.shape(state.x),
                Text("an array (lanes, nodes, d)", "массив (lanes, nodes, d)"),
            ),
            "cost": Answer(_are_two_prices, TWO_PRICES),
            "cost_down": Answer(_are_two_prices, TWO_PRICES),
            "passes": Answer(
                lambda method, found, facts: is_number(found) and found >= 0.0, Text("a number of at least 0", "неотрицательное число")
            ),
            "messenger": Answer(lambda method, found, asked: isinstance(found, Compressor), Text("a Compressor", "Compressor")),
            "refusal": REASON,
        }
    )

    state: ClassVar[Callable[..., Any]]  # the NamedTuple that `start` and `step` return
    proved: ClassVar[frozenset[Statement]] = frozenset()  # of this method, besides `mean_bounds`; of one that is made of it, not always
    sends_whole: ClassVar[bool] = False  # all that is lost of a message is rounding
    message: ClassVar[Text] = same("∇fᵢ − gᵢ")  # what a node wants to say before it is compressed
    looks_back: ClassVar[bool] = False  # a step asks for gradients at the x before it: they are kept for that
    drawn_as_message: ClassVar[bool] = False  # its curves have the line of what it sends, not one of their own

    @abstractmethod
    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> State:
        """The state at x⁰ (lanes, d), after the message of round 0 if the method sends one; `gamma` (lanes, 1) as in `step`."""

    @abstractmethod
    def step(self, state: Any, problem: Problem, channel: Channel, gamma: Array) -> State:
        """One round at step sizes `gamma` (lanes, 1)."""

    @abstractmethod
    def estimates(self, state: Any) -> Array:
        """What the master believes of every node's gradient at x, (lanes, nodes, d)."""

    def resume(self, problem: Problem, arrays: dict[str, Array]) -> State:
        """The state whose arrays a checkpoint kept."""
        return self.state(**arrays, point=problem.at(arrays["x"]))

    @abstractmethod
    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        """The largest step of the method's theorem; where none is implemented, EF21's as a base, and `source` says so."""

    def step_size_by(self, theorem: Theorem, facts: Facts, compressor: Compressor) -> StepSize | Text:
        """The step of another theorem about this method, or why there is none."""
        return NO_SUCH_THEOREM.format(method=self.label)

    def mean_bounds(self, facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
        """What is proved of this method with a compressor of this α, the sharpest first; nothing where no such theorem is implemented."""
        return ()

    def cost(self, compressor: Compressor, d: int) -> tuple[float, float]:
        """(bits, floats) that a node sends in a round after the first, expected where they are random."""
        return compressor.cost(d)

    def cost_down(self, facts: Facts) -> tuple[float, float]:
        """Bits that a node receives in round 1, and in a later round; expected where they are random. In round 0 there are none."""
        return float(EXACT * facts.d), float(EXACT * facts.d)

    def passes(self, facts: Facts) -> float:
        """How many times a round after the first goes through all rows, expected where that is random; less than 1 where it draws a few."""
        return 1.0

    def penalty(self, x: Array) -> Array:
        """What the method minimises besides f, at x (lanes, d): (lanes,) or 0."""
        return 0.0

    def stationarity(self, state: Any, gradient: Array, gamma: Array) -> Array:
        """What vanishes where the method should end, (lanes, d): `gradient`, which is ∇f(x), or the gradient mapping where there is a
        penalty."""
        return gradient

    def messenger(self, compressor: Compressor) -> Compressor:
        """The operator whose messages this method really sends, given the one that was asked for."""
        return compressor

    def refusal(self, facts: Facts, compressor: Compressor) -> Text | None:
        """Why this method makes no sense with this problem and compressor; None where it does."""
        return compressor.misfit(facts.d)


class Feedback:
    """The part of a method that is about gradients alone, whoever computes them and moves x: its own `step`, or PyTorch (ef21lab.torch).

    A memory is a NamedTuple of arrays, (lanes, nodes here, d) of the nodes and (lanes, d) of what everybody knows; a state will do for one.
    `gamma` (lanes, 1) is 1 where the length of the steps is not known.
    """

    memory: ClassVar[Callable[..., Any]]  # the NamedTuple that `begin` and `follow` return

    @abstractmethod
    def begin(self, gradients: Array, uplink: Uplink, gamma: Array) -> Any:
        """The memory after the messages about the first gradients (lanes, nodes here, d)."""

    @abstractmethod
    def follow(self, memory: Any, gradients: Array, uplink: Uplink, gamma: Array) -> Any:
        """The memory after the messages about the next gradients."""

    @abstractmethod
    def descent(self, memory: Any, gamma: Array) -> Array:
        """What stands in for the mean gradient, (lanes, d): x⁺ = x − γ · descent."""


algorithms: Family[Algorithm] = Family(Algorithm, Text("algorithm", "метод"), package="ef21lab.algorithms")
