"""DCGD: gradient descent on compressed gradients, without memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ef21lab.algorithms._steps import borrowed
from ef21lab.algorithms.base import Algorithm, Feedback, StepSize
from ef21lab.channels.base import Channel, Uplink
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Point, Problem

Array = Any


class DCGDState(NamedTuple):
    x: Array  # (lanes, d)
    received: Array  # (lanes, nodes, d): C(∇fᵢ)
    direction: Array  # (lanes, d): their mean
    point: Point


class DCGDMemory(NamedTuple):
    received: Array  # (lanes, nodes, d)
    direction: Array  # (lanes, d)


@dataclass(frozen=True)
class DCGD(Algorithm, Feedback):
    """x⁺ = x − (γ/n) Σ C(∇fᵢ(x)).

    At a minimum of f the ∇fᵢ need not vanish, so neither do their messages: with a biased C the method may stop elsewhere, or diverge at
    every step size (Beznosikov, Horváth, Richtárik, Safaryan 2023, Example 1).
    """

    name = "dcgd"
    label = same("DCGD")
    about = Text(
        "Each node sends its compressed gradient and forgets what was lost; with a biased operator this can diverge.",
        "Каждый узел посылает сжатый градиент и забывает о потерянном; со смещённым оператором метод может разойтись.",
    )
    order = 62
    line = Line("#D32F2F", "longdash")
    message = same("∇fᵢ")
    state = DCGDState
    memory = DCGDMemory

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> DCGDState:
        point = problem.at(x)
        return DCGDState(x, *self.begin(point.gradients, channel, gamma), point)

    def step(self, state: DCGDState, problem: Problem, channel: Channel, gamma: Array) -> DCGDState:
        x = channel.broadcast(state.x - gamma * state.direction)
        point = problem.at(x)
        return DCGDState(x, *self.follow(state, point.gradients, channel, gamma), point)

    def begin(self, gradients: Array, uplink: Uplink, gamma: Array) -> DCGDMemory:
        return DCGDMemory(*uplink.send(gradients))

    def follow(self, memory: DCGDState | DCGDMemory, gradients: Array, uplink: Uplink, gamma: Array) -> DCGDMemory:
        return self.begin(gradients, uplink, gamma)

    def descent(self, memory: DCGDMemory, gamma: Array) -> Array:
        return memory.direction

    def estimates(self, state: DCGDState) -> Array:
        return state.received

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        return borrowed(self.label, facts, compressor)
