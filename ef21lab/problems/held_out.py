"""How well x tells the classes of rows that no node has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = Any
Classifier = Callable[[Array], Array]  # x (lanes, d) → of which class each row is, as its place among the classes, (lanes, rows)


class HeldOut:
    """Rows that no node has, and of which class x says that each of them is."""

    def __init__(self, classifier: Classifier, classes: np.ndarray) -> None:
        self._classifier, self._classes = classifier, classes  # (rows,) the place of the class that each row is of

    @property
    def rows(self) -> int:
        return len(self._classes)

    def accuracy(self, x: Array) -> Array:
        """The share of the rows that x (lanes, d) tells right, (lanes,) in [0, 1]; nan where x has overflowed."""
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging lane is a result
            right = (self._classifier(x) == self._classes).mean(axis=-1)
        return np.where(np.isfinite(x).all(axis=-1), right, np.nan)
