"""Which lanes go on."""

from __future__ import annotations

from typing import Any

import numpy as np

from ef21lab.channels.base import Observer

Array = Any


class Liveness(Observer):
    """`alive` (lanes,) is False for a lane that has ended: somebody wanted to say what no message can carry (infinity, nan, more than
    2^1000), or it has come to where it was to stop."""

    def __init__(self, lanes: int) -> None:
        self.alive = np.ones(lanes, dtype=bool)  # (lanes,)

    def on_overflow(self, finite: Array) -> None:
        self.alive = self.alive & np.asarray(finite)

    def end(self, those: Array) -> None:
        """The lanes marked in `those` (lanes,) have come to their end."""
        self.alive = self.alive & ~those

    def on_lanes(self, kept: Array) -> None:
        self.alive = self.alive[kept]
