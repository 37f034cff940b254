"""Between two records of a run: all that is needed to go on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = Any


class Checkpoint(NamedTuple):
    """All that a later process needs to go on: the round that was finished and arrays by name."""

    round: int
    seconds: float
    lanes: Array  # (going,) the numbers of the lanes that the arrays are about; those that ended before the last record are gone
    alive: Array  # (going,) False where the last record was the lane's last
    state: dict[str, Array]
    bill: dict[str, Array]

    def point(self, lane: int = 0) -> Array:
        """x of a lane after this round, (d,). Raises ValueError for a lane that ended before the last record."""
        return self.state["x"][list(self.lanes).index(lane)].astype(float)

    def alone(self, lane: int, seconds: float) -> Checkpoint:
        """That of the lane's run by itself, of which so many seconds were computed. Raises ValueError as `point` does."""
        place = [list(self.lanes).index(lane)]
        state, bill = ({name: array[place] for name, array in part.items()} for part in (self.state, self.bill))
        return Checkpoint(self.round, seconds, np.arange(1), self.alive[place], state, bill)
