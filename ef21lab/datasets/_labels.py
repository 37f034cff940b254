"""How the numbers in a label column become the labels of a Table."""

from __future__ import annotations

import numpy as np

MOST_CLASSES = 100


def coded(given: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels and class names for a column of numbers, (rows,).

    Two distinct numbers: −1.0 for the smaller and +1.0. Three to a hundred, all whole: 0..C−1 in their order.
    Anything else is a regression target, kept as it is, with no classes.
    """
    distinct, places = np.unique(given, return_inverse=True)
    whole = bool(np.all(distinct == np.round(distinct)))
    if len(distinct) == 2:
        return 2.0 * places - 1.0, _names(distinct)
    if whole and 3 <= len(distinct) <= MOST_CLASSES:
        return places.astype(np.intp), _names(distinct)
    return given.astype(np.float64), ()


def _names(distinct: np.ndarray) -> tuple[str, ...]:
    return tuple(f"{number:.17g}" for number in distinct)
