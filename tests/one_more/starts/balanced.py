"""A start that asks the problem for its tensors: each is drawn in the size that suits its own last side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.problems.base import Problem
from ef21lab.starts.base import Start
from ef21lab.streams import Stream, generator


@dataclass(frozen=True)
class Balanced(Start):
    """Every tensor of x⁰ is normal with variance 1/(its last side)."""

    name = "balanced"
    label = Text("balanced", "сбалансированная")
    about = Text("Every tensor by its own last side.", "Каждый тензор — по своей последней стороне.")

    def point(self, problem: Problem) -> np.ndarray:
        rng = generator(Stream.START, 0)
        return np.concatenate([rng.normal(size=math.prod(shape)) / math.sqrt(shape[-1]) for shape in problem.facts.layout])
