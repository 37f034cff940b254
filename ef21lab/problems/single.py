"""A problem whose x and gradients are float32: every number of a gradient is rounded once, and the loss is that at the rounded x."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from ef21lab.problems.base import Point, Problem

Array = Any


class SinglePrecision(Problem):
    """f of another problem at x as float32 holds it; gradients are (lanes, nodes, d) of float32, and their sums are of float64."""

    def __init__(self, problem: Problem) -> None:
        self.facts, self._problem = problem.facts, problem

    def at(self, x: Array) -> Point:
        return _SinglePoint(self._problem.at(x.astype(np.float32).astype(float)))

    def measured(self) -> Problem:
        return SinglePrecision(self._problem.measured())


class _SinglePoint(Point):
    def __init__(self, point: Point) -> None:
        self._point = point

    @cached_property
    def gradients(self) -> Array:
        rounded = self._point.gradients.astype(np.float32)
        self._point.let_go()
        return rounded

    def sampled(self, rows: Array) -> Array:
        return self._point.sampled(rows).astype(np.float32)

    def loss(self) -> Array:
        return self._point.loss()

    def let_go(self) -> None:
        vars(self).pop("gradients", None)
        self._point.let_go()
