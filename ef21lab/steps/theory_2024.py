"""The step of EF21 by its analysis of 2024."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text, same
from ef21lab.steps.base import OtherTheoremStep


@dataclass(frozen=True)
class ArithmeticStep(OtherTheoremStep):
    """γ = multiple × the step with L̄ in place of L̃."""

    name = "theory_2024"
    label = Text("from theory, L̄ for L̃", "по теории, L̄ вместо L̃")
    about = Text(
        "The step of “Error Feedback Reloaded” (2024): the mean of the Lᵢ in place of their quadratic mean, so never shorter.",
        "Шаг из статьи «Error Feedback Reloaded» (2024): среднее Lᵢ вместо среднего квадратического, поэтому он не короче.",
    )
    order = 102
    theorem = "arithmetic"
    sign = same("L̄")
