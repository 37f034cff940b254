"""EF21 that goes half as far."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.algorithms.base import StepSize
from ef21lab.algorithms.ef21 import EF21, EF21State
from ef21lab.channels.arrays import Channel
from ef21lab.choices.text import Text
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Array, Facts, Problem


@dataclass(frozen=True)
class Damped(EF21):
    """EF21 at γ/2."""

    name = "damped"
    label = Text("Damped EF21", "EF21 вполсилы")
    about = Text("EF21 with half the step.", "EF21 с половинным шагом.")
    order = 90
    proved = frozenset()  # nothing at this step

    def step(self, state: EF21State, problem: Problem, channel: Channel, gamma: Array) -> EF21State:
        return super().step(state, problem, channel, gamma / 2)

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        found = super().step_size(facts, compressor)
        return found._replace(gamma=2 * found.gamma)
