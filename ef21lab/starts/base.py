"""What a start is: where x⁰ comes from."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text
from ef21lab.problems.base import Problem


@dataclass(frozen=True)
class Start(Spec):
    """Where x⁰ comes from."""

    def absence(self) -> Text | None:
        """Why there is no such point on this machine; None where there is."""
        return None

    @abstractmethod
    def point(self, problem: Problem) -> np.ndarray:
        """x⁰ of this problem, (d,)."""


starts: Family[Start] = Family(Start, Text("start", "начальная точка"), package="ef21lab.starts")
