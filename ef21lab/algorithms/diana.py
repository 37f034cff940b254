"""DIANA: Mishchenko, Gorbunov, Takáč, Richtárik (2019), with the theory of Gorbunov, Hanzely, Richtárik (2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ef21lab import theory
from ef21lab.algorithms._steps import borrowed
from ef21lab.algorithms._unbiased import bias_refusal, variance
from ef21lab.algorithms.base import Algorithm, StepSize
from ef21lab.channels.base import Channel
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Point, Problem

Array = Any


class DIANAState(NamedTuple):
    x: Array  # (lanes, d)
    shifts: Array  # (lanes, nodes, d): hᵢ, for the next round
    shift: Array  # (lanes, d): their mean, as the master holds it
    estimates: Array  # (lanes, nodes, d): hᵢ + mᵢ of this round
    direction: Array  # (lanes, d): g, their mean
    point: Point


@dataclass(frozen=True)
class DIANA(Algorithm):
    """mᵢ = Q(∇fᵢ(x) − hᵢ);  g = (1/n) Σ (hᵢ + mᵢ);  x⁺ = x − γ g;  hᵢ⁺ = hᵢ + β mᵢ;  hᵢ⁰ = 0, β = 1/(1 + ω).

    Q is unbiased, so E g = ∇f(x); hᵢ learns ∇fᵢ(x*), so what Q has to carry goes to zero.

    Where every fᵢ is μ-strongly convex and L-smooth, the step γ ≤ min{β/(2μ), 2/((L + μ)(1 + 6ω/n))} is proved as follows, with
    R = ‖x − x*‖², D = (1/n) Σ ‖∇fᵢ(x) − ∇fᵢ(x*)‖², H = (1/n) Σ ‖hᵢ − ∇fᵢ(x*)‖²:
        E‖g‖² ≤ ‖∇f(x)‖² + (ω/n²) Σ ‖∇fᵢ(x) − hᵢ‖² ≤ (1 + 2ω/n)D + (2ω/n)H;
        E H⁺ ≤ (1 − β)H + βD, since β(1 + ω) = 1;
        ⟨∇f(x), x − x*⟩ ≥ D/(L + μ) + LμR/(L + μ), the mean over nodes of a property of such fᵢ (Nesterov 2018, Theorem 2.1.12).
    With c = 4ω/(nβ), V = R + cγ²H: E V⁺ ≤ (1 − 2γLμ/(L + μ))R + cγ²(1 − β/2)H + γ((1 + 6ω/n)γ − 2/(L + μ))D ≤ (1 − γμ)V.
    The step is that of the public code of the authors' group.
    """

    name = "diana"
    label = same("DIANA")
    about = Text(
        "Each node sends the difference between its gradient and a shift that learns it; for unbiased compressors.",
        "Каждый узел посылает разность между своим градиентом и сдвигом, который к нему приближается; для несмещённых компрессоров.",
    )
    order = 70
    line = Line("#C2489A", "dashdot")
    message = same("∇fᵢ − hᵢ")
    state = DIANAState

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> DIANAState:
        point = problem.at(x)
        return self._heard(x, np.zeros_like(point.gradients), np.zeros_like(x), point, channel)

    def step(self, state: DIANAState, problem: Problem, channel: Channel, gamma: Array) -> DIANAState:
        x = channel.broadcast(state.x - gamma * state.direction)
        return self._heard(x, state.shifts, state.shift, problem.at(x), channel)

    def estimates(self, state: DIANAState) -> Array:
        return state.estimates

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        if not facts.convex or facts.mu is None:
            return borrowed(self.label + WITHOUT_CONVEXITY, facts, compressor)
        L_max, omega = facts.L_max, variance(compressor, facts.d)
        if facts.common_mu is None:
            return StepSize(theory.diana_step(L_max, omega, facts.nodes), True, SHIFTED_STEP)
        return StepSize(theory.diana_strong_step(L_max, facts.common_mu, omega, facts.nodes), True, STRONG_STEP)

    def refusal(self, facts: Facts, compressor: Compressor) -> Text | None:
        return bias_refusal(self.label, facts, compressor)

    def _heard(self, x: Array, shifts: Array, shift: Array, point: Point, channel: Channel) -> DIANAState:
        """The messages at x, and the shifts they leave behind."""
        beta = 1.0 / (1.0 + variance(channel.compressor, x.shape[-1]))
        sent = channel.send(point.gradients - shifts)  # mᵢ
        return DIANAState(x, shifts + beta * sent.own, shift + beta * sent.mean, shifts + sent.own, shift + sent.mean, point)


SHIFTED_STEP = Text(
    "γ = 1/(max Lᵢ · (1 + 6ω/n)), Gorbunov, Hanzely, Richtárik (2020), for convex fᵢ and μ > 0",
    "γ = 1/(max Lᵢ · (1 + 6ω/n)), Gorbunov, Hanzely, Richtárik (2020), для выпуклых fᵢ и μ > 0",
)
STRONG_STEP = Text(
    "γ = min{1/(2μ(1 + ω)), 2/((L + μ)(1 + 6ω/n))}, L = max Lᵢ, μ = min μᵢ > 0; the proof is in the method's file",
    "γ = min{1/(2μ(1 + ω)), 2/((L + μ)(1 + 6ω/n))}, L = max Lᵢ, μ = min μᵢ > 0; доказательство — в файле метода",
)
WITHOUT_CONVEXITY = Text(" without convex fᵢ and μ > 0", " без выпуклых fᵢ и μ > 0")
