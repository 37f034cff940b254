"""The step of the method's own theorem."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text
from ef21lab.steps.base import TheoremStep


@dataclass(frozen=True)
class TheoryStep(TheoremStep):
    """γ = multiple × the step of the method's own theorem."""

    name = "theory"
    label = Text("from theory", "по теории")
    about = Text(
        "The largest step of the method's theorem, times a multiple.", "Наибольший шаг из теоремы метода, умноженный на множитель."
    )
