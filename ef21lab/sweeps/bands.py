"""Repeats as a band: the median and two quantiles of them, on one axis.

Repeats end at different places. What one is beyond its own end depends on why it ended: one that diverged is infinite there; one that came
to the ‖∇f‖² at which it was to end has what it ended with, however much more may be spent; of one whose rounds are over nothing is known,
and there the band ends. To leave out those that have ended would show the slow ones alone, and a median that never comes to ε.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ef21lab.runs.record import rises
from ef21lab.runs.trace import Trace


class RepeatBand(NamedTuple):
    """What some repeats have in common at every point of an axis."""

    varied: Mapping[str, Any]  # the settings that are not repeats
    x: np.ndarray  # (points,) what had been spent
    median: np.ndarray  # (points,)
    low: np.ndarray  # (points,) the lower quantile, one of the values
    high: np.ndarray  # (points,)
    runs: int


def band(
    varied: Mapping[str, Any],
    repeats: Sequence[Trace],
    metric: str = "grad_norm_sq",
    axis: str = "bits_up",
    quantiles: tuple[float, float] = (0.25, 0.75),
    points: int | None = 200,
) -> RepeatBand:
    """The band of at least one trace, as far as all are known: at so many even points, or with None wherever one of them has a record.

    At a point the value of a run is that of its last record that is not beyond the point. A run that diverged is infinite from there on
    (−∞ where the metric rises as a run gets better), one that stopped (`Trace.stopped_at`) stays what it was: neither shortens the others,
    and where all have stopped the band goes to the end of the last of them.
    """
    first, last = max(float(trace[axis][0]) for trace in repeats), _reach(repeats, axis)
    x = _even(first, last, points) if points is not None else _recorded(repeats, axis, first, last)
    values = np.stack([at(trace, metric, axis, x) for trace in repeats])  # (runs, points)
    low, high = np.quantile(values, quantiles, axis=0, method="inverted_cdf")
    return RepeatBand(varied, x, np.median(values, axis=0), low, high, len(repeats))


def _reach(repeats: Sequence[Trace], axis: str) -> float:
    """How far along the axis all of them are known, or as far as any of them changes."""
    ends = [float(trace[axis][-1]) for trace in repeats]
    going = [end for end, trace in zip(ends, repeats, strict=True) if not trace.diverged and not trace.stopped_at]
    stopped = [end for end, trace in zip(ends, repeats, strict=True) if trace.stopped_at]
    return min(going) if going else max(stopped, default=min(ends))


def _even(first: float, last: float, points: int) -> np.ndarray:
    return np.linspace(first, max(first, last), points)


def _recorded(repeats: Sequence[Trace], axis: str, first: float, last: float) -> np.ndarray:
    x = np.unique(np.concatenate([trace[axis] for trace in repeats]))
    return x[(first <= x) & (x <= max(first, last))]


def at(trace: Trace, metric: str, axis: str, x: np.ndarray) -> np.ndarray:
    """The values of one run at x, (points,): of its last record that is not beyond, of its first where all are."""
    worst = -math.inf if rises(metric) else math.inf
    values = np.where(np.isnan(trace[metric]), worst, trace[metric])
    place = np.searchsorted(trace[axis], x, side="right") - 1
    found = values[np.maximum(place, 0)]
    return np.where(x > trace[axis][-1], worst, found) if trace.diverged else found
