"""EF21+: Richtárik, Sokolov, Fatkhullin (2021), section 3.5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab.algorithms._first import first, first_estimates
from ef21lab.algorithms.base import Algorithm, MeanBound, StepSize, Theorem
from ef21lab.algorithms.ef21 import EF21, EF21State
from ef21lab.channels.base import Channel
from ef21lab.channels.messages import Offer, either
from ef21lab.channels.norms import distance_sq
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, same
from ef21lab.compressors.base import Compressor
from ef21lab.problems.base import Facts, Problem

Array = Any


@dataclass(frozen=True)
class EF21Plus(Algorithm):
    """x⁺ = x − γ g;  gᵢ⁺ is the one of C(∇fᵢ(x⁺)) and gᵢ + C(∇fᵢ(x⁺) − gᵢ) that is closer to ∇fᵢ(x⁺).

    Sent: the message of the better one, and one bit that says which. On every draw of C the error is no larger than EF21's from the same
    gᵢ, so ‖gᵢ⁺ − ∇fᵢ(x⁺)‖² ≤ (1 − θ)‖gᵢ − ∇fᵢ(x)‖² + βLᵢ²‖x⁺ − x‖² holds node by node (for random C: in expectation), and EF21's theorems
    use nothing else of the gᵢ.
    """

    name = "ef21_plus"
    label = same("EF21+")
    about = Text(
        "Each node compresses both its gradient and the difference, as EF21 does, and sends the better one with a bit that says which.",
        "Каждый узел сжимает и сам градиент, и разность, как в EF21, и посылает лучшее из двух с битом, который говорит, что послано.",
    )
    order = 10
    line = Line("#2E8B57", "dashdot")
    message = Text("∇fᵢ − gᵢ or ∇fᵢ", "∇fᵢ − gᵢ или ∇fᵢ")
    state = EF21State
    proved = frozenset({"psi", "distortion", "tight"})

    init: str = first()

    def start(self, problem: Problem, channel: Channel, x: Array, gamma: Array) -> EF21State:
        point = problem.at(x)
        return EF21State(x, *first_estimates(self.init, point.gradients, channel), point)

    def step(self, state: EF21State, problem: Problem, channel: Channel, gamma: Array) -> EF21State:
        x = channel.broadcast(state.x - gamma * state.direction)
        point = problem.at(x)
        difference, anew = channel.offer(point.gradients - state.estimates), channel.offer(point.gradients, second=True)
        is_anew = _error(anew) < _error(difference)  # (lanes, nodes)
        sent = channel.post(either(is_anew, anew, difference))
        kept = np.where(is_anew[..., None], 0.0, state.estimates)  # (lanes, nodes, d); the master, who knows every gᵢ, keeps the same
        return EF21State(x, kept + sent.own, channel.mean(kept) + sent.mean, point)

    def estimates(self, state: EF21State) -> Array:
        return state.estimates

    def mean_bounds(self, facts: Facts, alpha: float) -> tuple[MeanBound, ...]:
        return EF21().mean_bounds(facts, alpha)

    def cost(self, compressor: Compressor, d: int) -> tuple[float, float]:
        bits, floats = compressor.cost(d)
        return bits + 1, floats

    def step_size(self, facts: Facts, compressor: Compressor) -> StepSize:
        return EF21().step_size(facts, compressor)

    def step_size_by(self, theorem: Theorem, facts: Facts, compressor: Compressor) -> StepSize | Text:
        return EF21().step_size_by(theorem, facts, compressor)


def _error(offer: Offer) -> Array:
    """How far from ∇fᵢ the estimate would be, squared: (lanes, nodes)."""
    return distance_sq(offer.received, offer.wanted)
