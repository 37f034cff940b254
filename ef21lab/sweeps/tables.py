"""A sweep as a table of pandas, tidy: a row for every run, or for every record."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ef21lab.choices.text import Text, joined, language_of
from ef21lab.runs.record import kept_names, rises
from ef21lab.runs.standings import standings
from ef21lab.runs.trace import Trace
from ef21lab.sweeps.grid import Cell
from ef21lab.sweeps.work import Ended

if TYPE_CHECKING:
    from pandas import DataFrame


class Ran(NamedTuple):
    """A combination and what became of it."""

    cell: Cell
    outcome: Ended


def in_a_line(runs: Sequence[Ran]) -> str:
    """What a terminal shows of a sweep: how many runs over which paths, and how many of them have no trace."""
    missing = sum(ran.outcome.trace is None for ran in runs)
    parts = [RUNS.format(n=len(runs), paths=", ".join(_varied(runs))), *([MISSING.format(n=missing)] if missing else [])]
    return f"<Sweep: {joined(parts, '; ')(language_of(os.environ))}>"


def one_row_each(runs: Sequence[Ran], epsilons: Iterable[float]) -> DataFrame:
    """What was varied, where each ended, its bits to every ε, and why there is no trace where there is none."""
    from pandas import DataFrame

    names = [name for name in _names(runs) if name != "moved"]
    bounds = [float(epsilon) for epsilon in epsilons]
    columns = [*_varied(runs), *names, *(f"bits_to_{bound:g}" for bound in bounds), "diverged", "step", "error", "key"]
    return DataFrame([[*ran.cell.varied.values(), *_ends(ran.outcome, names, bounds), ran.cell.spec.key] for ran in runs], columns=columns)


def one_row_a_record(runs: Sequence[Ran]) -> DataFrame:
    """What was varied, and the columns of the trace; a run without one has no rows."""
    from pandas import DataFrame, concat

    varied, names = _varied(runs), list(_names(runs))
    parts = [
        DataFrame({path: [value] * len(trace) for path, value in ran.cell.varied.items()} | {name: _column(trace, name) for name in names})
        for ran in runs
        if (trace := ran.outcome.trace) is not None
    ]
    return concat(parts, ignore_index=True) if parts else DataFrame(columns=[*varied, *names])


def one_row_a_contender(
    contenders: Sequence[tuple[Mapping[str, Any], Sequence[Trace]]], epsilon: float, metric: str, axis: str, quantiles: tuple[float, float]
) -> DataFrame:
    """What was varied, and over the repeats of each: medians and quantiles of what it takes to ε and of where they end."""
    from pandas import DataFrame

    order = sorted(standings([repeats for _, repeats in contenders], epsilon, metric, axis), key=lambda one: one.place)
    rows = []
    for standing, (varied, repeats) in zip(order, contenders, strict=True):
        worst = -math.inf if rises(metric) else math.inf
        ends = [worst if trace.diverged else float(trace[metric][-1]) for trace in repeats]
        low, high = (np.quantile([standing.costs, ends], at, axis=1, method="inverted_cdf") for at in quantiles)  # (2,) each
        rows.append(
            {
                **varied,
                "cost": standing.cost,
                "cost_low": float(low[0]),
                "cost_high": float(high[0]),
                "final": standing.final,
                "final_low": float(low[1]),
                "final_high": float(high[1]),
                "runs": len(repeats),
                "diverged": sum(trace.diverged for trace in repeats),
            }
        )
    return DataFrame(rows)


def _names(runs: Sequence[Ran]) -> tuple[str, ...]:
    """Of the columns that some of the traces have."""
    return kept_names({name for ran in runs if ran.outcome.trace is not None for name in ran.outcome.trace.columns})


def _column(trace: Trace, name: str) -> np.ndarray:
    """Of a trace; nan where it does not have it."""
    return trace.columns.get(name, np.full(len(trace), math.nan))


def _varied(runs: Sequence[Ran]) -> list[str]:
    return [*runs[0].cell.varied]


def _ends(outcome: Ended, names: Sequence[str], bounds: Sequence[float]) -> list[Any]:
    trace, step = outcome.trace, outcome.ran.step.in_short().en
    if trace is None:
        return [*[math.nan] * (len(names) + len(bounds)), False, step, outcome.error]
    return [*(_column(trace, name)[-1] for name in names), *(trace.bits_to(bound) for bound in bounds), trace.diverged, step, None]


RUNS = Text("{n:run|runs} over {paths}", "{n:запуск|запуска|запусков}: {paths}")
MISSING = Text("{n:has|have} no trace", "без записей: {n}")
