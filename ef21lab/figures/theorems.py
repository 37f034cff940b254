"""Three theorems beside what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ef21lab.choices.fields import Json
from ef21lab.choices.spec import integer
from ef21lab.choices.text import Text, same
from ef21lab.figures.base import Claim, Figure, Outcome, Traces
from ef21lab.figures.drawn import AGAINST, ROUNDS
from ef21lab.plots.palette import lines
from ef21lab.plots.panels import Panel, Plotted
from ef21lab.problems.base import Facts
from ef21lab.runs.guarantees import guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.verdict import digits
from ef21lab.steps.base import steps


class Promised(NamedTuple):
    """A theorem: its step rule, and what it says stays below which line."""

    rule: str
    label: Text
    column: str
    line: str
    up: Text


MEAN = Text("mean of ‖∇f‖² over the rounds", "среднее ‖∇f‖² по раундам")
THEOREMS = (
    Promised("theory", Text("EF21 (2021), Theorem 1", "EF21 (2021), теорема 1"), "mean", "mean_line", MEAN),
    Promised("theory_2024", same("Error Feedback Reloaded (2024)"), "mean", "mean_line", MEAN),
    Promised(
        "theory_tight", Text("the exact rate", "точная скорость"), "tight", "tight_line", Text("V of the exact rate", "V точной скорости")
    ),
)


@dataclass(frozen=True)
class TheoremsFigure(Figure):
    """EF21 with Top-11 on mushrooms with a ridge: the step of each theorem, the line that it guarantees, and the run."""

    name = "theorems"
    label = Text("Practice beside three theorems", "Практика рядом с тремя теоремами")
    about = Text(
        "At the step of each theorem: the line that it promises, and how far below it the run goes.",
        "При шаге из каждой теоремы: линия, которую она обещает, и насколько ниже проходит запуск.",
    )
    order = 50
    source = Text(
        "Richtárik, Sokolov, Fatkhullin (2021), EF21; Richtárik, Gasanov, Burlachenko (2024), Error Feedback Reloaded; the exact rate.",
        "Richtárik, Sokolov, Fatkhullin (2021), EF21; Richtárik, Gasanov, Burlachenko (2024), Error Feedback Reloaded; точная скорость.",
    )

    rounds: int = integer(600, 20, 100_000, Text("Rounds", "Раунды"), Text("Of every run.", "В каждом запуске."))

    def posed(self) -> Mapping[str, Json]:
        return {
            "dataset": "mushrooms",
            "partition": {"name": "contiguous", "nodes": 20},
            "objective": {"name": "logistic_ridge", "lam": 0.1},
            "compressor": {"name": "top_k", "k": 11},
            "rounds": self.rounds,
        }

    def runs(self, facts: Facts) -> tuple[RunSpec, ...]:
        return tuple(self._run(theorem) for theorem in THEOREMS)

    def read(self, facts: Facts, traces: Traces) -> Outcome:
        lined = {theorem: self._lined(theorem, facts, traces[self._run(theorem)]) for theorem in THEOREMS}
        gammas = {theorem.rule: plan(self._run(theorem), facts).gamma for theorem in THEOREMS}
        shorter, longer = THEOREMS[0], THEOREMS[1]
        steps_grow = Claim(
            Text("The step of 2024 is no shorter than that of 2021", "Шаг 2024 года не короче шага 2021 года"),
            AGAINST.format(own=gammas[longer.rule], other=gammas[shorter.rule]),
            gammas[longer.rule] >= gammas[shorter.rule],
        )
        claims = [self._claim(theorem, *lined[theorem]) for theorem in THEOREMS]
        panels = [self._panel(theorem, *lined[theorem], traces[self._run(theorem)]["round"]) for theorem in THEOREMS]
        return Outcome((*claims, steps_grow), tuple(panels))

    def _run(self, theorem: Promised) -> RunSpec:
        return replace(self.problem(), step=steps.make({"rule": theorem.rule, "multiple": 1.0}))

    def _lined(self, theorem: Promised, facts: Facts, trace: Trace) -> tuple[np.ndarray, np.ndarray]:
        """What was measured and the line above it, (records,) each; nan where the theorem says nothing."""
        found = guarantees(plan(self._run(theorem), facts)).columns(trace.columns)
        return found[theorem.column], found[theorem.line]

    def _claim(self, theorem: Promised, measured: np.ndarray, line: np.ndarray) -> Claim:
        said = np.isfinite(measured) & np.isfinite(line)
        above = int((measured[said] > line[said]).sum())
        last = np.flatnonzero(said)[-1]
        return Claim(
            Text("No round is above the line: {theorem}", "Ни один раунд не выше линии: {theorem}").format(theorem=theorem.label),
            Text(
                "above it: {above} of {rounds}; at the end {times:time|times} below",
                "выше неё: {above} из {rounds}; в конце запуск в {times:раз|раза|раз} ниже",
            ).format(above=above, rounds=int(said.sum()), times=digits(float(line[last] / measured[last]))),
            above == 0,
        )

    def _panel(self, theorem: Promised, measured: np.ndarray, line: np.ndarray, rounds: np.ndarray) -> Panel:
        look = lines([self.problem().compressor])[0]
        shown = np.isfinite(measured) & np.isfinite(line)
        curves = (
            Plotted(Text("measured", "измерено"), rounds[shown], measured[shown], look),
            Plotted(Text("guaranteed", "гарантировано"), rounds[shown], line[shown], look._replace(dash="dot")),
        )
        return Panel(theorem.label, ROUNDS, theorem.up, curves)
