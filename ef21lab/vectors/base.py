"""What a vector to look at is: d numbers and the tensor shapes that they have by nature."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ef21lab.choices.answers import Answer
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


def _is_sample(vector: Vector, found: Any) -> bool:
    values = found.values
    is_vector = isinstance(values, np.ndarray) and values.ndim == 1 and values.dtype == np.float64 and bool(np.isfinite(values).all())
    return isinstance(found, Sample) and is_vector and 0 < len(values) == sum(math.prod(shape) for shape in found.layout)


def _are_names(vector: Vector, found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(name, str) for name in found)


@dataclass(frozen=True)
class Vector(Spec):
    """A choice of one vector: from a run, drawn from a seed, or brought by a person."""

    answers = MappingProxyType(
        {
            "sample": Answer(
                _is_sample,
                Text(
                    "a Sample of finite float64 numbers (d,) and of tensor shapes that add up to d",
                    "Sample из конечных чисел float64 (d,) и форм тензоров, в сумме дающих d",
                ),
            ),
            "origin": Answer(
                lambda vector, found: found is None or isinstance(found, RunSpec), Text("a RunSpec, or None", "RunSpec или None")
            ),
            "names": Answer(_are_names, Text("a list of words", "список слов")),
        }
    )

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
