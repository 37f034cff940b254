"""EF21-SGD: EF21 with mini-batch gradients (Fatkhullin, Sokolov, Gorbunov, Li, Richtárik 2021, Algorithm 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ef21lab.algorithms import _batches as batches
from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms._steps import borrowed
from ef21lab.algorithms.base import Algorithm, StepSize
from ef21lab.algorithms.ef21 import EF21State
from ef21lab.channels.base import Channel
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Problem

Array = Any


@dataclass(frozen=True)
class EF21SGD(Algorithm):
    """x⁺ = x − γ g;  gᵢ⁺ = gᵢ + C(∇fᵢ(x⁺; ξ) − gᵢ), where ξ are a few rows of node i, drawn anew in every round.

    With C = identity this is SGD: the noise of the mini-batches stays in gᵢ, and x ends in a neighbourhood of a stationary point.
    """

    name = "ef21_sgd"
    label = same("EF21-SGD")
    about = Text(
        "EF21 on mini-batches: in every round a node looks only at a few of its rows, drawn at random.",
        "EF21 на мини-батчах: в каждом раунде узел смотрит лишь на несколько своих строк, выбранных случайно.",
    )
    order = 50
    line = Line("#E0568A", "dot")
    message = same("∇fᵢ(x; ξ) − gᵢ")
    state = EF21State

    batch: int = batches.batch_size()
    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21State:
        point = problem.at(x)
        gradients = batches.drawn(channel, problem.facts, self.batch).gradients(point)
        return EF21State(x, *first_estimates(self.init, gradients, channel), point)

    def step(self, state: EF21State, problem: Problem, channel: Channel, gamma: Array) -> EF21State:
        x = channel.broadcast(state.x - gamma * state.direction)
        point = problem.at(x)
        gradients = batches.drawn(channel, problem.facts, self.batch).gradients(point)  # (lanes, nodes, d): ∇fᵢ(x⁺; ξ)
        sent = channel.send(gradients - state.estimates)
        return EF21State(x, state.estimates + sent.own, state.direction + sent.mean, point)

    def estimates(self, state: EF21State) -> Array:
        return state.estimates

    def passes(self, facts: Facts) -> float:
        return batches.share(facts, self.batch)

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        stochastic = batches.takes_less(facts, self.batch)
        return borrowed(self.label, facts, compressor) if stochastic else batches.exact_step(facts, compressor)
