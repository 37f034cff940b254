"""What a start is: where x⁰ comes from."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from ef21lab.choices.answers import REASON, Answer
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text
from ef21lab.problems.base import Problem


def _is_point(start: Start, found: Any, problem: Problem) -> bool:
    return np.shape(found) == (problem.d,) and np.asarray(found).dtype.kind in "fiu" and bool(np.isfinite(found).all())


@dataclass(frozen=True)
class Start(Spec):
    """Where x⁰ comes from."""

    answers = MappingProxyType(
        {
            "point": Answer(_is_point, Text("a point of d finite numbers, (d,)", "точку из d конечных чисел, (d,)")),
            "absence": REASON,
        }
    )

    def absence(self) -> Text | None:
        """Why there is no such point on this machine; None where there is."""
        return None

    @abstractmethod
    def point(self, problem: Problem) -> np.ndarray:
        """x⁰ of this problem, (d,)."""


starts: Family[Start] = Family(Start, Text("start", "начальная точка"), package="ef21lab.starts")
