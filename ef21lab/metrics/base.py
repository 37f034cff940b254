"""What a metric is: a number for each lane, measured in every round that is recorded."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np

from ef21lab.algorithms.base import Algorithm, State
from ef21lab.channels.base import Channel
from ef21lab.choices.answers import Answer
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Text
from ef21lab.problems.base import Problem
from ef21lab.problems.held_out import HeldOut

Array = Any


class Moment(NamedTuple):
    """What there is to measure when a round is over: of the lanes that go on, and of the nodes that this process holds."""

    problem: Problem
    algorithm: Algorithm
    state: State
    before: Array | None  # x of the round before, (lanes, d); None in round 0
    gammas: Array  # (lanes, 1)
    channel: Channel  # which knows the means over all nodes
    held_out: HeldOut | None = None  # rows that no node has

    @property
    def gradients(self) -> Array:
        """∇fᵢ(x), (lanes, nodes here, d)."""
        return self.state.point.gradients


def _are_numbers(metric: Metric, found: Any, moment: Moment) -> bool:
    return np.shape(found) == (len(moment.state.x),) and np.asarray(found).dtype.kind in "fiub"


@dataclass(frozen=True)
class Metric(Spec):
    """A number for each lane. Its name is that of its column; it may be nan, and costs what it costs in every recorded round."""

    answers = MappingProxyType(
        {"measure": Answer(_are_numbers, Text("a real number for each lane, (lanes,)", "вещественное число на каждую дорожку, (lanes,)"))}
    )
    always: ClassVar[bool] = True  # False: there is such a number only where `applies` says so, and only there a column for it
    rises: ClassVar[bool] = False  # whether more of it is better
    short: ClassVar[Text | None] = None  # what it is called in the head of a table; its label where that is None

    def applies(self, problem: Problem) -> bool:
        """Whether there is such a number of this problem; asked where it is not `always`."""
        return True

    @abstractmethod
    def measure(self, moment: Moment) -> Array:
        """(lanes,)."""


metrics: Family[Metric] = Family(Metric, Text("metric", "показатель"), package="ef21lab.metrics")
