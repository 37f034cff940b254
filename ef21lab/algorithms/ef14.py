"""EF14: the original error feedback (Seide et al. 2014; Stich, Cordonnier, Jaggi 2018)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ef21lab.algorithms._steps import borrowed
from ef21lab.algorithms._tight import SHARED_MINIMISER, tight_step
from ef21lab.algorithms.base import Algorithm, Feedback, StepSize, Theorem
from ef21lab.channels.base import Channel, Uplink
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Point, Problem

Array = Any


class EF14State(NamedTuple):
    x: Array  # (lanes, d)
    errors: Array  # (lanes, nodes, d): eᵢ, what has not been sent yet
    steps: Array  # (lanes, nodes, d): vᵢ, as received
    step: Array  # (lanes, d): their mean
    gamma: Array  # (lanes, 1)
    point: Point


class EF14Memory(NamedTuple):
    errors: Array  # (lanes, nodes, d)
    steps: Array  # (lanes, nodes, d)
    step: Array  # (lanes, d)


@dataclass(frozen=True)
class EF14(Algorithm, Feedback):
    """pᵢ = eᵢ + γ∇fᵢ(x);  vᵢ = C(pᵢ);  eᵢ⁺ = pᵢ − vᵢ;  x⁺ = x − (1/n) Σ vᵢ;  e⁰ = 0.

    What is sent is a piece of the step, so what the master believes of ∇fᵢ is vᵢ/γ.
    """

    name = "ef14"
    label = Text("EF14 (error feedback)", "EF14 (обратная связь по ошибке)")
    about = Text(
        "Each node adds what it could not send to its next step and sends the sum compressed.",
        "Каждый узел прибавляет неотправленное к следующему шагу и посылает сумму в сжатом виде.",
    )
    order = 60
    line = Line("#C98A00", "dash")
    message = same("eᵢ + γ∇fᵢ")
    state = EF14State
    memory = EF14Memory

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF14State:
        point = problem.at(x)
        return EF14State(x, *self.begin(point.gradients, channel, gamma), gamma, point)

    def step(self, state: EF14State, problem: Problem, channel: Channel, gamma: Array) -> EF14State:
        x = channel.broadcast(state.x - state.step)
        point = problem.at(x)
        return EF14State(x, *self.follow(state, point.gradients, channel, gamma), gamma, point)

    def begin(self, gradients: Array, uplink: Uplink, gamma: Array) -> EF14Memory:
        return self._sent(np.zeros_like(gradients), gradients, uplink, gamma)

    def follow(self, memory: EF14State | EF14Memory, gradients: Array, uplink: Uplink, gamma: Array) -> EF14Memory:
        return self._sent(memory.errors, gradients, uplink, gamma)

    def descent(self, memory: EF14Memory, gamma: Array) -> Array:
        return memory.step / gamma

    def estimates(self, state: EF14State) -> Array:
        return state.steps / state.gamma[:, None]

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        return borrowed(self.label, facts, compressor)

    def step_size_by(self, theorem: Theorem, facts: Facts, compressor: Compressor) -> StepSize | Text:
        if theorem != "tight":
            return super().step_size_by(theorem, facts, compressor)
        return tight_step(facts, compressor) if facts.nodes == 1 else SHARED_MINIMISER.format(nodes=facts.nodes)

    def _sent(self, errors: Array, gradients: Array, uplink: Uplink, gamma: Array) -> EF14Memory:
        """The memory after the messages vᵢ = C(eᵢ + γ∇fᵢ(x))."""
        wanted = errors + gamma[:, None] * gradients
        sent = uplink.send(wanted)
        return EF14Memory(wanted - sent.own, sent.own, sent.mean)
