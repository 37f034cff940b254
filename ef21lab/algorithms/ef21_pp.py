"""EF21-PP: EF21 with partial participation (Fatkhullin, Sokolov, Gorbunov, Li, Richtárik 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
from ef21lab.streams import Stream

Array = Any


@dataclass(frozen=True)
class EF21PP(Algorithm):
    """x⁺ = x − γ g;  gᵢ⁺ = gᵢ + C(∇fᵢ(x⁺) − gᵢ) with probability p, for every node by itself, and gᵢ⁺ = gᵢ otherwise.

    Only the nodes that take part in a round receive x⁺ and send; in round 0 all do. To keep silent is to send 0, so this is EF21 with the
    random operator that is C with probability p and 0 otherwise: E‖· − v‖² ≤ p(1 − α)‖v‖² + (1 − p)‖v‖² = (1 − pα)‖v‖².
    """

    name = "ef21_pp"
    label = same("EF21-PP")
    about = Text(
        "EF21 where in every round only some of the nodes, chosen at random, receive x and send.",
        "EF21, где в каждом раунде лишь часть узлов, выбранных случайно, получает x и посылает сообщение.",
    )
    order = 20
    line = Line("#00939A", "longdashdot")
    state = EF21State

    p: float = real(
        0.5,
        0.0,
        1.0,
        Text("Participation p", "Участие p"),
        Text("The probability that a node takes part in a round.", "Вероятность того, что узел участвует в раунде."),
        above=True,
    )
    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21State:
        point = problem.at(x)
        return EF21State(x, *first_estimates(self.init, point.gradients, channel), point)

    def step(self, state: EF21State, problem: Problem, channel: Channel, gamma: Array) -> EF21State:
        present = channel.drawn(lambda rng: rng.random(problem.nodes) < self.p, Stream.PARTICIPATION)  # (lanes, nodes)
        x = channel.broadcast(state.x - gamma * state.direction, present)
        point = problem.at(x)
        sent = channel.send(point.gradients - state.estimates, present)
        return EF21State(x, state.estimates + sent.own, state.direction + sent.mean, point)

    def estimates(self, state: EF21State) -> Array:
        return state.estimates

    def mean_bounds(self, facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
        longest = theory.ef21_step(facts.L, facts.L_tilde, self.p * alpha)
        return (MeanBound(longest, share=self.p),)

    def cost(self, compressor: Compressor, d: int) -> tuple[float, float]:
        bits, floats = compressor.cost(d)
        return self.p * bits, self.p * floats

    def cost_down(self, facts: Facts) -> tuple[float, float]:
        first, later = super().cost_down(facts)
        return self.p * first, self.p * later

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        gamma = theory.ef21_step(facts.L, facts.L_tilde, self.p * compressor.step_alpha(facts.d))
        return of_theorem(gamma, PARTICIPATION_STEP, compressor.received_alpha(facts.d))


PARTICIPATION_STEP = Text(
    "γ = 1/(L + L̃√(β/θ)) with pα in place of α, EF21 (2021), Theorem 1: a silent node is a message of 0",
    "γ = 1/(L + L̃√(β/θ)), где вместо α стоит pα, EF21 (2021), теорема 1: промолчать — всё равно что послать 0",
)
