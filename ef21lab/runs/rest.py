"""Lanes at rest: a round that left every number as it was is followed by rounds like it, so they are told without being computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab.channels.bill import Charge
from ef21lab.channels.last import Pair

Array = Any


@dataclass(frozen=True)
class Rest:
    """Some lanes that have come to rest, with all that the loop knew of them in the round in which they had.

    A step is a function of the state and of what was drawn. Where nothing was drawn, and nobody asked which round it was, a state that a
    step has left to the last bit as it was is left so by the next; and since the messages and all that is measured come from the state
    before a step and from the step, the next round says and sends what this one did.
    """

    lanes: Array  # (m,)
    state: Mapping[str, Array]  # (m, …) each
    measured: Mapping[str, Array]  # (m, …) each
    bill: Mapping[str, Array]  # (m,) each
    charges: tuple[Charge, ...]  # of one round, in their order, (m,) each: added up one by one, as a bill is
    said: Pair | None  # (m, some nodes, d) each; None where nothing was sent
    first: int  # of these nodes

    def another_round(self) -> Rest:
        """The same lanes a round later."""
        bill = dict(self.bill)
        for name, amount in self.charges:
            bill[name] = bill[name] + amount
        return Rest(self.lanes, self.state, self.measured, bill, self.charges, self.said, self.first)

    def place(self, lane: int) -> int | None:
        """Where a lane is among these; None where it is not."""
        found = np.flatnonzero(self.lanes == lane)
        return int(found[0]) if len(found) else None


def together(rests: Sequence[Rest]) -> Rest:
    """All lanes of these, in the order of their numbers."""
    lanes = np.concatenate([rest.lanes for rest in rests])
    order, said = np.argsort(lanes), [rest.said for rest in rests if rest.said is not None]

    def of_all(parts: Sequence[Array]) -> Array:
        return np.concatenate(parts)[order]

    def by_name(parts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
        return {name: of_all([part[name] for part in parts]) for name in parts[0]}

    return Rest(
        lanes[order],
        by_name([rest.state for rest in rests]),
        by_name([rest.measured for rest in rests]),
        by_name([rest.bill for rest in rests]),
        tuple((each[0][0], of_all([amount for _, amount in each])) for each in zip(*(rest.charges for rest in rests), strict=True)),
        Pair(*map(of_all, zip(*said, strict=True))) if len(said) == len(rests) else None,
        rests[0].first,
    )


def unchanged(before: Mapping[str, Array], after: Mapping[str, Array]) -> Array:
    """The lanes (lanes,) of which all arrays, (lanes, …) each, are to the last bit what they were."""
    found: Array = np.all([_alike(np.asarray(before[name]), np.asarray(after[name])) for name in after], axis=0)
    return found


def _alike(one: Array, other: Array) -> Array:
    """(lanes,); 0.0 is not −0.0, and a nan like nothing."""
    if (one.shape, one.dtype) != (other.shape, other.dtype):
        return np.zeros(len(other), dtype=bool)
    equal = (one == other) & (np.signbit(one) == np.signbit(other))
    return equal.reshape(len(equal), -1).all(axis=1)
