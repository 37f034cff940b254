"""x⁰ as an array."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab.choices.spec import bound
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.datasets.readers.memory import numbers
from ef21lab.handmade.unnamed import UNNAMED
from ef21lab.problems.base import Problem
from ef21lab.starts.base import Start


@dataclass(frozen=True)
class ArrayStart(Start):
    """x⁰ as a program gives it."""

    name = "array"
    label = Text("an array of the program", "массив из программы")
    about = Text("x⁰ as a Python program gives it.", "x⁰, каким его задала программа на Python.")
    unnamed = UNNAMED.format(what=same("x⁰"))

    content: bytes = bound(b"")  # float64: equal starts are equal

    def point(self, problem: Problem) -> np.ndarray:
        """Raises Refusal where the problem has another length."""
        x = np.frombuffer(self.content)
        if len(x) != problem.d:
            raise Refusal(OTHER_LENGTH.format(given=len(x), d=problem.d))
        return x.copy()


def start_at(x: Any) -> ArrayStart:
    """The start at this array, of any shape. Raises Refusal where it holds anything but finite numbers."""
    found = numbers(x)
    if found is None or found.size == 0 or not np.isfinite(found).all():
        raise Refusal(NO_POINT)
    return ArrayStart(found.astype(np.float64).tobytes())


NO_POINT = Text("start: finite real numbers are expected, as many as x has", "start: нужны конечные числа, столько, сколько у x")
OTHER_LENGTH = Text(
    "start holds {given:number|numbers}, and x of this problem has {d}", "в start {given:число|числа|чисел}, а у x этой задачи их {d}"
)
