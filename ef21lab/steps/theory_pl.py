"""The step of a theorem with a linear rate, under the Polyak–Łojasiewicz condition."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text, same
from ef21lab.steps.base import OtherTheoremStep


@dataclass(frozen=True)
class PolyakLojasiewiczStep(OtherTheoremStep):
    """γ = multiple × the step under the Polyak–Łojasiewicz condition."""

    name = "theory_pl"
    label = Text("from theory, Polyak–Łojasiewicz", "по теории, Поляк — Лоясевич")
    about = Text(
        "The step of the theorem with a linear rate; it needs μ > 0.", "Шаг из теоремы с линейной скоростью сходимости; нужна μ > 0."
    )
    order = 104
    theorem = "pl"
    sign = same("PL")
