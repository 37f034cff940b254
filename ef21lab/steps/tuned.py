"""The best step of a grid: one choice that stands for several runs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from ef21lab.algorithms.base import Algorithm, StepSize
from ef21lab.choices.spec import Spec, integer, nested, real
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts
from ef21lab.steps.base import Step, steps
from ef21lab.steps.theory import TheoryStep

MOST_OCTAVES = 20
LONGEST = 1e9  # multiple that a rule takes


def _multiplies(kind: type[Spec]) -> bool:
    return issubclass(kind, Step) and "multiple" in kind.fields()


@dataclass(frozen=True)
class TunedStep(Step):
    """γ = the best of 2^(i / per octave) × the step of another rule, i = 0 … octaves · per octave.

    Each of them is a run of its own, under its own key; `runs.tuned` says which is the best.
    """

    name = "tuned"
    label = Text("tuned", "подобранный")
    about = Text(
        "The best of a grid of steps: the one that comes to ε with the fewest bits, or, where none does, ends lowest.",
        "Лучший из сетки шагов: тот, с которым до ε доходят за наименьшее число бит, а если не доходит ни один, тот, что опускается ниже.",
    )
    order = 90

    of: Step = nested(
        TheoryStep(),
        lambda: steps,
        _multiplies,
        Text("Shortest step", "Самый короткий шаг"),
        Text("Where the grid begins.", "Начало сетки."),
    )
    octaves: int = integer(
        9, 0, MOST_OCTAVES, Text("Octaves", "Октавы"), Text("How many times the step is doubled.", "Сколько раз шаг удваивается.")
    )
    per_octave: int = integer(1, 1, 8, Text("Steps an octave", "Шагов на октаву"), Text("2: a grid of √2.", "2 — сетка с множителем √2."))
    epsilon: float = real(
        0.0,
        0.0,
        1e9,
        Text("ε of the choice", "ε для выбора"),
        Text(
            "‖∇f‖² that is to be reached; 0 leaves it open: 10⁻⁴ of that at x⁰, on the page the line of the chart.",
            "Какого ‖∇f‖² нужно достичь; 0 — не задано: 10⁻⁴ от значения в x⁰, на странице — линия графика.",
        ),
        logarithmic=True,
    )

    def candidates(self) -> tuple[Step, ...]:
        multiples = (self.of.settings()["multiple"] * 2.0 ** (i / self.per_octave) for i in range(self.octaves * self.per_octave + 1))
        return tuple(self.of.replace(multiple=multiple) for multiple in takewhile(lambda multiple: multiple <= LONGEST, multiples))

    def wider(self, *, longer: bool) -> TunedStep | None:
        """The same grid with one more octave above it, or below it; None where there are MOST_OCTAVES already."""
        if self.octaves == MOST_OCTAVES:
            return None
        of = self.of if longer else self.of.replace(multiple=self.of.settings()["multiple"] / 2.0)
        return self.replace(of=of, octaves=self.octaves + 1)

    def goal(self, start: float, asked: float = 0.0) -> float:
        return self.epsilon or super().goal(start, asked)

    def allowed(self, algorithm: Algorithm, facts: Facts, compressor: Compressor) -> StepSize | Text:
        return self.of.allowed(algorithm, facts, compressor)

    def size(self, allowed: StepSize | Text) -> Text:
        return allowed if isinstance(allowed, Text) else SEVERAL

    def in_short(self) -> Text:
        return Text("tuned", "с подбором шага")


SEVERAL = Text(
    "a tuned step is no step of one run: it stands for several, of which the best is taken; ask for one of those",
    "подобранный шаг — это не шаг одного запуска: за ним стоят несколько, из которых берут лучший; выберите один из них",
)
