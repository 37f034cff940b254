"""How low contenders get within a budget of what is spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ef21lab.runs.record import rises
from ef21lab.runs.trace import Trace
from ef21lab.sweeps.bands import at

if TYPE_CHECKING:
    from pandas import DataFrame


def lowest_within(
    contenders: Sequence[tuple[Mapping[str, Any], Sequence[Trace]]], budgets: Sequence[float], metric: str, axis: str
) -> DataFrame:
    """A row for every budget and combination: the median over its repeats of the last value that a run had when it had spent no more.

    The best of each budget first. One that ended before has spent what it took to its end, `spent`; one that diverged is infinitely bad
    from there on.
    """
    from pandas import DataFrame

    x = np.array([float(budget) for budget in budgets])
    rows = []
    for varied, repeats in contenders:
        medians = np.median([at(trace, metric, axis, x) for trace in repeats], axis=0)  # (budgets,)
        spent = np.median([np.minimum(x, trace[axis][-1]) for trace in repeats], axis=0)
        rows += [{"budget": budget, **varied, "value": value, "spent": used} for budget, value, used in zip(x, medians, spent, strict=True)]
    sign = -1.0 if rises(metric) else 1.0
    ascending = sorted(rows, key=lambda row: (row["budget"], sign * row["value"]))
    return DataFrame(ascending)
