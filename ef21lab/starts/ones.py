"""The vector of ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.problems.base import Problem
from ef21lab.starts.base import Start


@dataclass(frozen=True)
class OnesStart(Start):
    """x⁰ = (1, …, 1)."""

    name = "ones"
    label = Text("all ones", "все единицы")
    about = Text("Every coordinate is 1.", "Каждая координата равна 1.")
    order = 110

    def point(self, problem: Problem) -> np.ndarray:
        return np.ones(problem.d)
