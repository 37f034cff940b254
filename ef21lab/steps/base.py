"""What a step rule is: which theorem it goes by, and what γ it makes of the step that the theorem allows."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from ef21lab.algorithms.base import STEP_OR_REASON, Algorithm, StepSize, Theorem, is_step_or_reason
from ef21lab.choices.answers import WORDS, Answer
from ef21lab.choices.fields import is_number
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec, real
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.choices.text import multiple as times
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts

USUAL_GOAL = 1e-4  # of the value at x⁰


def step_multiple() -> Any:
    """The field of a step multiple."""
    return real(
        1.0,
        0.0,
        1e9,
        Text("Step multiple", "Множитель шага"),
        Text("The step is this many times the base step.", "Во сколько раз шаг больше базового."),
        above=True,
        logarithmic=True,
    )


def _is_part(step: Step, found: Any, round: int) -> bool:
    return is_number(found) and 0.0 <= found <= 1.0


def _are_steps(step: Step, found: Any) -> bool:
    return isinstance(found, tuple) and len(found) > 0 and all(isinstance(one, Step) for one in found)


@dataclass(frozen=True)
class Step(Spec):
    """Where γ comes from."""

    answers = MappingProxyType(
        {
            "allowed": Answer(lambda step, found, *asked: is_step_or_reason(found), STEP_OR_REASON),
            "size": Answer(
                lambda step, found, allowed: isinstance(found, Text) or (is_number(found) and found >= 0.0),
                Text(
                    "γ, a number above 0, or a Text that says why there is none", "γ — положительное число — или Text о том, почему его нет"
                ),
            ),
            "share": Answer(_is_part, Text("a part of γ, a number in [0, 1]", "долю γ — число из [0; 1]")),
            "candidates": Answer(_are_steps, Text("a tuple of steps", "кортеж шагов")),
            "in_short": WORDS,
        }
    )

    fades: ClassVar[bool] = False  # its `share` falls from round to round, and no theorem here is about that

    def allowed(self, algorithm: Algorithm, facts: Facts, compressor: Compressor) -> StepSize | Text:
        """The step of the theorem that this rule goes by; or why there is none for the method, the problem and the compressor."""
        try:
            return algorithm.step_size(facts, compressor)
        except Refusal as refusal:
            return refusal.text

    @abstractmethod
    def size(self, allowed: StepSize | Text) -> float | Text:
        """γ, given what the theorem allows; or why there is none."""

    @property
    def own(self) -> float | None:
        """γ of ×1 where that is a number of one's own; None where it is known only with the problem, or the rule has no multiple."""
        return None

    def share(self, round: int) -> float:
        """The part of γ by which x goes on from this round: 1 where the step stays what it is."""
        return 1.0

    def candidates(self) -> tuple[Step, ...]:
        """The steps that it stands for, the shortest first: itself, or those of which the best is taken."""
        return (self,)

    def wider(self, *, longer: bool) -> Step | None:
        """The same with an octave of longer candidates more, or of shorter ones; None where it has no more."""
        return None

    def goal(self, start: float, asked: float = 0.0) -> float:
        """ε by which the best of its candidates is told: what is asked for, or, where nothing is, a part of the value at x⁰."""
        return asked or USUAL_GOAL * start

    @abstractmethod
    def in_short(self) -> Text:
        """The step in a legend: '×32', 'γ = 0.1'."""


@dataclass(frozen=True)
class TheoremStep(Step):
    """γ = multiple × the step of a theorem."""

    multiple: float = step_multiple()

    def size(self, allowed: StepSize | Text) -> float | Text:
        return allowed if isinstance(allowed, Text) else self.multiple * allowed.gamma

    def in_short(self) -> Text:
        return times(self.multiple)


@dataclass(frozen=True)
class OtherTheoremStep(TheoremStep):
    """γ = multiple × the step of another theorem about the same method than its own."""

    theorem: ClassVar[Theorem]
    sign: ClassVar[Text]  # before the multiple, in a legend

    def allowed(self, algorithm: Algorithm, facts: Facts, compressor: Compressor) -> StepSize | Text:
        try:
            return algorithm.step_size_by(self.theorem, facts, compressor)
        except Refusal as refusal:
            return refusal.text

    def in_short(self) -> Text:
        return self.sign + same(" ") + super().in_short()


steps: Family[Step] = Family(Step, Text("step", "шаг"), package="ef21lab.steps", tag="rule")
