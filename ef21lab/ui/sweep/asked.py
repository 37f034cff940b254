"""What a grid of the page stands for: its cases, its contenders in all their strengths, and every run; as a document of `sweep`, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from ef21lab.address.members import fitted
from ef21lab.address.objectives import objective_of
from ef21lab.algorithms.base import Algorithm
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Text, joined, number
from ef21lab.compressors.base import Compressor
from ef21lab.datasets.base import Dataset
from ef21lab.microscope.afford import affordable, unfolded
from ef21lab.microscope.doubled import doubled
from ef21lab.partitions.base import Partition
from ef21lab.problems.base import Facts
from ef21lab.runs.repeats import repeated
from ef21lab.runs.spec import FAMILIES, RunSpec
from ef21lab.steps.base import Step
from ef21lab.sweeps.grid import CONTENDER, REPEAT

MULTIPLE = "step.multiple"


class Ranges(NamedTuple):
    """What runs through several values."""

    multiples: tuple[float, ...]  # of the step
    strengths: int  # of every contender, each twice the one before
    budget: int | None  # the least bits of one message; None where strengths go up from each contender's own
    repeats: int
    nodes: tuple[int, ...]
    partitions: tuple[Partition, ...]  # how many nodes they have counts for nothing
    datasets: tuple[Dataset, ...]


class Entrant(NamedTuple):
    """A contender as its form says, before any strength."""

    letter: str
    compressor: Compressor
    algorithm: Algorithm


class Strong(NamedTuple):
    """A contender at one of its strengths, on one of the datasets."""

    letter: str
    rung: int  # which of its strengths, the weakest first
    posed: RunSpec  # everything but step, split and seeds
    bits: float  # of a node in a round


class Case(NamedTuple):
    """On what contenders are compared: the same data on the same nodes."""

    dataset: Dataset
    partition: Partition


class GridRun(NamedTuple):
    """One run of the grid."""

    case: int  # among the cases
    strong: Strong
    multiple: float
    repeat: int
    spec: RunSpec


@dataclass(frozen=True)
class AskedGrid:
    """A whole grid. `facts` are those of every dataset's problem, in their order: its d, and the shapes of x."""

    shared: RunSpec  # the rest of every run, its step at ×1
    entrants: tuple[Entrant, ...]
    ranges: Ranges
    facts: tuple[Facts, ...]

    @cached_property
    def cases(self) -> list[Case]:
        """Every dataset in every split on every number of nodes."""
        return [Case(dataset, split) for split in self._splits for dataset in self.ranges.datasets]

    @cached_property
    def strong(self) -> list[Strong]:
        """Every contender at each of its strengths, for each of the datasets in turn."""
        found = []
        for dataset, facts in zip(self.ranges.datasets, self.facts, strict=True):
            posed = on(self.shared, dataset)
            for entrant in self.entrants:
                for rung, compressor in enumerate(strengths(entrant, self.ranges, facts)):
                    algorithm = fitted(entrant.algorithm, facts.layout)
                    run = replace(posed, compressor=compressor, algorithm=algorithm)
                    found.append(Strong(entrant.letter, rung, run, round_bits(compressor, algorithm, facts)))
        return found

    @cached_property
    def places(self) -> list[GridRun]:
        """Every run; those that may share lanes stand together."""
        return list(self._places())

    @property
    def runs(self) -> int:
        """How many there are."""
        return len(self._splits) * len(self.strong) * len(self.ranges.multiples) * self.ranges.repeats

    def _places(self) -> Iterator[GridRun]:
        step = self.shared.step
        steps = [(multiple, step.replace(multiple=multiple)) for multiple in self.ranges.multiples]
        for at, split in enumerate(self._splits):
            for strong in self.strong:
                case = at * len(self.ranges.datasets) + self.ranges.datasets.index(strong.posed.dataset)
                for multiple, one in steps:
                    run = replace(strong.posed, partition=split, step=one)
                    for repeat in range(self.ranges.repeats):
                        yield GridRun(case, strong, multiple, repeat, repeated(run, repeat))

    @cached_property
    def _splits(self) -> list[Partition]:
        return [split.replace(nodes=nodes) for split in self.ranges.partitions for nodes in self.ranges.nodes]

    def document(self, epsilon: float) -> dict[str, Json]:
        """What `python -m ef21lab sweep` computes the same runs from, in the same order."""
        partitions, ranges = FAMILIES["partition"], self.ranges
        grid: dict[str, list[Json]] = {}
        if len(ranges.partitions) > 1:
            grid["partition"] = [partitions.json(split.replace(nodes=ranges.nodes[0])) for split in ranges.partitions]
        if len(ranges.nodes) > 1:
            grid["partition.nodes"] = list(ranges.nodes)
        grid[CONTENDER] = [self._together(strong) for strong in self.strong]
        grid[MULTIPLE] = list(ranges.multiples)
        grid[REPEAT] = list(range(ranges.repeats))
        return {"spec": self._spec(), "grid": grid, "epsilon": epsilon}

    def _spec(self) -> dict[str, Json]:
        """What all have in common."""
        spec = replace(self.shared, partition=self._splits[0])
        return {name: value for name, value in spec.json().items() if name not in ("compressor", "algorithm")}

    def _together(self, strong: Strong) -> Mapping[str, Any]:
        several = len(self.ranges.datasets) > 1
        names = (*(("dataset", "objective") if several else ()), "algorithm", "compressor")
        return {name: strong.posed.json()[name] for name in names}


