"""When a run has reached ε: the first record from which on it stays there, to the end of its budget.

A first hit would reward runs that leave again, and final values say nothing once they saturate at rounding.
"""

from __future__ import annotations

import numpy as np


def reached(values: np.ndarray, epsilon: float, stays: bool = True) -> int | None:
    """The place in `values` (records,) of the first from which on all are at or below ε; None where the last is above it, or none.

    With `stays` False, the first that is there at all, whatever follows. A value that is nan is not at ε. Raises ValueError where ε is nan.
    """
    if np.isnan(epsilon):
        raise ValueError("ε is a number")
    there = np.asarray(values) <= epsilon
    if not stays:
        return int(there.argmax()) if there.any() else None
    above = np.flatnonzero(~there)
    first = int(above[-1]) + 1 if above.size else 0
    return first if first < len(there) else None
