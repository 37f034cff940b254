"""How well x does on rows that no node has."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.text import Text
from ef21lab.metrics.base import Array, Metric, Moment
from ef21lab.problems.base import Problem


@dataclass(frozen=True)
class Accuracy(Metric):
    """The share of the held-out rows whose class x tells right, in [0, 1]; nan where x has overflowed.

    Where x is undecided between classes the first of them is meant: at x = 0 that is the share of the first class.
    """

    name = "accuracy"
    label = Text("accuracy on held-out rows", "точность на отложенных строках")
    about = Text(
        "The share of held-out rows that are classified right; there where rows are held out.",
        "Доля верно распознанных отложенных строк; есть там, где строки отложены.",
    )
    short = Text("accuracy", "точность")
    order = 40
    always = False
    rises = True

    def applies(self, problem: Problem) -> bool:
        return problem.held_out is not None

    def measure(self, moment: Moment) -> Array:
        assert moment.held_out is not None  # it applies
        return moment.held_out.accuracy(moment.state.x)
