"""A step of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.algorithms.base import StepSize
from ef21lab.choices.spec import real
from ef21lab.choices.text import Text, number, same
from ef21lab.steps.base import Step, step_multiple


@dataclass(frozen=True)
class FixedStep(Step):
    """γ = multiple × a number of one's own."""

    name = "fixed"
    label = Text("fixed γ", "фиксированный γ")
    about = Text("A step of your own.", "Свой шаг.")
    order = 110

    gamma: float = real(0.1, 0.0, 1e9, Text("Step γ", "Шаг γ"), Text("The step size.", "Длина шага."), above=True, logarithmic=True)
    multiple: float = step_multiple()

    @property
    def own(self) -> float:
        return self.gamma

    def size(self, allowed: StepSize | Text) -> float:
        return self.multiple * self.gamma

    def in_short(self) -> Text:
        return same("γ = ") + number(self.gamma * self.multiple)
