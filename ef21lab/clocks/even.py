"""From which bandwidth on a run is no longer the faster of two."""

from __future__ import annotations

import math
from typing import NamedTuple

from ef21lab.clocks.base import Clock, Columns


class SecondsSpent(NamedTuple):
    """Seconds until ε on a network: those that any bandwidth would cost, and those that a k times wider one divides by k."""

    fixed: float
    sending: float


class Faster(NamedTuple):
    """Between these factors of today's bandwidth, exclusive, the first of two runs is the faster; nowhere where they are equal."""

    low: float
    high: float


def spent(clock: Clock, columns: Columns, place: int | None) -> SecondsSpent | None:
    """What a run has spent at the record `place` at which it reached ε; None where it did not."""
    if place is None:
        return None
    parts = clock.parts(columns)
    return SecondsSpent(float(parts.waiting[place] + parts.computing[place]), float(parts.sending[place]))


def faster(own: SecondsSpent | None, other: SecondsSpent | None) -> Faster:
    """The factors k with own.fixed + own.sending/k < other.fixed + other.sending/k. Who does not reach ε is never the faster one.

    An interval, as both sides are linear in 1/k: (0, k*) where compression pays on slow links only, (0, ∞) where it always does.
    """
    if own is None:
        return Faster(0.0, 0.0)
    if other is None:
        return Faster(0.0, math.inf)
    more, less = own.fixed - other.fixed, other.sending - own.sending  # faster where more < less/k
    if more < 0:
        return Faster(0.0 if less >= 0 else less / more, math.inf)
    if less <= 0:
        return Faster(0.0, 0.0)
    return Faster(0.0, less / more if more > 0 else math.inf)
