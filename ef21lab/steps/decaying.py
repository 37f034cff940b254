"""A step that gets shorter from round to round."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.algorithms.base import StepSize
from ef21lab.choices.spec import integer, real
from ef21lab.choices.text import Text
from ef21lab.steps.base import Step


@dataclass(frozen=True)
class DecayingStep(Step):
    """γₜ = γ/(1 + t/T)ᵖ: x of round t + 1 is reached with γₜ.

    The theorems of this lab are about one step for all rounds, so nothing is certified of a run with this one.
    """

    name = "decaying"
    label = Text("decaying γ", "убывающий γ")
    about = Text(
        "A step of your own that gets shorter: γ/(1 + t/T)ᵖ in round t. No theorem here is about it, so nothing is certified.",
        "Свой шаг, который убывает: γ/(1 + t/T)ᵖ в раунде t. Теоремы здесь не о таком шаге, поэтому гарантий нет.",
    )
    order = 112
    fades = True

    gamma: float = real(
        0.1, 0.0, 1e9, Text("First step γ", "Первый шаг γ"), Text("The step of round 0.", "Шаг в раунде 0."), above=True, logarithmic=True
    )
    power: float = real(
        0.5, 0.0, 4.0, Text("Power p", "Степень p"), Text("How fast it falls; 0 keeps it.", "Скорость убывания; 0 — шаг постоянный.")
    )
    after: int = integer(
        100, 1, 1_000_000, Text("Scale T", "Масштаб T"), Text("The round in which 1 + t/T is 2.", "Раунд, в котором 1 + t/T равно 2.")
    )

    def share(self, round: int) -> float:
        return float((1.0 + round / self.after) ** -self.power)

    def size(self, allowed: StepSize | Text) -> float:
        return self.gamma

    def in_short(self) -> Text:
        return Text("γ = {gamma}/(1 + t/{after})^{power}", "γ = {gamma}/(1 + t/{after})^{power}").format(
            gamma=self.gamma, after=self.after, power=self.power
        )
