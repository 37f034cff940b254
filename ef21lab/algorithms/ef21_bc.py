"""EF21-BC: EF21 with compression in both directions (Fatkhullin, Sokolov, Gorbunov, Li, Richtárik 2021)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ef21lab import theory
from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms._steps import of_theorem
from ef21lab.algorithms.base import Algorithm, MeanBound, StepSize
from ef21lab.channels.base import EXACT, Channel
from ef21lab.choices import spec
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor, compressors, noise_shape
from ef21lab.compressors.natural import Natural
from ef21lab.problems.base import Facts, Point, Problem

Array = Any


class EF21BCState(NamedTuple):
    x: Array  # (lanes, d)
    estimates: Array  # (lanes, nodes, d): g̃ᵢ
    mean: Array  # (lanes, d): g̃
    direction: Array  # (lanes, d): the g of the last step, as the master and every node hold it
    point: Point


@dataclass(frozen=True)
class EF21BC(Algorithm):
    """x⁺ = x − γg;  cᵢ = C(∇fᵢ(x⁺) − g̃ᵢ);  g̃ᵢ⁺ = g̃ᵢ + cᵢ;  g̃ = (1/n) Σ g̃ᵢ;  b = C_M(g̃⁺ − g);  g⁺ = g + b.

    The master broadcasts b in place of x, and every node makes the step by itself. Before the first step it broadcasts g⁰: g̃⁰ whole, as in
    the authors' code, or C_M(g̃⁰). As x is with other methods, what a step needs is sent and billed in the round of that step.

    The step is proved as follows, with q² = β/θ of C, q_M² = β_M/θ_M of C_M, k = 1 + √(1 − α) and R = ‖x⁺ − x‖². Sums are over T rounds:
        ΣG ≤ G⁰/θ + q²L̃²ΣR, where G = mean ‖g̃ᵢ − ∇fᵢ(x)‖² (EF21, Lemma 3);
        ΣD ≤ G⁰/(θ(1 − θ)) + (L̃/θ)²ΣR, where D = mean ‖∇fᵢ(x⁺) − g̃ᵢ‖² ≤ (1 + 1/q)G + (1 + q)L̃²R, and 1 + q = 1/θ;
        ΣH ≤ H⁰/θ_M + q_M²k²ΣD, where H = ‖g − g̃‖²: the recursion of Lemma 3 for C_M, in which g̃ drifts by at most mean ‖cᵢ‖² ≤ k²D;
        Σ‖g − ∇f(x)‖² ≤ (1 + s)ΣG + (1 + 1/s)ΣH ≤ K + A²ΣR with s = q_M k/(qθ), A = L̃(q + q_M k/θ), and from H⁰ = 0
        K = (1 + q_M k)(1 + q_M k/(1 − θ))G⁰/θ.
    Since 2γf(x⁺) ≤ 2γf(x) − γ²‖∇f(x)‖² + γ²‖g − ∇f(x)‖² − (1 − γL)R, where γL + γ²A² < 1 the R are summable, and with them G, H and
    ‖∇f(x)‖², whose mean is at most (2(f(x⁰) − f_inf)/γ + K)/T; at 1 that mean is all that is left. γ = 1/(L + A) makes it 1 − γ²LA.

    g̃ is added up message by message, as a master does that keeps no g̃ᵢ. Where both C and C_M round to powers of two, g̃ − g often lies on a
    tie, 3/2 of a power of two, and the last digit of that sum says which way it goes: another order of adding gives another run, as good.
    """

    name = "ef21_bc"
    label = same("EF21-BC")
    about = Text(
        "EF21 whose master answers with compressed differences too, so that the way down is as cheap as the way up.",
        "EF21, где и сервер отвечает сжатыми разностями: путь от сервера становится таким же дешёвым, как путь к нему.",
    )
    order = 25
    line = Line("#A5673F", "dashdot")
    state = EF21BCState

    downlink: Compressor = spec.nested(
        Natural(),
        lambda: compressors,
        lambda member: True,
        Text("Downlink", "От сервера к узлам"),
        Text("What the master's messages go through.", "Чем сжимаются сообщения сервера."),
    )
    init: str = first()
    downlink_init: str = spec.choice(
        "dense",
        {
            "dense": Text("whole", "целиком"),
            "compressed": Text("compressed, as later", "сжатым, как потом"),
        },
        Text("First direction g⁰", "Начальное направление g⁰"),
        Text(
            "How the master sends the mean of the first estimates, before the first step.",
            "Как сервер перед первым шагом посылает среднее начальных оценок.",
        ),
    )

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21BCState:
        point = problem.at(x)
        return EF21BCState(x, *first_estimates(self.init, point.gradients, channel), np.zeros_like(x), point)

    def step(self, state: EF21BCState, problem: Problem, channel: Channel, gamma: Array) -> EF21BCState:
        direction = self._direction(state, problem.facts, channel)
        x = state.x - gamma * direction
        point = problem.at(x)
        sent = channel.send(point.gradients - state.estimates)
        return EF21BCState(x, state.estimates + sent.own, state.mean + sent.mean, direction, point)

    def _direction(self, state: EF21BCState, facts: Facts, channel: Channel) -> Array:
        """g (lanes, d), as the nodes know it after the master's message."""
        if channel.is_first_step and self.downlink_init == "dense":
            return channel.broadcast(state.mean)
        return state.direction + channel.broadcast_compressed(self._downlink(facts), state.mean - state.direction)

    def estimates(self, state: EF21BCState) -> Array:
        return state.estimates

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        d, down = facts.d, self._downlink(facts)
        gamma = theory.ef21_bc_step(facts.L, facts.L_tilde, compressor.step_alpha(d), down.step_alpha(d))
        return of_theorem(gamma, BOTH_WAYS_STEP, compressor.received_alpha(d), down.received_alpha(d))

    def cost_down(self, facts: Facts) -> tuple[float, float]:
        compressed, _ = self._downlink(facts).cost(facts.d)
        return float(EXACT * facts.d) if self.downlink_init == "dense" else compressed, compressed

    def mean_bounds(self, facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
        """That of the proof, with K as the weight of G⁰; nothing where H⁰ need not be 0, or K is not finite."""
        down = self._downlink(facts)
        alpha_M = down.received_alpha(facts.d)
        if alpha_M is None or self.downlink_init != "dense" or math.isinf(theory.ef21_bc_weight(alpha, alpha_M)):
            return ()
        longest = theory.ef21_bc_step(facts.L, facts.L_tilde, alpha, alpha_M)
        return (MeanBound(longest, weight=theory.ef21_bc_weight(alpha, alpha_M), random=noise_shape(down, facts.d) is not None),)

    def refusal(self, facts: Facts, compressor: Compressor) -> Text | None:
        down = FORGETS if self.downlink.remembers else self._downlink(facts).misfit(facts.d)
        return compressor.misfit(facts.d) or (None if down is None else DOWNLINK_REFUSED + down)

    def _downlink(self, facts: Facts) -> Compressor:
        return self.downlink.fitted(facts.layout)


BOTH_WAYS_STEP = Text(
    "γ = 1/(L + L̃(√(β/θ) + √(βᴹ/θᴹ)(1 + √(1 − α))/θ)): EF21's Theorem 1 carried over to both directions; the proof is in the method's file",
    "γ = 1/(L + L̃(√(β/θ) + √(βᴹ/θᴹ)(1 + √(1 − α))/θ)): теорема 1 EF21, перенесённая на оба направления; доказательство — в файле метода",
)
DOWNLINK_REFUSED = Text("the downlink of EF21-BC: ", "путь от сервера в EF21-BC: ")
FORGETS = Text(
    "the master remembers nothing of its messages, so there is no warm start: warm = off",
    "сервер не помнит своих сообщений, поэтому тёплого старта у него нет: warm = off",
)
