"""Ranks that every message chooses for itself: the smallest that keep its relative error within ε."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from array_api_compat import device

from ef21lab.choices import spec
from ef21lab.choices.text import Text
from ef21lab.compressors import _expected as expected
from ef21lab.compressors.base import Array
from ef21lab.compressors.low_rank.base import LowRank
from ef21lab.compressors.low_rank.plan import Plan
from ef21lab.compressors.low_rank.shares import sequential_alpha
from ef21lab.compressors.low_rank.spectra import energy, spectrum
from ef21lab.compressors.wire import Namespace


@dataclass(frozen=True)
class Within(LowRank):
    """A sequence of nested truncations with given ranks, or with an error target ε.

    The steps are orthogonal projections one inside the other, so their losses add up: ‖X − C(X)‖² = Σ_k (what step k drops). Of the ε²‖X‖²
    that may be lost, step k of m takes at most the (m − k + 1)-th part of what is left, and its rank is the smallest that does.
    """

    turns: ClassVar[bool]  # a step leaves its mode at the end (Tucker), or joins it to the next one (train)

    error: float = spec.real(
        0.0,
        0.0,
        0.99,
        Text("Error target, ε", "Допустимая ошибка, ε"),
        Text(
            "0: the ranks above. Otherwise every message chooses the smallest ranks that keep its relative error within ε.",
            "0: ранги заданы выше. Иначе каждое сообщение выбирает наименьшие ранги, при которых относительная ошибка не больше ε.",
        ),
    )

    @property
    def tolerance(self) -> float:
        return self.error

    def alpha(self, d: int) -> float:
        plan = self.plan(d)
        return 1 - self.error**2 if self.error else sequential_alpha(self.shares(plan.sides, plan.asked))

    def alpha_reason(self, d: int) -> Text:
        if not self.error:
            return self.source
        return Text(
            "α = 1 − ε²: each message takes the ranks that its relative error ε asks for, and its length varies.",
            "α = 1 − ε²: каждое сообщение берёт такие ранги, каких требует относительная ошибка ε, и длина его меняется.",
        )

    def cost(self, d: int) -> tuple[float, float]:
        if not self.error:
            return super().cost(d)
        plan = self.plan(d)
        ranks = self.possible(plan.sides, expected.ranks_within(plan.sides, plan.ranks, self.error, turns=self.turns))
        sizes = self.sizes(plan.sides, ranks)
        return 1.0 + sizes.bits + sum((most - 1).bit_length() for most in plan.ranks), float(sizes.floats)

    def ranks_within(self, xp: Namespace, tensors: Array, plan: Plan) -> Array:
        """(n, places). A direction that a tensor drops becomes zeros here, so that tensors of all ranks share one shape."""
        n, left, before = tensors.shape[0], tensors, 1
        whole = energy(xp, tensors)
        allowed, chosen = self.error**2 * whole, []
        for place, (side, most) in enumerate(zip(plan.sides, plan.ranks, strict=False)):
            rows = side if self.turns else before * side
            unfolded = xp.reshape(left, (n, rows, math.prod(left.shape[1:]) // rows))
            columns, energies = spectrum(xp, unfolded, most)
            kept = _enough(xp, energies, allowed / (len(plan.ranks) - place))
            among = xp.arange(most, device=device(tensors))[None, :] < kept[:, None]
            columns = xp.where(among[:, None, :], columns, 0.0)
            across = xp.matrix_transpose(unfolded if self.turns else columns)
            left = across @ (columns if self.turns else unfolded)
            remaining = energy(xp, left)
            allowed, whole = xp.clip(allowed - (whole - remaining), 0.0, None), remaining
            chosen.append(kept)
            before = most
        return xp.stack(chosen, axis=-1)


def _enough(xp: Namespace, energies: Array, allowed: Array) -> Array:
    """The smallest r ≥ 1 with Σ_{j>r} σ_j² ≤ allowed, (n,), from descending σ² (n, m) that rounding may have made negative."""
    tails = xp.flip(xp.cumulative_sum(xp.flip(xp.clip(energies, 0.0, None), axis=-1), axis=-1), axis=-1)  # (n, m): Σ_{j≥r} at r, from 1
    return 1 + xp.sum(xp.astype(tails[:, 1:] > allowed[:, None], xp.int64), axis=-1)
