"""Components: a sum of rank-one tensors, each sent as its size λ and one direction for each mode."""

from __future__ import annotations

from dataclasses import dataclass

from array_api_compat import device

from ef21lab.choices import spec
from ef21lab.choices.text import Text
from ef21lab.compressors import wire
from ef21lab.compressors.base import Array, Shape
from ef21lab.compressors.low_rank.base import LowRank
from ef21lab.compressors.low_rank.plan import Decomposed, Sizes
from ef21lab.compressors.low_rank.shares import Shares, sequential_alpha, sequential_shares
from ef21lab.compressors.low_rank.tucker import built


@dataclass(frozen=True)
class Components(LowRank):
    """A compressor that sends Σ_c λ_c a_c ⊗ b_c ⊗ ⋯, c = 1 … r: λ_c and its directions, each scaled to 1 at its largest entry,
    r(1 + Σ (I_k − 1)) floats and the places of those entries.
    """

    ranks: int | Shape = spec.ranks(
        2,
        Text("Components, r", "Слагаемые, r"),
        Text("How many rank-one tensors are summed.", "Сколько тензоров ранга один складывается."),
        places="whole",
    )

    def shares(self, sides: Shape, ranks: Shape) -> Shares:
        """Those of one component."""
        return sequential_shares(sides, (1,) * len(sides))

    def possible(self, sides: Shape, ranks: Shape) -> Shape:
        return ranks

    def sizes(self, sides: Shape, ranks: Shape) -> Sizes:
        return Sizes([(side, 1) for side in sides] * ranks[0], ranks)

    def built(self, xp: wire.Namespace, sent: Decomposed, sides: Shape) -> Array:
        n, order = sent.core.shape[0], len(sides)
        total = xp.zeros((n, *sides), dtype=xp.float64, device=device(sent.core))
        for component in range(sent.core.shape[1]):
            size = xp.reshape(xp.asarray(sent.core[:, component], copy=True), (n,) + (1,) * order)  # products depend on memory layout
            own = sent.frames[order * component : order * (component + 1)]
            total = total + built(xp, Decomposed(own, size))
        return total

    def cost(self, d: int) -> tuple[float, float]:
        plan = self.plan(d)
        one, count = self.sizes(plan.sides, (1,)), plan.ranks[0]
        return 1.0 + count * one.bits, float(count * one.floats)

    def greedy_alpha(self, d: int) -> float:
        """1 − (1 − α₁)^r with α₁ that of ST-HOSVD with ranks 1: what r components keep where each is fitted to what is left."""
        plan = self.plan(d)
        one = sequential_alpha(self.shares(plan.sides, plan.ranks))
        return 1 - (1 - one) ** plan.ranks[0]
