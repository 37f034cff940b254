"""A step by rule of thumb: the fewer rows a node has, the shorter."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.algorithms.base import Algorithm, StepSize
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts
from ef21lab.steps.base import Step


@dataclass(frozen=True)
class ByRows(Step):
    """γ = 1/(10 + N), N rows in all. No theorem stands behind it."""

    name = "by_rows"
    label = Text("by rows", "по числу строк")
    about = Text("The more rows, the shorter.", "Чем больше строк, тем короче.")

    def allowed(self, algorithm: Algorithm, facts: Facts, compressor: Compressor) -> StepSize | Text:
        return StepSize(1.0 / (10 + facts.rows), False, Text("A rule of thumb.", "Правило без теоремы."))

    def size(self, allowed: StepSize | Text) -> float | Text:
        return allowed if isinstance(allowed, Text) else allowed.gamma

    def in_short(self) -> Text:
        return same("1/(10 + N)")
