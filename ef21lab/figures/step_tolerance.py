"""How long a step error feedback tolerates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Json
from ef21lab.choices.spec import integer
from ef21lab.choices.text import Text, number, same
from ef21lab.figures.base import Claim, Figure, Outcome, Traces
from ef21lab.figures.drawn import AGAINST, MULTIPLES, ROUNDS, SQUARE, against, lines_of
from ef21lab.plots.panels import Panel, Plotted
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.steps.base import steps

METHODS = ("ef14", "ef21", "ef21_plus")
OCTAVES = 10
QUARTER = 4  # a run has settled at the height that it does not leave in the last quarter of its rounds


@dataclass(frozen=True)
class ToleranceFigure(Figure):
    """EF14, EF21 and EF21+ with Top-1 on mushrooms, 20 nodes, at ×1 … ×512 of the step that theory allows EF21.

    EF14 comes to a halt the higher, the longer its step is; EF21 and EF21+ go on down at steps at which EF14 oscillates.
    """

    name = "step_tolerance"
    label = Text("Error feedback and long steps", "Обратная связь по ошибке и длинные шаги")
    about = Text(
        "The step is doubled nine times. EF14 gets lower up to some step and then higher again; EF21 and EF21+ get lower and lower.",
        "Шаг удваивается девять раз. EF14 опускается ниже до некоторого шага, а потом поднимается; EF21 и EF21+ опускаются всё ниже.",
    )
    order = 20
    source = Text(
        "Richtárik, Sokolov, Fatkhullin (2021), EF21, the experiment on the tolerance of step sizes; data here: mushrooms.",
        "Richtárik, Sokolov, Fatkhullin (2021), EF21, опыт о допустимых шагах; данные здесь: mushrooms.",
    )

    rounds: int = integer(2000, 20, 100_000, Text("Rounds", "Раунды"), Text("Of every run.", "В каждом запуске."))

    def posed(self) -> Mapping[str, Json]:
        return {
            "dataset": "mushrooms",
            "partition": {"name": "contiguous", "nodes": 20},
            "compressor": {"name": "top_k", "k": 1},
            "rounds": self.rounds,
        }

    def runs(self, facts: Facts) -> tuple[RunSpec, ...]:
        return tuple(run for method in METHODS for run in self._steps_of(method))

    def read(self, facts: Facts, traces: Traces) -> Outcome:
        settled = {method: [settles_at(traces[run]) for run in self._steps_of(method)] for method in METHODS}
        longest = {method: 2 ** heights.index(min(heights)) for method, heights in settled.items()}
        lowest = {method: min(heights) for method, heights in settled.items()}
        names = {method: algorithms.members[method].label for method in METHODS}
        ef14, *others = METHODS
        claims = [
            Claim(
                Text(
                    "{method} is lowest at a longer step than EF14", "{method} опускается ниже всего при более длинном шаге, чем EF14"
                ).format(method=names[method]),
                AGAINST.format(own=same("×") + number(longest[method]), other=same("×") + number(longest[ef14])),
                longest[method] > longest[ef14],
            )
            for method in others
        ] + [
            Claim(
                Text("At its best step {method} settles lower than EF14", "При лучшем шаге {method} опускается ниже, чем EF14").format(
                    method=names[method]
                ),
                Text("‖∇f‖² below {own} against {other}", "‖∇f‖² ниже {own} против {other}").format(own=lowest[method], other=lowest[ef14]),
                lowest[method] < lowest[ef14],
            )
            for method in others
        ]
        return Outcome(tuple(claims), (self._by_step(settled), self._longest(traces)))

    def _steps_of(self, method: str) -> list[RunSpec]:
        return [
            replace(self.problem(), algorithm=algorithms.make(method), step=steps.make({"rule": "theory", "multiple": 2.0**octave}))
            for octave in range(OCTAVES)
        ]

    def _by_step(self, settled: Mapping[str, list[float]]) -> Panel:
        looks = lines_of(METHODS)
        across = [2**octave for octave in range(OCTAVES)]
        curves = (
            Plotted(algorithms.members[method].label, across, settled[method], look) for method, look in zip(METHODS, looks, strict=True)
        )
        return Panel(
            Text("Where a run settles, by its step", "Где останавливается запуск, в зависимости от шага"),
            MULTIPLES,
            SQUARE,
            tuple(curves),
            True,
        )

    def _longest(self, traces: Traces) -> Panel:
        looks = lines_of(METHODS)
        curves = (
            Plotted(algorithms.members[method].label, *against(traces[self._steps_of(method)[-1]], "round"), look)
            for method, look in zip(METHODS, looks, strict=True)
        )
        return Panel(Text("At ×{longest}", "При ×{longest}").format(longest=2 ** (OCTAVES - 1)), ROUNDS, SQUARE, tuple(curves))


def settles_at(trace: Trace) -> float:
    """The height of ‖∇f‖² that a run stays below in the last quarter of its rounds; inf where its numbers overflowed."""
    heights = trace["grad_norm_sq"]
    return float("inf") if trace.diverged else float(heights[-max(1, len(heights) // QUARTER) :].max())
