"""The objective's own initialisation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import seed_of
from ef21lab.choices.text import Text
from ef21lab.problems.base import Problem
from ef21lab.starts.base import Start
from ef21lab.streams import Stream, generator


@dataclass(frozen=True)
class InitialStart(Start):
    """x⁰ as the layers of a network are initialised; 0 for an objective that has no such custom."""

    name = "initial"
    label = Text("network's initialisation", "инициализация сети")
    about = Text(
        "The parameters of a network as PyTorch initialises them; 0 for any other objective.",
        "Параметры сети — как их инициализирует PyTorch; у других целевых функций 0.",
    )
    order = 105

    seed: int = seed_of(Text("Seed of x⁰", "Зерно x⁰"), Text("Seed of the starting point.", "Зерно начальной точки."))

    def point(self, problem: Problem) -> np.ndarray:
        return problem.initial(generator(Stream.INITIAL, self.seed))
