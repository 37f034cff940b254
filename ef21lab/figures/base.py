"""What a figure is: the runs that it needs, and what their traces say of a claim that somebody has published."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from ef21lab.choices.answers import REASON, WORDS, Answer
from ef21lab.choices.fields import Json
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text
from ef21lab.figures.compared import Compared
from ef21lab.plots.panels import Panel
from ef21lab.problems.base import Facts
from ef21lab.runs.lanes import run_many
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace

Traces = Mapping[RunSpec, Trace]


class Claim(NamedTuple):
    """A claim that can fail: what is expected, what was measured, and whether that is as expected."""

    expected: Text
    measured: Text
    holds: bool

    @property
    def word(self) -> Text:
        """Whether it holds, in a word."""
        return HOLDS if self.holds else FAILS


class Tabled(NamedTuple):
    """A table of what was measured; every row has as many cells as the head."""

    title: Text
    head: tuple[Text, ...]
    sides: str  # of each column: l for words, r for numbers
    rows: tuple[tuple[Text, ...], ...]


class Outcome(NamedTuple):
    """What the traces say."""

    claims: tuple[Claim, ...]
    panels: tuple[Panel, ...]
    tables: tuple[Tabled, ...] = ()
    compared: Compared | None = None  # where it is a comparison with one rival: what an overview shows of it

    @property
    def holds(self) -> bool:
        """Whether all came out as expected."""
        return all(claim.holds for claim in self.claims)


@dataclass(frozen=True)
class Figure(Spec):
    """A figure of the literature. Its settings say how large it is computed; the defaults are those that its claims are about."""

    answers = MappingProxyType(
        {
            "posed": Answer(
                lambda figure, found: isinstance(found, Mapping), Text("the beginning of a run as JSON", "начало запуска в JSON")
            ),
            "runs": Answer(
                lambda figure, found, facts: isinstance(found, tuple) and found and all(isinstance(run, RunSpec) for run in found),
                Text("a tuple of RunSpec", "кортеж из RunSpec"),
            ),
            "read": Answer(lambda figure, found, *asked: isinstance(found, Outcome), Text("an Outcome", "Outcome")),
            "cases": Answer(
                lambda figure, found: isinstance(found, tuple) and all(isinstance(one, Figure) for one in found),
                Text("a tuple of Figure", "кортеж из Figure"),
            ),
            "case": WORDS,
            "absence": REASON,
        }
    )

    source: ClassVar[Text]  # who has claimed it, and where

    @abstractmethod
    def posed(self) -> Mapping[str, Json]:
        """What all its runs have in common: dataset, partition, objective and the like, as the beginning of a run."""

    @abstractmethod
    def runs(self, facts: Facts) -> tuple[RunSpec, ...]:
        """All that is to be computed, each once, given the facts of the problem. Raises Refusal where it cannot be posed."""

    @abstractmethod
    def read(self, facts: Facts, traces: Traces) -> Outcome:
        """What the traces of all `runs` say."""

    def cases(self) -> tuple[Figure, ...]:
        """Itself on all data and at all budgets that stand beside each other in an overview; none where one of it is all there is."""
        return ()

    @property
    def case(self) -> Text:
        """What sets it apart from its other cases."""
        return self.label

    def problem(self) -> RunSpec:
        """A run on its problem."""
        return RunSpec.make(self.posed())

    def absence(self) -> Text | None:
        """Why it cannot be computed on this machine as it stands; None where it can."""
        return self.problem().dataset.absence()


figures: Family[Figure] = Family(Figure, Text("figure", "рисунок"), package="ef21lab.figures")


Compute = Callable[[Sequence[RunSpec]], Sequence[Trace]]  # the whole traces of plain runs, in their order


def figure(given: Figure | Json, compute: Compute = run_many) -> Outcome:
    """A figure, computed in this process. Raises Refusal where there is none of the name, or no data for it.

    >>> figure("divergence").holds
    True
    """
    one = figures.make(given)
    posed = one.problem()
    facts = problem_of(posed).facts
    specs = one.runs(facts)
    return one.read(facts, dict(zip(specs, compute(specs), strict=True)))


HOLDS, FAILS = Text("holds", "подтвердилось"), Text("does not hold", "не подтвердилось")