def on(shared: RunSpec, dataset: Dataset) -> RunSpec:
    """The same with other data; where their labels are of another kind, with the first objective that takes them."""
    _, first, names = objective_of(dataset)
    return replace(shared, dataset=dataset, objective=shared.objective if shared.objective.name in names else first)


def strengths(entrant: Entrant, ranges: Ranges, facts: Facts) -> tuple[Compressor, ...]:
    """A contender's strengths at this length of x, the weakest first; at equal budgets those that it has for them."""
    own = fitted(entrant.compressor, facts.layout)
    if ranges.budget is None:
        return _doubled(own, facts, ranges.strengths)
    layout = tuple(map(tuple, facts.layout))
    bought = (affordable(unfolded(own), facts.d, float(ranges.budget * 2**i), layout) for i in range(ranges.strengths))
    return tuple(dict.fromkeys(one for one in bought if one is not None)) or (own,)


def _doubled(own: Compressor, facts: Facts, most: int) -> tuple[Compressor, ...]:
    """Stronger ones are found where it knows the tensors of x; what is changed for that is changed in its form."""
    bound = own.fitted(facts.layout)
    first, *others = doubled(bound, facts.d, most)
    names = type(own).fields()
    changes = [{name: getattr(one, name) for name in names if getattr(one, name) != getattr(first, name)} for one in others]
    return (own, *(own.replace(**each) for each in changes))


def round_bits(compressor: Compressor, algorithm: Algorithm, facts: Facts) -> float:
    """What a node sends in a round of this problem."""
    return algorithm.cost(compressor.fitted(facts.layout), facts.d)[0]


def step_named(step: Step, multiple: float) -> Text:
    """A step of the grid: '×16' of a rule, 'γ = 0.16'."""
    return step.replace(multiple=multiple).in_short()


def split_of(partition: Partition) -> Partition:
    """The same rule for no number of nodes in particular."""
    return partition.replace(nodes=1)


def split_named(partition: Partition) -> Text:
    """The rule and its numbers: 'Dirichlet 0.1'."""
    numbers = (value for name, value in partition.settings().items() if name not in ("nodes", "seed") and isinstance(value, (int, float)))
    return joined([partition.label, *map(number, numbers)], " ")


def case_named(case: Case, among: Sequence[Case]) -> Text:
    """A case, by what sets it apart from the others."""
    parts = [case.dataset.label] if len({one.dataset for one in among}) > 1 or len(among) == 1 else []
    if len({split_of(one.partition) for one in among}) > 1:
        parts.append(split_named(case.partition))
    if len({one.partition.nodes for one in among}) > 1:
        parts.append(NODES.format(n=case.partition.nodes))
    return joined(parts, " · ")


NODES = Text("{n:node|nodes}", "{n:узел|узла|узлов}")
