"""Distributed gradient descent: what every compressed method is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ef21lab import theory
from ef21lab.algorithms.base import Algorithm, MeanBound, StepSize, Theorem
from ef21lab.channels.base import Channel
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.compressors.identity import Identity
from ef21lab.problems.base import Facts, Point, Problem

Array = Any


class GDState(NamedTuple):
    x: Array  # (lanes, d)
    received: Array  # (lanes, nodes, d): the gradients as they arrived, rounded to float32
    direction: Array  # (lanes, d): their mean
    point: Point


@dataclass(frozen=True)
class GD(Algorithm):
    """x⁺ = x − (γ/n) Σ ∇fᵢ(x), every gradient sent whole: the compressor is not used."""

    name = "gd"
    label = Text("Gradient descent", "Градиентный спуск")
    about = Text("Every node sends its whole gradient; the compressor is not used.", "Каждый узел посылает градиент целиком; сжатия нет.")
    order = 90
    drawn_as_message = True
    message = same("∇fᵢ")
    proved = frozenset({"psi"})
    sends_whole = True
    state = GDState

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> GDState:
        point = problem.at(x)
        return GDState(x, *channel.send_dense(point.gradients), point)

    def step(self, state: GDState, problem: Problem, channel: Channel, gamma: Array) -> GDState:
        x = channel.broadcast(state.x - gamma * state.direction)
        point = problem.at(x)
        return GDState(x, *channel.send_dense(point.gradients), point)

    def estimates(self, state: GDState) -> Array:
        return state.received

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        return StepSize(theory.gd_step(facts.L), True, Text("γ = 1/L, the descent lemma", "γ = 1/L, лемма о спуске"))

    def step_size_by(self, theorem: Theorem, facts: Facts, compressor: Compressor) -> StepSize | Text:
        if theorem == "pl" and facts.mu is not None:
            return StepSize(theory.gd_step(facts.L), True, Text("γ = 1/L, Polyak (1963)", "γ = 1/L, Поляк (1963)"))
        return super().step_size_by(theorem, facts, compressor)

    def mean_bounds(self, facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
        """EF21's Theorem 1, with messages that are exact but for rounding."""
        return (MeanBound(theory.gd_step(facts.L)),)

    def messenger(self, compressor: Compressor) -> Compressor:
        return Identity()

    def refusal(self, facts: Facts, compressor: Compressor) -> None:
        return None
