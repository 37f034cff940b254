"""What a race counts: the bits that a node sends, or the seconds that a run takes on a network; and by what it judges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from ef21lab.clocks.base import Clock, Topology
from ef21lab.clocks.of_run import is_summable
from ef21lab.problems.base import Facts
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.searches.rungs import Known
from ef21lab.sweeps.judged import GRADIENT, Aim

ROUNDS_AT_FIRST = 16  # of a candidate in the middle, at the first rung


@dataclass(frozen=True)
class Yardstick:
    """Bits, or seconds on `network`. Seconds of computing are those measured: with `slower=0` they are left out, and repeats are alike."""

    network: Topology | None = None
    facts: Facts | None = field(default=None, compare=False, repr=False)  # of the problem, where it is one and need not be posed for them
    aim: Aim = GRADIENT  # what is to come to ε

    @property
    def axis(self) -> str:
        """Its name as an axis."""
        return "bits_up" if self.network is None else "network"

    def spent(self, spec: RunSpec, trace: Trace) -> np.ndarray:
        """(records,) what a run had spent at each of its records."""
        return trace["bits_up"] if self.network is None else self._clock(spec).seconds(trace.columns)

    def a_round(self, spec: RunSpec) -> float:
        """What a round is expected to take, computing left out."""
        facts = self._facts(spec)
        up = spec.algorithm.cost(plan(spec, facts).compressor, facts.d)[0]
        if self.network is None:
            return up
        clock = self._clock(spec)
        return clock.exchange + clock.bit_up * up + clock.bit_down * spec.algorithm.cost_down(facts)[1]

    def known(self, spec: RunSpec, trace: Trace, whole: bool) -> Known:
        """What a race reads of a run: the less, the better."""
        values = self.aim.missing(trace[self.aim.metric]) if len(trace) else np.empty(0)
        return Known(self.spent(spec, trace), values, whole, whole and trace.diverged)

    def first_rung(self, specs: Sequence[RunSpec]) -> float:
        """Where the first rung is: half of the candidates have sent ROUNDS_AT_FIRST messages or more."""
        return ROUNDS_AT_FIRST * median(self.a_round(spec) for spec in specs) if specs else math.inf

    def _clock(self, spec: RunSpec) -> Clock:
        assert self.network is not None
        return self.network.clock(self._facts(spec).nodes, is_summable(spec))

    def _facts(self, spec: RunSpec) -> Facts:
        return self.facts or problem_of(spec).facts
