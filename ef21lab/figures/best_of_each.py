"""Every method at its best."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Json
from ef21lab.choices.spec import integer
from ef21lab.choices.text import Text, number, same
from ef21lab.compressors.base import compressors
from ef21lab.figures.base import Claim, Figure, Outcome, Traces
from ef21lab.figures.drawn import AGAINST, BITS, SQUARE, against, lines_of
from ef21lab.plots.panels import Panel, Plotted
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import best, candidates
from ef21lab.steps.base import steps

METHODS = ("gd", "ef14", "ef21", "ef21_plus")
KEPT = (1, 4, 16)  # k of Top-k; gradient descent has none
GOAL = 1e-3  # of ‖∇f(x⁰)‖²


class Best(NamedTuple):
    """Of all that were tried for a method."""

    run: RunSpec
    trace: Trace
    bits: float  # until it reaches the goal to stay; inf where it does not
    final: float


@dataclass(frozen=True)
class BestOfEachFigure(Figure):
    """Gradient descent, EF14, EF21 and EF21+ on mushrooms, each with the k of Top-k and the step that take the fewest bits."""

    name = "best_of_each"
    label = Text("Every method at its best", "Каждый метод в лучшем виде")
    about = Text(
        "Each method with the k and the step that reach a thousandth of the first ‖∇f‖² for the fewest bits, found on a grid.",
        "Каждый метод с теми k и шагом из сетки, с которыми до тысячной доли начального ‖∇f‖² доходят за наименьшее число бит.",
    )
    order = 30
    source = Text(
        "Richtárik, Sokolov, Fatkhullin (2021), EF21, the comparison with tuned k and steps; data here: mushrooms.",
        "Richtárik, Sokolov, Fatkhullin (2021), EF21, сравнение с подобранными k и шагами; данные здесь: mushrooms.",
    )

    rounds: int = integer(1000, 20, 100_000, Text("Rounds", "Раунды"), Text("Of every run.", "В каждом запуске."))

    def posed(self) -> Mapping[str, Json]:
        return {"dataset": "mushrooms", "partition": {"name": "contiguous", "nodes": 20}, "rounds": self.rounds}

    def runs(self, facts: Facts) -> tuple[RunSpec, ...]:
        return tuple(run for method in METHODS for tried in self._tried(method) for run in candidates(tried))

    def read(self, facts: Facts, traces: Traces) -> Outcome:
        found = {method: self._best(method, traces) for method in METHODS}
        claims = [self._claim(found, better, worse) for better in METHODS[2:] for worse in METHODS[:2]]
        looks = lines_of(METHODS)
        curves = (
            Plotted(self._name(one.run), *against(one.trace, "bits_up"), look) for one, look in zip(found.values(), looks, strict=True)
        )
        return Outcome(tuple(claims), (Panel(Text("The best of each", "Лучшее у каждого"), BITS, SQUARE, tuple(curves), True),))

    def _tried(self, method: str) -> list[RunSpec]:
        """With every k, at a tuned step."""
        base = replace(self.problem(), algorithm=algorithms.make(method), step=steps.make("tuned"))
        kept = KEPT[:1] if base.algorithm.sends_whole else KEPT
        return [replace(base, compressor=compressors.make({"name": "top_k", "k": k})) for k in kept]

    def _best(self, method: str, traces: Traces) -> Best:
        tried = [run for one in self._tried(method) for run in candidates(one)]
        found = [traces[run] for run in tried]
        chosen = best(found, GOAL * float(found[0]["grad_norm_sq"][0]))
        return Best(tried[chosen.place], found[chosen.place], chosen.cost, chosen.final)

    def _claim(self, found: Mapping[str, Best], better: str, worse: str) -> Claim:
        own, other = found[better], found[worse]
        return Claim(
            Text("{better} needs fewer bits than {worse}", "{better}: меньше бит, чем «{worse}»").format(
                better=algorithms.members[better].label, worse=algorithms.members[worse].label
            ),
            AGAINST.format(own=_bits(own.bits), other=_bits(other.bits)),
            own.bits < other.bits,
        )

    def _name(self, run: RunSpec) -> Text:
        kept = same("") if run.algorithm.sends_whole else same(", k = ") + number(run.compressor.settings()["k"])
        return run.algorithm.label + kept + same(", ") + run.step.in_short()


def _bits(bits: float) -> Text:
    return NEVER if math.isinf(bits) else Text("{bits:bit|bits}", "{bits:бит|бита|бит}").format(bits=round(bits))


NEVER = Text("never there to stay", "не дошёл, чтобы остаться")
