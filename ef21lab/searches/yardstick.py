"""What a race counts: the bits that a node sends, or the seconds that a run takes on a network."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import median

import numpy as np

from ef21lab.clocks.base import Clock, Topology
from ef21lab.clocks.of_run import is_summable
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace
from ef21lab.runs.tuned import JUDGED
from ef21lab.searches.rungs import Known

ROUNDS_AT_FIRST = 16  # of a candidate in the middle, at the first rung


@dataclass(frozen=True)
class Yardstick:
    """Bits, or seconds on `network`. Seconds of computing are those measured: with `slower=0` they are left out, and repeats are alike."""

    network: Topology | None = None

    @property
    def axis(self) -> str:
        """Its name as an axis."""
        return "bits_up" if self.network is None else "network"

    def spent(self, spec: RunSpec, trace: Trace) -> np.ndarray:
        """(records,) what a run had spent at each of its records."""
        return trace["bits_up"] if self.network is None else self._clock(spec).seconds(trace.columns)

    def a_round(self, spec: RunSpec) -> float:
        """What a round is expected to take, computing left out."""
        up, down = _bits(spec)
        if self.network is None:
            return up
        clock = self._clock(spec)
        return clock.exchange + clock.bit_up * up + clock.bit_down * down

    def known(self, spec: RunSpec, trace: Trace, whole: bool) -> Known:
        """What a race reads of a run."""
        return Known(self.spent(spec, trace), trace[JUDGED], whole, whole and trace.diverged)

    def first_rung(self, specs: Sequence[RunSpec]) -> float:
        """Where the first rung is: half of the candidates have sent ROUNDS_AT_FIRST messages or more."""
        return ROUNDS_AT_FIRST * median(self.a_round(spec) for spec in specs) if specs else math.inf

    def _clock(self, spec: RunSpec) -> Clock:
        assert self.network is not None
        nodes = problem_of(spec).nodes
        return self.network.clock(nodes, is_summable(spec))


@lru_cache(maxsize=4096)
def _bits(spec: RunSpec) -> tuple[float, float]:
    """That a node sends and receives in a round after the first."""
    planned = plan(spec, problem_of(spec).facts)
    return spec.algorithm.cost(planned.compressor, planned.facts.d)[0], spec.algorithm.cost_down(planned.facts)[1]
