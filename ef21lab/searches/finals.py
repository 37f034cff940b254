"""The final of a race: its first three run to their ends from other starts too, and the median over all starts decides."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

from ef21lab.runs.repeats import repeated
from ef21lab.runs.spec import RunSpec
from ef21lab.searches.rungs import Known, Race, mark


class Final(NamedTuple):
    """How far a final is. Finalists are meant by their places among the candidates."""

    costs: Mapping[int, tuple[float, ...]] = MappingProxyType({})  # of each from every start; inf where it does not come to ε
    order: tuple[int, ...] = ()  # who needs the least in the median first
    wanted: tuple[RunSpec, ...] = ()  # runs that are not whole yet
    runs: int = 0  # of all finalists from all other starts

    @property
    def over(self) -> bool:
        return not self.wanted

    def median(self, place: int) -> float:
        """Over the starts: as much or less in half of them or more; inf where it comes to ε in less than half of them."""
        return middle(self.costs[place])


def middle(costs: Sequence[float]) -> float:
    """The median; of an even number half-way, inf where that is of one that is inf."""
    return float(median(costs))


def final(
    race: Race,
    specs: Sequence[RunSpec],
    starts: int,
    finalists: int,
    known: Callable[[RunSpec], Known],
    epsilon: float,
    barred: Collection[str] = (),
) -> Final:
    """The final of a race that is over, as far as what is known of its runs goes; there is none where nobody has come to ε.

    Who has a run that can never be, by its key in `barred`, is not compared.
    """
    if not race.over or starts < 2:
        return Final()
    others = {place: [repeated(specs[place], start) for start in range(1, starts)] for place in race.reached[:finalists]}
    others = {place: runs for place, runs in others.items() if not any(run.key in barred for run in runs)}
    reached = {spec: known(spec) for runs in others.values() for spec in runs}
    wanted = tuple(spec for spec, one in reached.items() if not one.whole)
    if wanted:
        return Final(wanted=wanted, runs=len(reached))
    costs = {
        place: (race.marks[place].cost, *(mark(reached[run], math.inf, epsilon).cost for run in runs)) for place, runs in others.items()
    }
    return Final(costs, tuple(sorted(costs, key=lambda place: middle(costs[place]))), (), len(reached))
