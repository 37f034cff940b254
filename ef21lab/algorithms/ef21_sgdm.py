"""EF21-SGDM: EF21 on a running mean of mini-batch gradients (Fatkhullin, Tyurin, Richtárik 2023, Algorithm 1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ef21lab import theory
from ef21lab.algorithms import _batches as batches
from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms._steps import of_theorem
from ef21lab.algorithms.base import Algorithm, Feedback, StepSize
from ef21lab.channels.base import Channel, Uplink
from ef21lab.choices.line import Line
from ef21lab.choices.spec import real
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Point, Problem

Array = Any


class EF21SGDMState(NamedTuple):
    x: Array  # (lanes, d)
    momenta: Array  # (lanes, nodes, d): vᵢ
    estimates: Array  # (lanes, nodes, d): gᵢ
    direction: Array  # (lanes, d): g
    point: Point


class EF21SGDMMemory(NamedTuple):
    momenta: Array  # (lanes, nodes, d)
    estimates: Array  # (lanes, nodes, d)
    direction: Array  # (lanes, d)


@dataclass(frozen=True)
class EF21SGDM(Algorithm, Feedback):
    """x⁺ = x − γ g;  vᵢ⁺ = (1 − η) vᵢ + η ∇fᵢ(x⁺; ξ);  gᵢ⁺ = gᵢ + C(vᵢ⁺ − gᵢ);  vᵢ⁰ = ∇fᵢ(x⁰; ξ).

    η = 1 is EF21-SGD. The smaller η, the less of the noise of one mini-batch gets into vᵢ, and the longer vᵢ takes to follow ∇fᵢ.
    """

    name = "ef21_sgdm"
    label = same("EF21-SGDM")
    about = Text(
        "EF21-SGD whose nodes keep a running mean of their mini-batch gradients and compress that: small batches are enough.",
        "EF21-SGD, где узел ведёт скользящее среднее градиентов по мини-батчам и сжимает его: хватает и маленьких батчей.",
    )
    order = 52
    line = Line("#8A63B8", "dash")
    message = same("vᵢ − gᵢ")
    state = EF21SGDMState
    memory = EF21SGDMMemory

    batch: int = batches.batch_size()
    eta: float = real(
        0.1,
        0.0,
        1.0,
        Text("Momentum η", "Инерция η"),
        Text("The weight of the newest mini-batch in the running mean.", "Вес нового мини-батча в скользящем среднем."),
        above=True,
    )
    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21SGDMState:
        point = problem.at(x)
        gradients = batches.drawn(channel, problem.facts, self.batch).gradients(point)
        return EF21SGDMState(x, *self.begin(gradients, channel, gamma), point)

    def step(self, state: EF21SGDMState, problem: Problem, channel: Channel, gamma: Array) -> EF21SGDMState:
        x = channel.broadcast(state.x - gamma * state.direction)
        point = problem.at(x)
        gradients = batches.drawn(channel, problem.facts, self.batch).gradients(point)  # (lanes, nodes, d): ∇fᵢ(x⁺; ξ)
        return EF21SGDMState(x, *self.follow(state, gradients, channel, gamma), point)

    def begin(self, gradients: Array, uplink: Uplink, gamma: Array) -> EF21SGDMMemory:
        return EF21SGDMMemory(gradients, *first_estimates(self.init, gradients, uplink))

    def follow(self, memory: EF21SGDMState | EF21SGDMMemory, gradients: Array, uplink: Uplink, gamma: Array) -> EF21SGDMMemory:
        momenta = (1.0 - self.eta) * memory.momenta + self.eta * gradients
        sent = uplink.send(momenta - memory.estimates)
        return EF21SGDMMemory(momenta, memory.estimates + sent.own, memory.direction + sent.mean)

    def descent(self, memory: EF21SGDMMemory, gamma: Array) -> Array:
        return memory.direction

    def estimates(self, state: EF21SGDMState) -> Array:
        return state.estimates

    def passes(self, facts: Facts) -> float:
        return batches.share(facts, self.batch)

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        gamma = theory.ef21_sgdm_step(facts.L, facts.L_tilde, compressor.step_alpha(facts.d), self.eta)
        return of_theorem(gamma, MOMENTUM_STEP, compressor.received_alpha(facts.d))


MOMENTUM_STEP = Text(
    "γ = min{α/(20L̃), η/(7L)}, Fatkhullin, Tyurin, Richtárik (2023), Theorem 3, for mini-batch gradients of bounded variance",
    "γ = min{α/(20L̃), η/(7L)}, Fatkhullin, Tyurin, Richtárik (2023), теорема 3, для градиентов по мини-батчам с ограниченной дисперсией",
)
