"""EF21-BC: EF21 with compression in both directions (Fatkhullin, Sokolov, Gorbunov, Li, Richtárik 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ef21lab import spec, theory
from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms._steps import of_theorem
from ef21lab.algorithms.base import Algorithm, StepSize
from ef21lab.channel import Channel
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.compressors.natural import Natural
from ef21lab.problems.base import Facts, Point, Problem
from ef21lab.text import Text, same

Array = Any


class EF21BCState(NamedTuple):
    x: Array  # (lanes, d)
    estimates: Array  # (lanes, nodes, d): g̃ᵢ
    direction: Array  # (lanes, d): g, as the master and every node hold it
    point: Point


@dataclass(frozen=True)
class EF21BC(Algorithm):
    """b = C_M(g̃ − g);  g⁺ = g + b;  x⁺ = x − γg⁺;  cᵢ = C(∇fᵢ(x⁺) − g̃ᵢ);  g̃ᵢ⁺ = g̃ᵢ + cᵢ;  g̃ = (1/n) Σ g̃ᵢ;  g⁰ = 0.

    The master broadcasts b in place of x, and every node makes the step by itself. The step is proved as follows, with q² = β/θ of C and
    q_M² = β_M/θ_M of C_M, and R = ‖x⁺ − x‖². Over T rounds and up to a constant that does not grow with T:
        ΣG ≤ q²L̃²ΣR, where G = mean ‖g̃ᵢ − ∇fᵢ(x)‖² (EF21, Lemma 3);
        Σ mean ‖cᵢ‖² ≤ k²Σ mean ‖∇fᵢ(x⁺) − g̃ᵢ‖² ≤ k²(1 + q)²L̃²ΣR, where k = 1 + √(1 − α) and 1 + q = 1/θ;
        ΣH ≤ q_M²Σ mean ‖cᵢ‖², where H = ‖g⁺ − g̃‖²: the recursion of Lemma 3 for C_M, with the drift of g̃ in place of the gradients';
        Σ‖g⁺ − ∇f(x)‖² ≤ (1 + s)ΣG + (1 + 1/s)ΣH ≤ A²ΣR for the best s, A = L̃(q + q_M k/θ).
    Since 2γf(x⁺) ≤ 2γf(x) − γ²‖∇f(x)‖² + γ²‖g⁺ − ∇f(x)‖² − (1 − γL)R, the ‖∇f(x)‖² are summable where γL + γ²A² ≤ 1.
    """

    name = "ef21_bc"
    label = same("EF21-BC")
    about = Text(
        "EF21 whose master answers with compressed differences too, so that the way down is as cheap as the way up.",
        "EF21, где и сервер отвечает сжатыми разностями: путь от сервера становится таким же дешёвым, как путь к нему.",
    )
    order = 25

    downlink: Compressor = spec.nested(
        Natural(),
        lambda: compressors,
        lambda member: True,
        Text("Downlink", "От сервера к узлам"),
        Text("What the master's messages go through.", "Чем сжимаются сообщения сервера."),
    )
    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21BCState:
        point = problem.at(x)
        return EF21BCState(x, first_estimates(self.init, point.gradients, channel), np.zeros_like(x), point)

    def step(self, state: EF21BCState, problem: Problem, channel: Channel, gamma: Array) -> EF21BCState:
        wanted = state.estimates.mean(axis=-2) - state.direction
        direction = state.direction + channel.broadcast_compressed(self._downlink(problem.facts), wanted)
        x = state.x - gamma * direction
        point = problem.at(x)
        estimates = state.estimates + channel.send(point.gradients - state.estimates)
        return EF21BCState(x, estimates, direction, point)

    def estimates(self, state: EF21BCState) -> Array:
        return state.estimates

    def resume(self, problem: Problem, arrays: dict[str, Array]) -> EF21BCState:
        return EF21BCState(**arrays, point=problem.at(arrays["x"]))

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        d, down = facts.d, self._downlink(facts)
        L_tilde = theory.quadratic_mean(facts.node_smoothness)
        gamma = theory.ef21_bc_step(facts.smoothness, L_tilde, compressor.step_alpha(d), down.step_alpha(d))
        return of_theorem(gamma, BOTH_WAYS_STEP, compressor.received_alpha(d), down.received_alpha(d))

    def refusal(self, facts: Facts, compressor: Compressor) -> Text | None:
        down = self._downlink(facts).refusal(facts.d)
        return compressor.refusal(facts.d) or (None if down is None else DOWNLINK_REFUSED + down)

    def _downlink(self, facts: Facts) -> Compressor:
        return self.downlink.bound(facts.layout)


BOTH_WAYS_STEP = Text(
    "γ = 1/(L + L̃(√(β/θ) + √(β_M/θ_M)(1 + √(1 − α))/θ)): "
    "EF21's Theorem 1 carried over to both directions; the proof is in the method's file",
    "γ = 1/(L + L̃(√(β/θ) + √(β_M/θ_M)(1 + √(1 − α))/θ)): теорема 1 EF21, перенесённая на оба направления; доказательство — в файле метода",
)
DOWNLINK_REFUSED = Text("the downlink of EF21-BC: ", "путь от сервера в EF21-BC: ")
