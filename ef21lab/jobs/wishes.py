"""What visitors want of runs that are not over, and whose turn it is. Nothing here computes, waits or writes."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ef21lab.jobs.store import State
from ef21lab.problems.base import Facts
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.spec import RunSpec

Wish = Literal["run", "pause", "stop"]

MOST_VISITORS = 2_000  # remembered at a time; those unheard of for longest are taken to have left


@dataclass
class Visitor:
    """One page: what it shows, and what its visitor wants of each run there."""

    wishes: dict[str, Wish] = field(default_factory=dict)  # by key
    shown: set[str] | None = None  # by the last `watch`
    served: int = 0  # the turn in which a run of theirs was last computed


@dataclass(eq=False)
class Going:
    """A run that is not over."""

    spec: RunSpec
    number: int  # in the order of asking
    facts: Facts | None = None  # of its problem: none where it is begun anew after a loss
    round: int = -1  # the last recorded
    watchers: set[str] = field(default_factory=set)
    left: bool = False  # nobody watches, but the last who did wanted it to run
    steps: int = 0  # records to compute though it is paused
    opened: bool = False  # its checkpoint has been looked up
    checkpoint: Checkpoint | None = None
    started: bool = False  # a chunk was asked for
    group: int | None = None  # it is computed together with the others of this group while they are at the same round
    in_flight: bool = False
    served: int = 0

    @property
    def key(self) -> str:
        return self.spec.key

    @property
    def place(self) -> int:
        """What it takes of the room that there is: runs of one group take one place together."""
        return self.number if self.group is None else self.group


class Wishes:
    """Runs that are not over, and visitors. Whoever reads or changes several things at once holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.runs: dict[str, Going] = {}
        self.visitors: dict[str, Visitor] = {}  # the one heard of last is last
        self._turn = itertools.count(1)
        self._left_served = 0

    def visitor(self, name: str) -> Visitor:
        """This visitor, heard of just now."""
        self.visitors[name] = known = self.visitors.pop(name, None) or Visitor()
        return known

    def longest_silent(self) -> str | None:
        """Who is to be taken to have left, where more are remembered than MOST_VISITORS."""
        return next(iter(self.visitors)) if len(self.visitors) > MOST_VISITORS else None

    def add(self, spec: RunSpec, facts: Facts | None) -> Going:
        """One more run, which nobody watches yet."""
        run = self.runs[spec.key] = Going(spec, next(self._turn), facts)
        return run

    def group(self, runs: Sequence[Going]) -> None:
        """These, which may share lanes, are computed together from now on."""
        number = next(self._turn)
        for run in runs:
            run.group = number

    def live(self, keys: Iterable[str]) -> list[Going]:
        return [self.runs[key] for key in keys if key in self.runs]

    def attach(self, run: Going, visitor: str) -> None:
        run.watchers.add(visitor)
        run.left = False

    def detach(self, run: Going, visitor: str) -> None:
        """`visitor` does not show it any more."""
        run.watchers.discard(visitor)
        self.visitors[visitor].wishes.pop(run.key, None)

    def of(self, run: Going) -> set[Wish]:
        return {self.visitors[visitor].wishes[run.key] for visitor in run.watchers}

    def count(self, run: Going, wish: Wish) -> int:
        """How many of those who show it wish this."""
        return sum(self.visitors[visitor].wishes[run.key] == wish for visitor in run.watchers)

    def wanted(self, run: Going) -> bool:
        return run.left or run.steps > 0 or "run" in self.of(run)

    def state(self, run: Going) -> State:
        if not self.wanted(run):
            return "paused"
        return "running" if run.started else "queued"

    def showing(self, key: str) -> list[str]:
        """The visitors who want this run to go on."""
        return [name for name, visitor in self.visitors.items() if visitor.wishes.get(key) == "run"]

    def waiting(self) -> list[Going]:
        """Runs that a worker could take up now, the one whose turn it is first."""
        ready = (run for run in self.runs.values() if run.opened and not run.in_flight)
        return sorted(filter(self.wanted, ready), key=self._order)

    def together(self, waiting: list[Going]) -> list[Going]:
        """The first of those that wait, and all that are computed together with it."""
        first = waiting[0]
        if first.group is None or first.steps:
            return [first]
        return [run for run in waiting if (run.group, run.round, run.steps) == (first.group, first.round, 0)]

    def serve(self, run: Going) -> int | None:
        """It is this run's turn; how many records it is to compute, None for as many as there is time for."""
        run.served = turn = next(self._turn)
        for visitor in run.watchers:
            self.visitors[visitor].served = turn
        self._left_served = turn if run.left else self._left_served
        most = 1 if run.steps > 0 else None
        run.steps = max(0, run.steps - 1)
        run.started = run.in_flight = True
        return most

    def _order(self, run: Going) -> tuple[bool, bool, int, int, int]:
        """What somebody watches first; of that single steps and runs without a point; then the visitor and of theirs the run served
        longest ago; then the newest."""
        asking = (visitor for visitor in run.watchers if self.visitors[visitor].wishes[run.key] == "run")
        served = min((self.visitors[visitor].served for visitor in asking), default=self._left_served)
        return run.left, run.round >= 0 and run.steps == 0, served, run.served, -run.number
