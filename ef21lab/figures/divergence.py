"""Naive compression diverges at every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Text, joined, number, same
from ef21lab.figures.base import Claim, Figure, Outcome, Traces
from ef21lab.figures.drawn import ROUNDS, SQUARE, against, lines_of
from ef21lab.plots.panels import Panel, Plotted
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.steps.base import steps

STEPS = (0.003, 0.03, 0.1)
SHOWN = STEPS[1]  # of the panel
ROUNDING = 1e-4  # of the growth of one round: messages are rounded to float32, and it adds up over the rounds
METHODS = ("dcgd", "ef14", "ef21")


@dataclass(frozen=True)
class DivergenceFigure(Figure):
    """Three nodes, Top-1. DCGD multiplies x by 1 + 11γ/6 in every round, whatever γ is, so ‖∇f‖² by its square; EF14 and EF21 converge."""

    name = "divergence"
    label = Text("Naive compression diverges", "Наивное сжатие расходится")
    about = Text(
        "Three nodes and Top-1. Without error feedback x grows by one factor every round, at any step; with it the same messages suffice.",
        "Три узла и Top-1. Без обратной связи по ошибке x растёт каждый раунд в одно и то же число раз при любом шаге; с ней тех же "
        "сообщений достаточно.",
    )
    order = 40
    source = Text(
        "Beznosikov, Horváth, Richtárik, Safaryan (2023), On Biased Compression for Distributed Learning, Example 1.",
        "Beznosikov, Horváth, Richtárik, Safaryan (2023), On Biased Compression for Distributed Learning, пример 1.",
    )

    def posed(self) -> Mapping[str, Json]:
        return {
            "dataset": "divergence",
            "partition": {"name": "contiguous", "nodes": 3},
            "objective": {"name": "least_squares", "lam": 0.5},
            "compressor": {"name": "top_k", "k": 1},
            "start": "ones",
            "rounds": 300,
        }

    def runs(self, facts: Facts) -> tuple[RunSpec, ...]:
        return tuple(self._run(method, gamma) for gamma in STEPS for method in METHODS)

    def read(self, facts: Facts, traces: Traces) -> Outcome:
        grown = {gamma: self._growth(traces[self._run("dcgd", gamma)]["grad_norm_sq"]) for gamma in STEPS}
        off = max(abs(growth / (1.0 + 11.0 * gamma / 6.0) ** 2 - 1.0) for gamma, growth in grown.items())
        kept = [traces[self._run(method, SHOWN)]["grad_norm_sq"] for method in METHODS[1:]]
        return Outcome(
            (
                Claim(
                    Text(
                        "DCGD: ‖∇f‖² grows (1 + 11γ/6)² times every round, at every γ",
                        "DCGD: ‖∇f‖² каждый раунд растёт в (1 + 11γ/6)² раз при любом γ",
                    ),
                    Text("at γ = {steps}: within {off} of that", "при γ = {steps}: отличие не больше {off}").format(
                        steps=joined(map(number, STEPS), "; "), off=number(max(off, np.finfo(float).eps), 2)
                    ),
                    off < ROUNDING,
                ),
                Claim(
                    Text("EF14 and EF21 converge on the same messages", "EF14 и EF21 с теми же сообщениями сходятся"),
                    Text("γ = {gamma}: ‖∇f‖² falls to {ef14} and {ef21}", "γ = {gamma}: ‖∇f‖² падает до {ef14} и {ef21}").format(
                        gamma=SHOWN, ef14=kept[0][-1], ef21=kept[1][-1]
                    ),
                    min(map(_fall, kept)) > 1e3,
                ),
            ),
            (self._panel(traces),),
        )

    def _run(self, method: str, gamma: float) -> RunSpec:
        return replace(self.problem(), algorithm=algorithms.make(method), step=steps.make({"rule": "fixed", "gamma": gamma}))

    def _growth(self, heights: np.ndarray) -> float:
        """Of one round, in the geometric mean over all."""
        return float((heights[-1] / heights[0]) ** (1.0 / (len(heights) - 1)))

    def _panel(self, traces: Traces) -> Panel:
        looks = lines_of(METHODS)
        curves = (
            Plotted(
                algorithms.members[method].label + same(", γ = ") + number(SHOWN), *against(traces[self._run(method, SHOWN)], "round"), look
            )
            for method, look in zip(METHODS, looks, strict=True)
        )
        return Panel(Text("γ = {gamma}", "γ = {gamma}").format(gamma=SHOWN), ROUNDS, SQUARE, tuple(curves))


def _fall(heights: np.ndarray) -> float:
    return float(heights[0] / heights[-1])
