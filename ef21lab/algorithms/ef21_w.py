"""EF21-W: EF21 with weighted nodes (Richtárik, Gasanov, Burlachenko 2024, "Error Feedback Reloaded")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ef21lab import theory
from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms._steps import of_theorem
from ef21lab.algorithms.base import Algorithm, MeanBound, StepSize, Theorem
from ef21lab.algorithms.ef21 import NO_MU, EF21State, weighted_bound
from ef21lab.channels.base import Channel, Uplink
from ef21lab.channels.messages import Sent
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Problem

Array = Any


@dataclass(frozen=True)
class EF21W(Algorithm):
    """gᵢ⁺ = gᵢ + C(∇fᵢ(x⁺)/(n wᵢ) − gᵢ);  x⁺ = x − γ Σ wᵢgᵢ;  wᵢ = Lᵢ/ΣLⱼ.

    The state keeps n wᵢgᵢ, what the master believes of ∇fᵢ: then Σ wᵢgᵢ is their mean. Every ∇fᵢ/(n wᵢ) changes by at most L̄‖x⁺ − x‖, so
    G = Σ wᵢ‖gᵢ − ∇fᵢ/(n wᵢ)‖² obeys EF21's recursion with L̄ for L̃, and ‖Σ wᵢgᵢ − ∇f‖² ≤ G: both theorems of EF21 hold with L̄ for L̃.
    Where C(sv) = s C(v), weights cancel, and this is EF21.
    """

    name = "ef21_w"
    label = same("EF21-W")
    about = Text(
        "EF21 whose nodes weigh as much as their gradients may change; the step needs the mean of the Lᵢ, not the quadratic mean.",
        "EF21, где вес узла тем больше, чем быстрее может меняться его градиент; шаг зависит от среднего Lᵢ, не квадратического.",
    )
    order = 30
    line = Line("#3F7FBF", "longdash")
    message = same("∇fᵢ/(n wᵢ) − gᵢ")
    state = EF21State

    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21State:
        point, scales = problem.at(x), _scales(problem.facts)
        return EF21State(x, *first_estimates(self.init, point.gradients / channel.own(scales), Weighed(channel, scales)), point)

    def step(self, state: EF21State, problem: Problem, channel: Channel, gamma: Array) -> EF21State:
        x = channel.broadcast(state.x - gamma * state.direction)
        point, scales = problem.at(x), _scales(problem.facts)
        sent = channel.send((point.gradients - state.estimates) / channel.own(scales), weights=scales)
        return EF21State(x, state.estimates + sent.own, state.direction + sent.mean, point)

    def estimates(self, state: EF21State) -> Array:
        return state.estimates

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        gamma = theory.ef21_step(facts.L, facts.L_bar, compressor.step_alpha(facts.d))
        return of_theorem(gamma, WEIGHTED_STEP, compressor.received_alpha(facts.d))

    def step_size_by(self, theorem: Theorem, facts: Facts, compressor: Compressor) -> StepSize | Text:
        if theorem == "tight":
            return super().step_size_by(theorem, facts, compressor)
        if theorem == "arithmetic":
            return self.step_size(facts, compressor)
        if facts.mu is None:
            return NO_MU
        gamma = theory.ef21_pl_step(facts.L, facts.L_bar, compressor.step_alpha(facts.d), facts.mu)
        return of_theorem(gamma, WEIGHTED_PL_STEP, compressor.received_alpha(facts.d))

    def mean_bounds(self, facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
        return weighted_bound(facts, alpha)

    def refusal(self, facts: Facts, compressor: Compressor) -> Text | None:
        if facts.node_smoothness is None:
            return UNWEIGHTED
        if facts.node_smoothness.min() > 0:
            return compressor.misfit(facts.d)
        return WEIGHTLESS.format(node=int(facts.node_smoothness.argmin()) + 1)


@dataclass(frozen=True)
class Weighed(Uplink):
    """The uplink of a channel, whose master and nodes multiply what is received by the weights (1, nodes, 1) of the nodes."""

    channel: Channel
    weights: Array

    def send(self, wanted: Array) -> Sent:
        return self.channel.send(wanted, weights=self.weights)

    def send_dense(self, wanted: Array) -> Sent:
        return self.channel.send_dense(wanted, weights=self.weights)


def _scales(facts: Facts) -> Array:
    """n wᵢ = Lᵢ/L̄, (1, nodes, 1)."""
    return (facts.node_L / facts.L_bar)[None, :, None]


WEIGHTED_STEP = Text(
    "γ = 1/(L + L̄√(β/θ)), “Error Feedback Reloaded” (2024)", "γ = 1/(L + L̄√(β/θ)), статья «Error Feedback Reloaded» (2024)"
)
WEIGHTED_PL_STEP = Text(
    "γ = min{1/(L + L̄√(2β/θ)), θ/(2μ)}: EF21 (2021), Theorem 2, with L̄ for L̃ thanks to the weights",
    "γ = min{1/(L + L̄√(2β/θ)), θ/(2μ)}: EF21 (2021), теорема 2, где благодаря весам вместо L̃ стоит L̄",
)
UNWEIGHTED = Text(
    "EF21-W weighs every node by its smoothness, and the Lᵢ of this problem are not known; choose EF21",
    "EF21-W взвешивает узлы по их гладкости, а у этой задачи Lᵢ неизвестны; выберите EF21",
)
WEIGHTLESS = Text(
    "EF21-W weighs every node by its smoothness, and node {node} has Lᵢ = 0; choose EF21, or a regulariser above 0",
    "EF21-W взвешивает узлы по их гладкости, а у узла {node} Lᵢ = 0; выберите EF21 или регуляризацию больше 0",
)
