"""What the operators share that run tensorly's own decompositions: how long it searches, the order of the axes, what its start takes."""

from __future__ import annotations

import math
from typing import Any

from ef21lab.choices import spec
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Shape
from ef21lab.compressors.low_rank.spectra import times_of_svd

CALL = 1e-4  # seconds that tensorly takes for one mode of one tensor beside its arithmetic


def sweeps() -> Any:
    """The field of the most sweeps of one search."""
    return spec.integer(
        10,
        1,
        100,
        Text("Sweeps at most", "Не больше проходов"),
        Text("tensorly stops sooner where a sweep changes little.", "tensorly остановится раньше, если проход мало что меняет."),
    )


class AxesAsTheyStand:
    """Where the search goes through the axes as they are given to it."""

    def processed(self, dims: Shape) -> Shape:
        """The axes as they stand: in this order tensorly goes through them."""
        return tuple(range(len(dims)))


def seconds_to_start(sides: Shape) -> float:
    """A full SVD of every unfolding."""
    return sum(CALL + times_of_svd(side, math.prod(sides) // side) for side in sides)
