"""EF21-PAGE: EF21 with variance reduction (Fatkhullin, Sokolov, Gorbunov, Li, Richtárik 2021, Algorithm 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ef21lab.algorithms import _batches as batches
from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms._steps import borrowed
from ef21lab.algorithms.base import Algorithm, StepSize
from ef21lab.channels.base import Channel
from ef21lab.choices.line import Line
from ef21lab.choices.spec import real
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Point, Problem
from ef21lab.streams import Stream

Array = Any


class EF21PAGEState(NamedTuple):
    x: Array  # (lanes, d)
    followed: Array  # (lanes, nodes, d): vᵢ
    estimates: Array  # (lanes, nodes, d): gᵢ
    direction: Array  # (lanes, d): g
    point: Point


@dataclass(frozen=True)
class EF21PAGE(Algorithm):
    """x⁺ = x − γ g;  gᵢ⁺ = gᵢ + C(vᵢ⁺ − gᵢ);  vᵢ⁰ = ∇fᵢ(x⁰), and for every node by itself

        vᵢ⁺ = ∇fᵢ(x⁺) with probability p, else vᵢ + ∇fᵢ(x⁺; ξ) − ∇fᵢ(x; ξ), with the same rows ξ at both points.

    The noise of that difference vanishes with x⁺ − x, so unlike EF21-SGD the method ends in a stationary point.
    """

    name = "ef21_page"
    label = same("EF21-PAGE")
    about = Text(
        "EF21 whose nodes follow their gradient by mini-batches and now and then compute it in full.",
        "EF21, где узел прослеживает свой градиент по мини-батчам и лишь изредка вычисляет его целиком.",
    )
    order = 54
    looks_back = True
    line = Line("#4C9F70", "longdash")
    message = same("vᵢ − gᵢ")
    state = EF21PAGEState

    batch: int = batches.batch_size()
    p: float = real(
        0.1,
        0.0,
        1.0,
        Text("Full gradient p", "Полный градиент p"),
        Text("The probability that a node computes its full gradient.", "Вероятность того, что узел вычислит полный градиент."),
        above=True,
    )
    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21PAGEState:
        point = problem.at(x)
        return EF21PAGEState(x, point.gradients, *first_estimates(self.init, point.gradients, channel), point)

    def step(self, state: EF21PAGEState, problem: Problem, channel: Channel, gamma: Array) -> EF21PAGEState:
        x = channel.broadcast(state.x - gamma * state.direction)
        point = problem.at(x)
        batch = batches.drawn(channel, problem.facts, self.batch)
        followed = state.followed + (batch.gradients(point) - batch.gradients(state.point))
        in_full = channel.own(channel.drawn(lambda rng: rng.random(problem.nodes) < self.p, Stream.WHOLE_NODE))  # (lanes, nodes here)
        if in_full.any():
            followed = np.where(in_full[..., None], point.gradients, followed)
        sent = channel.send(followed - state.estimates)
        return EF21PAGEState(x, followed, state.estimates + sent.own, state.direction + sent.mean, point)

    def estimates(self, state: EF21PAGEState) -> Array:
        return state.estimates

    def passes(self, facts: Facts) -> float:
        return self.p + (1.0 - self.p) * 2.0 * batches.share(facts, self.batch)

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        stochastic = self.p < 1.0 and batches.takes_less(facts, self.batch)
        return borrowed(self.label, facts, compressor) if stochastic else batches.exact_step(facts, compressor)
