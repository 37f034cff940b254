"""What the panels of figures have in common: their axes, and what of a trace they can show."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.plots.palette import lines
from ef21lab.runs.trace import Trace

ROUNDS = Text("rounds", "раунды")
BITS = Text("bits sent per node", "отправлено бит на узел")
MULTIPLES = Text("step, times that of theory", "шаг, во сколько раз больше теоретического")
AGAINST = Text("{own} against {other}", "{own} против {other}")
SQUARE = same("‖∇f(x)‖²")


def lines_of(methods: Iterable[str]) -> list[Line]:
    """The line of each method, told apart among themselves."""
    return lines([algorithms.members[method] for method in methods])


def against(trace: Trace, axis: str, metric: str = "grad_norm_sq") -> tuple[np.ndarray, np.ndarray]:
    """The points of a curve that a logarithmic scale can show: (points,) each."""
    x, y = trace[axis], trace[metric]
    shown = np.isfinite(y) & (y > 0)
    return x[shown], y[shown]
