"""By what the runs of a grid or a race are judged: to what they are to come, which levels of it there are, and how it is written."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from ef21lab.choices.fields import Real
from ef21lab.choices.text import Text, number, same
from ef21lab.metrics.base import metrics
from ef21lab.runs.record import rises, sometimes
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import JUDGED
from ef21lab.runs.trace import Trace

Value = TypeVar("Value", float, np.ndarray)

EPSILONS = tuple(float(f"{digit}e{power}") for power in range(-24, 3) for digit in (1, 3))
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99)
USUAL, OF_NETWORKS = 1e-4, 0.1  # ε, of where the runs start


@dataclass(frozen=True)
class Aim:
    """A column of the traces that is to come to ε, or, where it rises as a run gets better, to be at least ε."""

    metric: str
    label: Text
    goal: Real  # what ε is
    part: float = USUAL  # of where the runs start, that one would ask for
    least: float = 0.0  # ‖∇f‖² at which the runs are to end: of a smaller ε they tell nothing

    @property
    def rises(self) -> bool:
        return rises(self.metric)

    @property
    def levels(self) -> tuple[float, ...]:
        """What a slider offers of ε."""
        return SHARES if self.rises else tuple(sorted({max(level, self.least) for level in EPSILONS}))

    def missing(self, value: Value) -> Value:
        """What is to become small: the value itself; of a share that rises, what it lacks of all. Applied twice it is the value again."""
        return 1.0 - value if self.rises else value

    def usual(self, trace: Trace) -> float:
        """ε that one would name, seeing this finished run: a part of where it starts, of a share the greatest below its end."""
        if self.rises:
            return max((share for share in SHARES if share <= trace[self.metric][-1]), default=SHARES[0])
        start = float(trace[self.metric][0])
        return max(10.0 ** math.floor(math.log10(self.part * start)) if 0.0 < start < math.inf else self.part, self.least)

    def said(self, value: float) -> Text:
        """'0.001'; of a share '90%'."""
        return PERCENT.format(percent=100.0 * value) if self.rises else number(value)

    @property
    def at_the_end(self) -> Text:
        """Of an axis."""
        return AT_THE_END.format(label=self.label)

    def ends(self, value: float) -> Text:
        """Of a cell of a table."""
        return ENDS.format(label=self.label, value=self.said(value))


def of(shared: RunSpec) -> dict[str, Aim]:
    """By what runs of this problem can be judged, by the name of the column; ‖∇f‖² first.

    A metric that rises and that only some runs have is a share: of the held-out rows, where their labels are classes.
    """
    tells_classes = shared.held_out > 0.0 and shared.dataset.facts().classes != 0
    gradient = replace(GRADIENT, part=OF_NETWORKS if shared.objective.trains else USUAL, least=shared.stop_at)
    return {JUDGED: gradient, **{name: by(name) for name in known()[1:] if tells_classes}}


def known() -> tuple[str, ...]:
    """The columns by which runs of some problem can be judged, ‖∇f‖² first."""
    return (JUDGED, *(name for name in sometimes() if rises(name)))


def by(metric: str) -> Aim:
    """Judging by one of them."""
    return GRADIENT if metric == JUDGED else Aim(metric, metrics.members[metric].short or metrics.members[metric].label, SHARE)


PERCENT = Text("{percent}%", "{percent}\u00a0%")
AT_THE_END = Text("{label} at the end", "{label} в конце")
ENDS = Text("ends at {label} = {value}", "в конце {label} = {value}")
SHARE = Real(
    Text("Share ε of held-out rows told right", "Доля ε верных ответов на отложенных строках"),
    Text(
        "A run has come to ε at the record from which on its accuracy stays at or above it to the end. Moving ε computes no run.",
        "Запуск дошёл до ε на той записи, начиная с которой точность до конца не меньше ε. Сдвиг ε ничего не пересчитывает.",
    ),
    0.0,
    1.0,
)
GRADIENT = Aim(
    JUDGED,
    same("‖∇f‖²"),
    Real(
        Text("Accuracy ε of ‖∇f‖²", "Точность ε по ‖∇f‖²"),
        Text(
            "A run has come to ε at the record from which on ‖∇f‖² stays at or below it to the end. Moving ε computes no run.",
            "Запуск дошёл до ε на той записи, начиная с которой ‖∇f‖² до конца не больше ε. Сдвиг ε ничего не пересчитывает.",
        ),
        0.0,
        1e300,
    ),
)
