"""A starting point drawn at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import seed_of
from ef21lab.choices.text import Text
from ef21lab.problems.base import Problem
from ef21lab.starts.base import Start
from ef21lab.streams import Stream, generator


@dataclass(frozen=True)
class NormalStart(Start):
    """x⁰ = numpy.random.default_rng(seed).normal(size=d)."""

    name = "normal"
    label = Text("standard normal", "нормальное распределение")
    about = Text("Every coordinate drawn from N(0, 1).", "Каждая координата из N(0, 1).")

    seed: int = seed_of(Text("Seed of x⁰", "Зерно x⁰"), Text("Seed of the starting point.", "Зерно начальной точки."))

    def point(self, problem: Problem) -> np.ndarray:
        return generator(Stream.START, self.seed).normal(size=problem.d)
