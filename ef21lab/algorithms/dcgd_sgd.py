"""DCGD-SGD: compressed mini-batch gradients, without memory (Alistarh et al. 2017, QSGD, with an unbiased operator)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ef21lab.algorithms import _batches as batches
from ef21lab.algorithms._steps import borrowed
from ef21lab.algorithms.base import Algorithm, StepSize
from ef21lab.algorithms.dcgd import DCGDState
from ef21lab.channels.base import Channel
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Problem

Array = Any


@dataclass(frozen=True)
class DCGDSGD(Algorithm):
    """x⁺ = x − (γ/n) Σ C(∇fᵢ(x; ξ)), where ξ are a few rows of node i, drawn anew in every round.

    With C = identity this is SGD. With an unbiased C the step has the right mean and the variance of both; a biased C pulls x aside, as in
    DCGD.
    """

    name = "dcgd_sgd"
    label = same("DCGD-SGD")
    about = Text(
        "Each node sends its compressed mini-batch gradient and forgets what was lost. Without compression this is SGD.",
        "Каждый узел посылает сжатый градиент по мини-батчу и забывает о потерянном. Без сжатия это SGD.",
    )
    order = 63
    line = Line("#E0436B", "dot")
    message = same("∇fᵢ(x; ξ)")
    state = DCGDState

    batch: int = batches.batch_size()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> DCGDState:
        point = problem.at(x)
        return DCGDState(x, *channel.send(batches.drawn(channel, problem.facts, self.batch).gradients(point)), point)

    def step(self, state: DCGDState, problem: Problem, channel: Channel, gamma: Array) -> DCGDState:
        x = channel.broadcast(state.x - gamma * state.direction)
        point = problem.at(x)
        gradients = batches.drawn(channel, problem.facts, self.batch).gradients(point)  # (lanes, nodes, d): ∇fᵢ(x⁺; ξ)
        return DCGDState(x, *channel.send(gradients), point)

    def estimates(self, state: DCGDState) -> Array:
        return state.received

    def passes(self, facts: Facts) -> float:
        return batches.share(facts, self.batch)

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        return borrowed(self.label, facts, compressor)
