"""The step of the exact rate of EF21."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text
from ef21lab.steps.base import OtherTheoremStep


@dataclass(frozen=True)
class TightStep(OtherTheoremStep):
    """γ = multiple × the step of the exact rate, where every fᵢ is strongly convex."""

    name = "theory_tight"
    label = Text("from theory, exact rate", "по теории, точная скорость")
    about = Text(
        "The step with the best linear rate that can be proved of EF21; it needs every fᵢ strongly convex and a deterministic compressor.",
        "Шаг с наилучшей линейной скоростью, какую можно доказать для EF21; нужны сильная выпуклость каждой fᵢ "
        "и детерминированный компрессор.",
    )
    order = 106
    theorem = "tight"
    sign = Text("exact", "точный")
