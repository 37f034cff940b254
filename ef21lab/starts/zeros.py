"""The origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.problems.base import Problem
from ef21lab.starts.base import Start


@dataclass(frozen=True)
class ZerosStart(Start):
    """x⁰ = 0."""

    name = "zeros"
    label = Text("zero", "ноль")
    about = Text("x⁰ = 0.", "x⁰ = 0.")

    def point(self, problem: Problem) -> np.ndarray:
        return np.zeros(problem.d)
