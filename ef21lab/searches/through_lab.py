"""A race whose candidates a lab computes: how far it is, and whose next records decide who goes on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import ClassVar

import numpy as np

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.clocks.base import Topology, topologies
from ef21lab.jobs.errands import Feeds, Piece
from ef21lab.jobs.knowledge import NotReady
from ef21lab.problems.base import Facts
from ef21lab.runs.lanes import groups
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import JUDGED
from ef21lab.searches.progress import InMemory, Reached
from ef21lab.searches.search import STARTS, Search, at, prepared

AT_ONCE = 160  # candidates that are looked at together, and given to the workers
LANES = 16  # of one piece


class LabRace(InMemory):
    """All operators, strengths, folds and steps on one problem, towards ε; see `search`.

    Nothing but the question is kept: where the race stands follows from the record of runs, so whoever asks the same goes on with it, in
    another tab, after the server was started anew, or as an errand. One thread at a time asks.
    """

    kind: ClassVar[str] = "race"

    def __init__(
        self,
        spec: RunSpec,
        epsilon: float,
        network: Topology | None = None,
        starts: int = STARTS,
        facts: Facts | None = None,
        metric: str = JUDGED,
    ) -> None:
        super().__init__()
        self.spec, self.epsilon, self.network, self.starts, self.metric = spec, epsilon, network, starts, metric
        self._facts = facts  # of the problem, where they are at hand
        self.barred: dict[str, Text] = {}  # why some runs can never be here, by key
        self._asked: Search | None = None  # before anything is known
        self._found: Search | None = None  # as it was seen last
        self._looked: set[str] = set()  # keys of runs that the lab was asked about
        self._able: set[str] = set()  # keys of runs that may begin

    @classmethod
    def of(cls, document: Mapping[str, Json]) -> LabRace:
        """The inverse of `json`. Raises Refusal, KeyError or TypeError for anything else."""
        network = document["network"]
        return cls(
            RunSpec.make(document["spec"]),
            float(document["epsilon"]),
            None if network is None else topologies.make(network),
            int(document["starts"]),
            metric=str(document.get("metric", JUDGED)),  # earlier races say none
        )

    def json(self) -> Json:
        network = None if self.network is None else topologies.json(self.network)
        return {"spec": self.spec.json(), "epsilon": self.epsilon, "network": network, "starts": self.starts, "metric": self.metric}

    @property
    def name(self) -> str:
        """12 hexadecimal digits: another for another question."""
        judged = "" if self.metric == JUDGED else f" {self.metric}"
        return sha256(f"{self.spec.key} {self.epsilon!r} {self.network!r}{judged}".encode()).hexdigest()[:12]

    @property
    def over(self) -> bool:
        """As it was seen last."""
        return self._found is not None and self._found.over

    def asked(self, lab: Feeds, owner: str) -> Search:
        """Who takes part, before anything is known. Raises Refusal where nobody does, NotReady where the problem is not known yet."""
        if self._asked is None:
            facts = self._facts or lab.facts(self.spec, owner=owner)
            self._asked = prepared(self.spec, self.epsilon, network=self.network, facts=facts, starts=self.starts, metric=self.metric)
        return self._asked

    def seen(self, lab: Feeds, owner: str) -> Search:
        """How far it is. Raises as `asked` does."""
        if self._found is None:
            self._refresh(lab, self.asked(lab, owner).specs)
            self._judge()
        elif not self.over:
            lacking = wanted(self._found)
            self._refresh(lab, [spec for spec, _ in lacking[:AT_ONCE]])
            if any(spec.key in self.barred or self._tells(spec, budget) for spec, budget in lacking[:AT_ONCE]):
                self._judge()
        while fresh := [spec for spec in self._last.final.wanted if spec.key not in self._looked]:
            self._refresh(lab, fresh)
            self._judge()
        return self._last

    def next(self, lab: Feeds, owner: str, most: int) -> list[Piece]:
        """Those who have yet to come to the next rung, or in the final to the end. Raises as `asked` does."""
        lacking: list[RunSpec] = []
        for spec, _ in wanted(self.seen(lab, owner))[:AT_ONCE]:
            try:
                if self._may_begin(spec, lab, owner):
                    lacking.append(spec)
            except NotReady:
                if not lacking:
                    raise
                break  # the others need not wait
        return list(pieces(lacking, most))[:most]

    def again(self) -> None:
        """What a limit has kept out is asked about anew."""
        self.barred.clear()
        self._able.clear()
        self._found = None

    def runs(self) -> list[RunSpec]:
        """All that may have been begun for it."""
        known = self._found or self._asked
        return [] if known is None else [*known.specs, *known.final.wanted]

    @property
    def _last(self) -> Search:
        assert self._found is not None
        return self._found

    def _judge(self) -> None:
        assert self._asked is not None
        self._found = at(self._asked.without(self.barred) if self.barred else self._asked, self)

    def _tells(self, spec: RunSpec, budget: float) -> bool:
        reached = self.look(spec)
        return self._last.yardstick.known(spec, reached.trace, reached.whole).tells(budget)

    def _refresh(self, lab: Feeds, specs: Sequence[RunSpec]) -> None:
        """What the lab knows of these now; who has failed will not be."""
        for spec in specs:
            self._looked.add(spec.key)
            status = lab.status(spec.key)
            if status is not None and status.state == "failed":
                self.barred[spec.key] = status.reason or FAILED
            elif status is not None:
                trace = lab.trace(spec.key)
                self._runs[spec.key] = Reached(
                    replace(trace, contraction=np.empty((len(trace), 0)), layers=None, x=None), None, status.state == "done"
                )

    def _may_begin(self, spec: RunSpec, lab: Feeds, owner: str) -> bool:
        if spec.key not in self._able and spec.key not in self.barred:
            try:
                lab.check(spec, owner)
                self._able.add(spec.key)
            except NotReady:
                raise
            except Refusal as refusal:
                self.barred[spec.key] = refusal.text
        return spec.key in self._able


def wanted(found: Search) -> list[tuple[RunSpec, float]]:
    """Whose records are wanted, up to which budget each."""
    return [
        *((found.specs[place], budget) for place, budget in found.race.wanted.items()),
        *((spec, math.inf) for spec in found.final.wanted),
    ]


def pieces(specs: Sequence[RunSpec], most: int) -> Iterator[Piece]:
    """Those that share lanes together, and no more of them than find room at a time."""
    size = min(LANES, most)
    for group in groups(specs):
        for begin in range(0, len(group), size):
            yield tuple(specs[place] for place in group[begin : begin + size])


FAILED = Text("the run failed", "запуск не удался")
