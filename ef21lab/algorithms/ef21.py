"""EF21: Richtárik, Sokolov, Fatkhullin (2021), Algorithm 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ef21lab import theory
from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms._steps import of_theorem
from ef21lab.algorithms._tight import tight_step
from ef21lab.algorithms.base import Algorithm, Feedback, MeanBound, StepSize, Theorem
from ef21lab.channels.base import Channel, Uplink
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Point, Problem

Array = Any


class EF21State(NamedTuple):
    x: Array  # (lanes, d)
    estimates: Array  # (lanes, nodes, d): gᵢ
    direction: Array  # (lanes, d): g = (1/n) Σ gᵢ, as the master holds it
    point: Point


class EF21Memory(NamedTuple):
    estimates: Array  # (lanes, nodes, d)
    direction: Array  # (lanes, d)


SAME_STEP = 1e-6  # relative: two steps that differ by less are taken for one, the shorter


@dataclass(frozen=True)
class EF21(Algorithm, Feedback):
    """x⁺ = x − γ g;  cᵢ = C(∇fᵢ(x⁺) − gᵢ);  gᵢ⁺ = gᵢ + cᵢ;  g⁺ = g + (1/n) Σ cᵢ.

    Three starts are in use: gᵢ⁰ = C(∇fᵢ(x⁰)), the algorithm as published; ∇fᵢ(x⁰), one dense message; 0, no message.
    """

    name = "ef21"
    label = same("EF21")
    about = Text(
        "Each node sends the compressed difference between its gradient and what the master already believes it to be.",
        "Каждый узел посылает сжатую разность между своим градиентом и тем, что о нём уже знает сервер.",
    )
    order = 0
    drawn_as_message = True
    state = EF21State
    memory = EF21Memory
    proved = frozenset({"psi", "distortion", "tight"})

    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21State:
        point = problem.at(x)
        return EF21State(x, *self.begin(point.gradients, channel, gamma), point)

    def step(self, state: EF21State, problem: Problem, channel: Channel, gamma: Array) -> EF21State:
        x = channel.broadcast(state.x - gamma * state.direction)
        point = problem.at(x)
        return EF21State(x, *self.follow(state, point.gradients, channel, gamma), point)

    def begin(self, gradients: Array, uplink: Uplink, gamma: Array) -> EF21Memory:
        return EF21Memory(*first_estimates(self.init, gradients, uplink))

    def follow(self, memory: EF21State | EF21Memory, gradients: Array, uplink: Uplink, gamma: Array) -> EF21Memory:
        sent = uplink.send(gradients - memory.estimates)
        return EF21Memory(memory.estimates + sent.own, memory.direction + sent.mean)

    def descent(self, memory: EF21Memory, gamma: Array) -> Array:
        return memory.direction

    def estimates(self, state: EF21State) -> Array:
        return state.estimates

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        alpha = compressor.step_alpha(facts.d)
        gamma = theory.ef21_step(facts.L, facts.L_tilde, alpha)
        if facts.mu is not None:  # where all that is lost is rounding, one step serves both theorems
            both = theory.ef21_pl_step(facts.L, facts.L_tilde, alpha, facts.mu)
            gamma = both if both < gamma <= both * (1.0 + SAME_STEP) else gamma
        return of_theorem(gamma, EF21_STEP, compressor.received_alpha(facts.d))

    def step_size_by(self, theorem: Theorem, facts: Facts, compressor: Compressor) -> StepSize | Text:
        if theorem == "tight":
            return tight_step(facts, compressor)
        certified, alpha = compressor.received_alpha(facts.d), compressor.step_alpha(facts.d)
        if theorem == "arithmetic":
            return of_theorem(theory.ef21_step(facts.L, facts.L_bar, alpha), ARITHMETIC_STEP, certified)
        if facts.mu is None:
            return NO_MU
        return of_theorem(theory.ef21_pl_step(facts.L, facts.L_tilde, alpha, facts.mu), PL_STEP, certified)

    def mean_bounds(self, facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
        """Theorem 1; beyond its step that of 2024, which is about Σ ‖gᵢ − ∇fᵢ‖²/(n²wᵢ) ≤ (L̄/min Lᵢ) G, wᵢ = Lᵢ/ΣLⱼ."""
        return (MeanBound(theory.ef21_step(facts.L, facts.L_tilde, alpha)), *weighted_bound(facts, alpha))


def weighted_bound(facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
    """“Error Feedback Reloaded” (2024), with G⁰ charged (L̄/min Lᵢ)-fold; nothing where some Lᵢ = 0."""
    L_bar, least = facts.L_bar, float(facts.node_L.min())
    return (MeanBound(theory.ef21_step(facts.L, L_bar, alpha), weight=L_bar / least),) if least > 0 else ()


EF21_STEP = Text("γ = 1/(L + L̃√(β/θ)), EF21 (2021), Theorem 1", "γ = 1/(L + L̃√(β/θ)), EF21 (2021), теорема 1")
ARITHMETIC_STEP = Text(
    "γ = 1/(L + L̄√(β/θ)), “Error Feedback Reloaded” (2024), by a weighted analysis",
    "γ = 1/(L + L̄√(β/θ)), «Error Feedback Reloaded» (2024), анализ с весами",
)
PL_STEP = Text(
    "γ = min{1/(L + L̃√(2β/θ)), θ/(2μ)}, EF21 (2021), Theorem 2",
    "γ = min{1/(L + L̃√(2β/θ)), θ/(2μ)}, EF21 (2021), теорема 2",
)
NO_MU = Text(
    "the Polyak–Łojasiewicz step needs μ > 0, and none is known for this problem; choose a ridge objective or another step",
    "шагу Поляка — Лоясевича нужна μ > 0, а у этой задачи она не известна; выберите целевую функцию с риджем или другой шаг",
)
