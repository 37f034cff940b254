"""EF21-Prox: EF21 with a proximal step (Fatkhullin, Sokolov, Gorbunov, Li, Richtárik 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab import theory
from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms._steps import of_theorem
from ef21lab.algorithms.base import Algorithm, MeanBound, StepSize
from ef21lab.algorithms.ef21 import EF21State
from ef21lab.channels.base import Channel
from ef21lab.choices.line import Line
from ef21lab.choices.spec import real
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Problem

Array = Any


@dataclass(frozen=True)
class EF21Prox(Algorithm):
    """Minimises F = f + r, r(x) = λ‖x‖₁:  x⁺ = prox_γr(x − γg);  gᵢ⁺ = gᵢ + C(∇fᵢ(x⁺) − gᵢ).

    prox_γr(u) shrinks every |u_k| by γλ, down to 0. What vanishes is the gradient mapping M(x) = (x − prox_γr(x − γ∇f(x)))/γ.
    The step is proved as follows, with D = x⁺ − x and R = ‖D‖²:
        r(x⁺) ≤ r(x) − ⟨g, D⟩ − R/γ, since x⁺ minimises a (1/γ)-strongly convex function; so, with ⟨∇f − g, D⟩ ≤ γG + R/(4γ),
        F(x⁺) ≤ F(x) + γG − (3/(4γ) − L/2)R;
        (γ/8)‖M(x)‖² ≤ R/(4γ) + γG/4, since ‖γM(x) + D‖ ≤ γ‖g − ∇f(x)‖ (a prox moves two points no further apart);
        (5γ/4θ)G⁺ ≤ (5γ/4θ)G − (5γ/4)G + (5γβ/4θ)L̃²R (EF21, Lemma 3).
    Added up: where γL + (5/2)γ²L̃²β/θ ≤ 1, Φ = F + (5γ/4θ)G falls by at least (γ/8)‖M(x)‖² in a round, so the mean of ‖M‖² over T rounds
    is at most 8Φ⁰/(γT), Φ measured from the least F.
    """

    name = "ef21_prox"
    label = same("EF21-Prox")
    about = Text(
        "EF21 for a loss with an ℓ₁ penalty, which makes coordinates of x exactly zero.",
        "EF21 для функции со штрафом ℓ₁, который делает часть координат x точными нулями.",
    )
    order = 35
    line = Line("#A88400", "dot")
    state = EF21State

    l1: float = real(
        0.001,
        0.0,
        1e6,
        Text("ℓ₁ penalty λ", "Штраф ℓ₁: λ"),
        Text("λ‖x‖₁ is added to the loss.", "К функции прибавляется λ‖x‖₁."),
        logarithmic=True,
    )
    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21State:
        point = problem.at(x)
        return EF21State(x, *first_estimates(self.init, point.gradients, channel), point)

    def step(self, state: EF21State, problem: Problem, channel: Channel, gamma: Array) -> EF21State:
        x = channel.broadcast(self._prox(state.x - gamma * state.direction, gamma))
        point = problem.at(x)
        sent = channel.send(point.gradients - state.estimates)
        return EF21State(x, state.estimates + sent.own, state.direction + sent.mean, point)

    def estimates(self, state: EF21State) -> Array:
        return state.estimates

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        gamma = theory.ef21_prox_step(facts.L, facts.L_tilde, compressor.step_alpha(facts.d))
        return of_theorem(gamma, PROXIMAL_STEP, compressor.received_alpha(facts.d))

    def mean_bounds(self, facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
        """8(F(x⁰) − F_inf)/(γT) + 10G⁰/(θT), above the mean of ‖M‖²."""
        return (MeanBound(theory.ef21_prox_step(facts.L, facts.L_tilde, alpha), stretch=1 / 4, weight=10.0),)

    def penalty(self, x: Array) -> Array:
        return self.l1 * np.abs(x).sum(axis=-1)

    def stationarity(self, state: EF21State, gradient: Array, gamma: Array) -> Array:
        return (state.x - self._prox(state.x - gamma * gradient, gamma)) / gamma

    def _prox(self, u: Array, gamma: Array) -> Array:
        """The minimiser of γλ‖x‖₁ + ½‖x − u‖², (lanes, d)."""
        return np.sign(u) * np.maximum(np.abs(u) - gamma * self.l1, 0.0)


PROXIMAL_STEP = Text(
    "γ = 1/(L + L̃√(5β/(2θ))): EF21's Theorem 1 carried over to a proximal step; the proof is in the method's file",
    "γ = 1/(L + L̃√(5β/(2θ))): теорема 1 EF21, перенесённая на проксимальный шаг; доказательство — в файле метода",
)
