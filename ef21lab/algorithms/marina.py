"""MARINA: Gorbunov, Burlachenko, Li, Richtárik (2021), Algorithm 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ef21lab import theory
from ef21lab.algorithms._unbiased import bias_refusal, variance
from ef21lab.algorithms.base import Algorithm, StepSize
from ef21lab.channels.base import Channel
from ef21lab.choices.line import Line
from ef21lab.choices.spec import real
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.compressors.identity import Identity
from ef21lab.problems.base import Facts, Point, Problem
from ef21lab.streams import Stream

Array = Any


class MARINAState(NamedTuple):
    x: Array  # (lanes, d)
    estimates: Array  # (lanes, nodes, d): gᵢ
    direction: Array  # (lanes, d): g
    point: Point


@dataclass(frozen=True)
class MARINA(Algorithm):
    """x⁺ = x − γ g, and g⁺ = (1/n) Σ gᵢ⁺, where one coin is tossed for all nodes:

        gᵢ⁺ = ∇fᵢ(x⁺) with probability p, else g + Q(∇fᵢ(x⁺) − ∇fᵢ(x));  gᵢ⁰ = ∇fᵢ(x⁰).

    Whole gradients travel as float32, in round 0 too; p = 1 is gradient descent.
    The step γ ≤ 1/(L + L̃√((1 − p)ω/(pn))) is proved as follows, with R = ‖x⁺ − x‖², G = ‖g − ∇f(x)‖²:
        f(x⁺) ≤ f(x) − (γ/2)‖∇f(x)‖² − (1/(2γ) − L/2)R + (γ/2)G, for any g (the descent lemma at x⁺ = x − γg);
        E G⁺ ≤ (1 − p)(G + (ω/n)L̃²R), since where nothing is sent whole g⁺ − ∇f(x⁺) is g − ∇f(x) and n independent errors of mean 0.
    Added up: where γL + γ²L̃²(1 − p)ω/(pn) ≤ 1, Φ = f + (γ/(2p))G falls by at least (γ/2)‖∇f(x)‖² in a round, in expectation.
    (Gorbunov et al. have L̃ in the place of L; this is the form of Szlendak, Tyurin, Richtárik 2021, "Permutation Compressors for
    Provably Faster Distributed Nonconvex Optimization".)
    """

    name = "marina"
    label = same("MARINA")
    about = Text(
        "Nodes send how their gradients have changed, compressed, and now and then the whole gradients; for unbiased compressors.",
        "Узлы посылают в сжатом виде, как изменились их градиенты, а изредка — градиенты целиком; для несмещённых компрессоров.",
    )
    order = 72
    looks_back = True
    line = Line("#2A9D8F", "longdashdot")
    message = same("∇fᵢ(x⁺) − ∇fᵢ(x)")
    state = MARINAState

    p: float = real(
        0.1,
        0.0,
        1.0,
        Text("Whole gradients p", "Градиент целиком p"),
        Text(
            "The probability that all nodes send their gradients whole in a round.",
            "Вероятность того, что в раунде все узлы пошлют градиенты целиком.",
        ),
        above=True,
    )

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> MARINAState:
        point = problem.at(x)
        return MARINAState(x, *channel.send_dense(point.gradients), point)

    def step(self, state: MARINAState, problem: Problem, channel: Channel, gamma: Array) -> MARINAState:
        x = channel.broadcast(state.x - gamma * state.direction)
        point = problem.at(x)
        coin = channel.drawn(
            lambda rng: np.full(problem.nodes, rng.random() < self.p), Stream.WHOLE_ROUND
        )  # (lanes, nodes), alike for all nodes
        whole = channel.send_dense(point.gradients, coin)
        changes = channel.send(point.gradients - state.point.gradients, ~coin)
        g, is_whole = state.direction, coin[:, :1]  # (lanes, 1)
        estimates = np.where(is_whole[..., None], whole.own, g[:, None, :] + changes.own)
        return MARINAState(x, estimates, np.where(is_whole, whole.mean, g + changes.mean), point)

    def estimates(self, state: MARINAState) -> Array:
        return state.estimates

    def cost(self, compressor: Compressor, d: int) -> tuple[float, float]:
        (whole_bits, whole_floats), (bits, floats) = Identity().cost(d), compressor.cost(d)
        return self.p * whole_bits + (1 - self.p) * bits, self.p * whole_floats + (1 - self.p) * floats

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        omega = variance(compressor, facts.d)
        return StepSize(theory.marina_step(facts.L, facts.L_tilde, omega, self.p, facts.nodes), True, CHANGES_STEP)

    def refusal(self, facts: Facts, compressor: Compressor) -> Text | None:
        return bias_refusal(self.label, facts, compressor)


CHANGES_STEP = Text(
    "γ = 1/(L + L̃√((1 − p)ω/(pn))), Szlendak, Tyurin, Richtárik (2021); the proof is in the method's file",
    "γ = 1/(L + L̃√((1 − p)ω/(pn))), Szlendak, Tyurin, Richtárik (2021); доказательство — в файле метода",
)
