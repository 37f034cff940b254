"""How a vector is folded and truncated, what is sent of it, and the words of the fields that say so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ef21lab.choices.text import Text
from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.wire import gauge
from ef21lab.compressors.wire.gauge import Frame

FOLD = Text("Fold", "Форма тензора")
FOLD_ABOUT = Text(
    "The tensor that the vector is folded into: its own shape, near-cubic, or any sides; zeros fill what is left.",
    "Тензор, в который сворачивается вектор: собственная форма задачи, почти куб или любые стороны; остаток заполняют нули.",
)

MATRIX_ABOUT = Text(
    "The matrix that the vector is folded into: its own shape (first side × all others), near-square, or any two sides; "
    "zeros fill what is left.",
    "Матрица, в которую сворачивается вектор: собственная форма задачи (первая сторона × остальные), почти квадрат "
    "или любые две стороны; остаток заполняют нули.",
)
RANK = Text("Rank, r", "Ранг, r")
RANK_ABOUT = Text("How many directions of the matrix are kept.", "Сколько направлений матрицы оставить.")


class Plan(NamedTuple):
    """How vectors of one length are folded and truncated. From `sides` on, in the order of processing."""

    dims: Shape
    modes: Shape  # modes[k] is the axis of dims that is processed k-th
    sides: Shape
    asked: Shape  # the ranks of the settings
    ranks: Shape  # those of them that a tensor can have


class Sizes(NamedTuple):
    """What a decomposition sends: frames of these (I, r), and a core of this shape."""

    frames: Sequence[tuple[int, int]]
    core: Shape

    @property
    def floats(self) -> int:
        """Σ r (I − r) over the frames, and the core."""
        return gauge.floats(self.frames) + math.prod(self.core)

    @property
    def bits(self) -> int:
        """32 for each float, and the pivots."""
        return 32 * self.floats + gauge.pivot_bits(self.frames)


class Decomposed(NamedTuple):
    """n tensors as frames and a core (n, …)."""

    frames: Sequence[Frame]
    core: Array
