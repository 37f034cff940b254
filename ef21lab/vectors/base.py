"""What a vector to look at is: d numbers and the tensor shapes that they have by nature."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text
from ef21lab.runs.coordinates import coordinates, told
from ef21lab.runs.spec import RunSpec

LONGEST_DRAWN = 65_536  # numbers of a vector that is made on the spot


class Sample(NamedTuple):
    """One vector: finite float64 `values` (d,), read-only, and its natural tensor shapes, whose sizes add up to d."""

    values: np.ndarray  # (d,)
    layout: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Vector(Spec):
    """A choice of one vector: from a run, drawn from a seed, or brought by a person."""

    @abstractmethod
    def sample(self) -> Sample:
        """The vector itself, the same at every call. Raises Refusal where there is none for these settings."""

    def origin(self) -> RunSpec | None:
        """The run that the vector is taken from; None where it is from none."""
        return None

    def names(self) -> list[str]:
        """What its numbers are called, as a browser is told; nothing where they have no names."""
        origin = self.origin()
        return [] if origin is None else told(coordinates(origin))


vectors: Family[Vector] = Family(Vector, Text("vector", "вектор"), package="ef21lab.vectors")


def sample_of(values: np.ndarray, layout: tuple[tuple[int, ...], ...]) -> Sample:
    """A Sample that holds a locked copy of `values`, which may be of any shape."""
    flat = np.array(values, dtype=np.float64).reshape(-1)  # (d,)
    flat.setflags(write=False)
    return Sample(flat, layout)
