"""What is settled before a run: made once from its spec and the facts of its problem, and passed on to all who ask."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from ef21lab.algorithms.base import StepSize
from ef21lab.choices.answers import Failed
from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec


@dataclass(frozen=True)
class Planned:
    """A run before any data is touched again, or the reason why there can be none."""

    spec: RunSpec
    facts: Facts = field(compare=False, repr=False)  # they follow from the spec
    compressor: Compressor  # whose messages are sent, bound to the problem's layout; as it was asked for where it cannot be bound
    allowed: StepSize | Text  # what theory says of this run: the step of the rule's theorem, or why there is none
    step: float | Text  # γ, or why the run makes no sense

    @property
    def reason(self) -> Text | None:
        """Why there can be no such run; None where there can."""
        return self.step if isinstance(self.step, Text) else None

    @property
    def gamma(self) -> float:
        """γ. Raises Refusal with the reason where there is none."""
        if isinstance(self.step, Text):
            raise Refusal(self.step)
        return self.step

    @property
    def is_proved(self) -> bool:
        """Whether the step that the rule goes by is that of a theorem about this very run."""
        return isinstance(self.allowed, StepSize) and self.allowed.proved

    @property
    def source(self) -> Text:
        """Where the step that the rule goes by comes from, or why there is none."""
        return self.allowed if isinstance(self.allowed, Text) else self.allowed.source


def plan(spec: RunSpec, facts: Facts) -> Planned:
    """Bind a run to its problem, check that its parts fit each other, and find its step."""
    try:
        compressor = spec.algorithm.messenger(spec.compressor).fitted(facts.layout)
        misfit = spec.algorithm.refusal(facts, compressor)
    except Refusal as refusal:
        compressor, misfit = spec.compressor, refusal.text
    if misfit is not None:
        return Planned(spec, facts, compressor, misfit, misfit)
    try:
        allowed = spec.step.allowed(spec.algorithm, facts, compressor)
        gamma = spec.step.size(allowed)
        if spec.algorithm.plugin is not None:  # told beside the step: who cannot say it takes no part
            spec.algorithm.cost(compressor, facts.d)
    except Failed as failed:  # code of others
        return Planned(spec, facts, compressor, failed.text, failed.text)
    if isinstance(allowed, StepSize):
        allowed = _lost(allowed.gamma) or allowed
    if not isinstance(gamma, Text):
        gamma = _lost(gamma) or gamma
    return Planned(spec, facts, compressor, allowed, gamma)


def _lost(gamma: float) -> Text | None:
    """Why numbers cannot tell this step: it is lost in rounding to zero, or beyond all of them where nothing bounds it."""
    if sys.float_info.min <= gamma <= sys.float_info.max:
        return None
    return TOO_SHORT if gamma < 1.0 else TOO_LONG


TOO_SHORT = Text(
    "γ is below {least}, too short for numbers to tell it from zero; raise what makes it so short, or choose a fixed γ",
    "γ меньше {least}: такой шаг не отличить от нуля; увеличьте то, из-за чего он так мал, или выберите фиксированный γ",
).format(least=sys.float_info.min)
TOO_LONG = Text(
    "γ is beyond {most}: L is so small that no theorem bounds the step; choose a fixed γ",
    "γ больше {most}: L так мала, что теоремы не ограничивают шаг; выберите фиксированный γ",
).format(most=sys.float_info.max)
