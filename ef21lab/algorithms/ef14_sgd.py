"""EF14-SGD: the original error feedback on mini-batches, as it trains networks (Stich, Cordonnier, Jaggi 2018; Vogels et al. 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ef21lab.algorithms import _batches as batches
from ef21lab.algorithms._steps import borrowed
from ef21lab.algorithms.base import Algorithm, StepSize
from ef21lab.algorithms.ef14 import EF14, EF14State
from ef21lab.channels.base import Channel
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Problem

Array = Any
FEEDBACK = EF14()


@dataclass(frozen=True)
class EF14SGD(Algorithm):
    """pᵢ = eᵢ + γ∇fᵢ(x; ξ);  vᵢ = C(pᵢ);  eᵢ⁺ = pᵢ − vᵢ;  x⁺ = x − (1/n) Σ vᵢ;  e⁰ = 0; ξ are a few rows of node i, new in every round.

    What is not sent waits in eᵢ until it is, so over many rounds the noise of the mini-batches averages out before it is compressed.
    """

    name = "ef14_sgd"
    label = same("EF14-SGD")
    about = Text(
        "EF14 on mini-batches: what a message left out is added to the next step, and a node looks only at a few of its rows.",
        "EF14 на мини-батчах: неотправленное прибавляется к следующему шагу, а узел смотрит лишь на несколько своих строк.",
    )
    order = 61
    line = Line("#A87400", "dot")
    message = same("eᵢ + γ∇fᵢ(x; ξ)")
    state = EF14State

    batch: int = batches.batch_size()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF14State:
        point = problem.at(x)
        gradients = batches.drawn(channel, problem.facts, self.batch).gradients(point)
        return EF14State(x, *FEEDBACK.begin(gradients, channel, gamma), gamma, point)

    def step(self, state: EF14State, problem: Problem, channel: Channel, gamma: Array) -> EF14State:
        x = channel.broadcast(state.x - state.step)
        point = problem.at(x)
        gradients = batches.drawn(channel, problem.facts, self.batch).gradients(point)  # (lanes, nodes, d): ∇fᵢ(x⁺; ξ)
        return EF14State(x, *FEEDBACK.follow(state, gradients, channel, gamma), gamma, point)

    def estimates(self, state: EF14State) -> Array:
        return FEEDBACK.estimates(state)

    def passes(self, facts: Facts) -> float:
        return batches.share(facts, self.batch)

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        return borrowed(self.label, facts, compressor)
