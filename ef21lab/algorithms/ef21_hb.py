"""EF21-HB: EF21 with heavy ball momentum (Fatkhullin, Sokolov, Gorbunov, Li, Richtárik 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ef21lab import theory
from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms._steps import of_theorem
from ef21lab.algorithms.base import Algorithm, MeanBound, StepSize
from ef21lab.channels.base import Channel
from ef21lab.choices.line import Line
from ef21lab.choices.spec import real
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Point, Problem

Array = Any


class EF21HBState(NamedTuple):
    x: Array  # (lanes, d)
    velocity: Array  # (lanes, d): v
    estimates: Array  # (lanes, nodes, d): gᵢ
    direction: Array  # (lanes, d): g
    point: Point


@dataclass(frozen=True)
class EF21HB(Algorithm):
    """v⁺ = ηv + g;  x⁺ = x − γv⁺;  gᵢ⁺ = gᵢ + C(∇fᵢ(x⁺) − gᵢ);  v⁰ = 0.

    The step is proved as follows. Let γ' = γ/(1 − η) and z = x − γ'ηv, so z⁺ = z − γ'g, and expand f(z⁺) around z, with
    ‖∇f(z) − ∇f(x)‖ ≤ Lγ'η‖v‖:
        f(z⁺) ≤ f(z) − (γ'/2)(‖∇f(x)‖² + (1 − γ'L)‖g‖² − ‖g − ∇f(x)‖² − 2γ'Lη‖v‖‖g‖).
    Since v = Σ ηʲ g of j + 1 rounds ago, over T rounds Σ‖v‖² and Σ‖v⁺‖² are at most Σ‖g‖²/(1 − η)², so Σ‖v‖‖g‖ ≤ Σ‖g‖²/(1 − η) and
    Σ‖x⁺ − x‖² ≤ γ'²Σ‖g‖². With ‖g − ∇f(x)‖² ≤ G and ΣG ≤ G⁰/θ + (β/θ)L̃²Σ‖x⁺ − x‖² (EF21, Lemma 3), what stands before Σ‖g‖² is no less
    than 0 where γ'L(1 + η)/(1 − η) + γ'²L̃²β/θ ≤ 1, and then the mean of ‖∇f(x)‖² is at most 2(f(x⁰) − f_inf)/(γ'T) + G⁰/(θT).
    """

    name = "ef21_hb"
    label = same("EF21-HB")
    about = Text(
        "EF21 whose master moves with heavy ball momentum: every step keeps a part η of the one before.",
        "EF21, где сервер движется с инерцией тяжёлого шарика: каждый шаг сохраняет долю η предыдущего.",
    )
    order = 15
    line = Line("#9C4DCC", "dash")
    state = EF21HBState

    eta: float = real(
        0.5, 0.0, 0.99, Text("Momentum η", "Инерция η"), Text("How much of the last step is kept.", "Какая доля прошлого шага сохраняется.")
    )
    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21HBState:
        point = problem.at(x)
        return EF21HBState(x, np.zeros_like(x), *first_estimates(self.init, point.gradients, channel), point)

    def step(self, state: EF21HBState, problem: Problem, channel: Channel, gamma: Array) -> EF21HBState:
        velocity = self.eta * state.velocity + state.direction
        x = channel.broadcast(state.x - gamma * velocity)
        point = problem.at(x)
        sent = channel.send(point.gradients - state.estimates)
        return EF21HBState(x, velocity, state.estimates + sent.own, state.direction + sent.mean, point)

    def estimates(self, state: EF21HBState) -> Array:
        return state.estimates

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        gamma = theory.ef21_hb_step(facts.L, facts.L_tilde, compressor.step_alpha(facts.d), self.eta)
        return of_theorem(gamma, HEAVY_BALL_STEP, compressor.received_alpha(facts.d))

    def mean_bounds(self, facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
        longest = theory.ef21_hb_step(facts.L, facts.L_tilde, alpha, self.eta)
        return (MeanBound(longest, stretch=1.0 / (1.0 - self.eta)),)


HEAVY_BALL_STEP = Text(
    "γ = (1 − η)/(L(1 + η)/(1 − η) + L̃√(β/θ)): EF21's Theorem 1 carried over to the heavy ball; the proof is in the method's file",
    "γ = (1 − η)/(L(1 + η)/(1 − η) + L̃√(β/θ)): теорема 1 EF21, перенесённая на тяжёлый шарик; доказательство — в файле метода",
)
