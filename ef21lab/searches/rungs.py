"""Successive halving: what is still wanted of whom, and how everybody stands, as a function of what is known of their curves.

A rung is an amount spent (bits of a node, or seconds on a network), the same for all. At a rung everybody is judged by what they had
come to when they had spent as much; the better half goes on to the next rung, which is twice as far, so that rungs cost about the same
each (K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization", AISTATS 2016, algorithm 1,
with bits for pulls of an arm). A race to ε knows more than that:

- who stands at ε at a rung steps aside. Nobody who is still above it there can come to it for less, unless the other leaves ε again;
- from three of them on, or when so few are left, the rest is best-first search. The least that each can still need is known: of who
  stands at ε what that took, of anybody else what they have spent. The three who can need the least go on, rung by rung, until three
  have stayed at ε to the end of their rounds. Of those who were not dropped nobody needs less than the first of these;
- who is as good as the last of the better half, within a factor ALIKE, goes on with it: while all stand on one plateau nobody is dropped;
- while there are many, the best of every kind goes on whatever the others do: no operator is lost because it starts slowly.

What halving cannot promise is that who is slow at first and fast later is not dropped. Nothing is known of a curve beyond what has been
computed of it, and no bound on what comes holds for curves in general. Hyperband (L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh,
A. Talwalkar, "Hyperband: a novel bandit-based approach to hyperparameter optimization", JMLR 18, 2018, algorithm 1) hedges with brackets
that begin later with fewer candidates; here a later first rung does so for all of them, at its price.

A decision at a rung reads no record beyond it. So it does not depend on who computes, in which order, or how much more is known already,
and what was interrupted goes on by asking again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from ef21lab.runs.reach import reached

FACTOR = 2.0  # from a rung to the next
FINALISTS = 3
ALIKE = 1.25  # values that differ by no more than this factor are not told apart
MANY = 4  # times as many as there are kinds: above that the best of every kind goes on


class Known(NamedTuple):
    """What is known of one candidate: of its records from x⁰ on."""

    spent: np.ndarray  # (records,) ascending
    values: np.ndarray  # (records,) what is to come to ε
    whole: bool  # no record follows
    diverged: bool = False

    def tells(self, budget: float) -> bool:
        """Whether all of its records up to this budget are known."""
        return self.whole or (len(self.spent) > 0 and float(self.spent[-1]) > budget)


class Judged(NamedTuple):
    """How one candidate stands at a rung."""

    records: int  # that were read
    spent: float
    level: float  # the greatest value since half of that was spent; inf where it has diverged
    cost: float  # what it had spent when it came to ε, at which it still stands; inf where it is above ε
    over: bool  # it has no rounds left, or has diverged

    @property
    def least(self) -> float:
        """The least that it can need for ε, unless it leaves ε again."""
        return self.cost if self.over or math.isfinite(self.cost) else self.spent


UNKNOWN = Judged(0, 0.0, math.inf, math.inf, False)


class Rung(NamedTuple):
    """One rung of the halving."""

    budget: float
    entered: int  # who were judged here
    dropped: tuple[int, ...]  # the best of them first


class Race(NamedTuple):
    """How far a race is. Candidates are meant by their places among those given."""

    rungs: tuple[Rung, ...] = ()  # the last is not judged yet where something is wanted of those who entered it
    marks: Mapping[int, Judged] = MappingProxyType({})  # the last of each
    order: tuple[int, ...] = ()  # all of them: who can need the least first, then who ended above ε, last who was dropped first
    racing: tuple[int, ...] = ()  # who may still be the first, or is
    wanted: Mapping[int, float] = MappingProxyType({})  # up to which budgets records are needed for the next decision
    equal: float = math.inf  # where nobody came to ε: at what budget those who were left were compared

    @property
    def over(self) -> bool:
        return not self.wanted

    @property
    def dropped(self) -> dict[int, float]:
        """At which budget each of those who were dropped was."""
        return {place: rung.budget for rung in self.rungs for place in rung.dropped}

    @property
    def reached(self) -> tuple[int, ...]:
        """Who have stayed at ε to the end of their rounds, who needed least first."""
        return tuple(place for place in self.order if (mark := self.marks.get(place)) and mark.over and math.isfinite(mark.cost))


def race(known: Callable[[int], Known], kinds: Sequence[Hashable], epsilon: float, first: float) -> Race:
    """The race of len(kinds) candidates to ε from its beginning to where what is known of them ends.

    `known(place)` is what is known of a candidate, `kinds` what each is one of, `first` the budget of the first rung. The same is wanted
    and decided whatever else is known; ties go to whom was given first.
    """
    return _Race(known, kinds, epsilon, first).run()


class _Race:
    def __init__(self, known: Callable[[int], Known], kinds: Sequence[Hashable], epsilon: float, first: float) -> None:
        self._known, self._kinds, self._epsilon = known, kinds, epsilon
        self._budget = first
        self._racing = list(range(len(kinds)))
        self._there: list[int] = []  # at ε
        self._ended: list[int] = []  # above it, without rounds left
        self._rungs: list[Rung] = []
        self._marks: dict[int, Judged] = {}

    def run(self) -> Race:
        while True:
            if wanted := self._untold(dict.fromkeys(self._racing, self._budget)):
                self._rungs.append(Rung(self._budget, len(self._racing), ()))
                return self._told(wanted)
            self._judge()
            if len(self._there) + len(self._racing) <= FINALISTS or len(self._there) >= FINALISTS:
                return self._told(self._finish())
            self._budget *= FACTOR

    def _judge(self) -> None:
        """Who goes on from this rung."""
        entered = self._racing
        self._marks |= {place: mark(self._known(place), self._budget, self._epsilon) for place in entered}
        at_epsilon = [place for place in entered if math.isfinite(self._marks[place].cost)]
        over = [place for place in entered if self._marks[place].over and place not in at_epsilon]
        going = sorted((place for place in entered if place not in {*at_epsilon, *over}), key=self._by_level)
        self._there += at_epsilon
        self._ended += over
        room = max(math.ceil(len(entered) / FACTOR) - len(at_epsilon), FINALISTS - len(self._there), 0)
        cut = ALIKE * self._marks[going[room - 1]].level if 0 < room <= len(going) else 0.0
        room += sum(self._marks[place].level <= cut for place in going[room:])
        best, others = going[:room], going[room:]
        if len(entered) > MANY * len({*self._kinds}):
            kinds = {self._kinds[place] for place in best}
            for place in list(others):
                if self._kinds[place] not in kinds:
                    kinds.add(self._kinds[place])
                    best.append(place)
                    others.remove(place)
        self._racing = best
        self._rungs.append(Rung(self._budget, len(entered), tuple(others)))

    def _finish(self) -> dict[int, float]:
        """Best first, rung by rung; what is wanted for the next decision, if anything is."""
        budgets = dict.fromkeys([*self._there, *self._racing], self._budget)
        while True:
            first = sorted(budgets, key=self._by_least)[:FINALISTS]
            further = {place: budgets[place] * FACTOR for place in first if not self._marks[place].over}
            if not further:
                return {}
            if wanted := self._untold(further):
                return wanted
            budgets |= further
            self._marks |= {place: mark(self._known(place), budget, self._epsilon) for place, budget in further.items()}

    def _untold(self, budgets: dict[int, float]) -> dict[int, float]:
        return {place: budget for place, budget in budgets.items() if not self._known(place).tells(budget)}

    def _told(self, wanted: dict[int, float]) -> Race:
        left = [place for place in (*self._there, *self._racing) if self._marks.get(place, UNKNOWN).least < math.inf]
        ended = [place for place in (*self._ended, *self._there, *self._racing) if place not in left]
        last = [] if wanted or left else self._there + self._racing or self._ended
        equal = min((self._marks[place].spent for place in last), default=math.inf)
        at_equal = {place: mark(self._known(place), min(equal, self._marks[place].spent), self._epsilon).level for place in ended}
        order = [*sorted(left, key=self._by_least), *sorted(ended, key=lambda place: (at_equal[place], place))]
        dropped = [place for rung in reversed(self._rungs) for place in rung.dropped]
        return Race(tuple(self._rungs), dict(self._marks), (*order, *dropped), tuple(left), wanted, equal)

    def _by_level(self, place: int) -> tuple[float, int]:
        return self._marks[place].level, place

    def _by_least(self, place: int) -> tuple[float, float, int]:
        known = self._marks.get(place, UNKNOWN)
        return known.least, 0.0 if math.isfinite(known.cost) else known.level, place


def mark(known: Known, budget: float, epsilon: float) -> Judged:
    """How a candidate stands when it has spent `budget`, of which it tells: at x⁰, at least."""
    records = max(1, int(np.searchsorted(known.spent, budget, side="right")))
    spent, values = known.spent[:records], known.values[:records]
    over = known.whole and records == len(known.spent)
    if over and known.diverged:
        return Judged(records, float(spent[-1]), math.inf, math.inf, True)
    place = reached(values, epsilon)
    half = int(np.searchsorted(spent, spent[-1] / 2))
    level = float(np.max(np.where(np.isnan(values[half:]), math.inf, values[half:])))
    return Judged(records, float(spent[-1]), level, math.inf if place is None else float(spent[place]), over)
