"""How the numbers in a label column become the labels of a Table."""

from __future__ import annotations

import numpy as np

from ef21lab.choices.text import Refusal, Text

MOST_CLASSES = 100
NOT_CLASSES = Text(
    "the label column holds {count:number|different numbers}; classes are 2..{most} of them",
    "в столбце меток {count:число|разных числа|разных чисел}; классов должно быть от 2 до {most}",
)


def coded(given: np.ndarray, task: str = "auto") -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels and class names for a column of numbers, (rows,).

    Two distinct numbers: −1.0 for the smaller and +1.0. Three to a hundred, all whole: 0..C−1 in their order.
    Anything else is a regression target, kept as it is, with no classes. The task "numbers" makes any column a target; "classes" makes
    classes of numbers that are not whole too, and raises Refusal where there are too many.
    """
    distinct, places = np.unique(given, return_inverse=True)
    whole = task == "classes" or bool(np.all(distinct == np.round(distinct)))
    if task == "classes" and not 2 <= len(distinct) <= MOST_CLASSES:
        raise Refusal(NOT_CLASSES.format(count=len(distinct), most=MOST_CLASSES))
    if len(distinct) == 2 and task != "numbers":
        return 2.0 * places - 1.0, _names(distinct)
    if task != "numbers" and whole and 3 <= len(distinct) <= MOST_CLASSES:
        return places.astype(np.intp), _names(distinct)
    return given.astype(np.float64), ()


def _names(distinct: np.ndarray) -> tuple[str, ...]:
    return tuple(f"{number:.17g}" for number in distinct)
