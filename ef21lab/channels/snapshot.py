"""A snapshot: the messages of one round, as they are kept and drawn."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Snapshot(NamedTuple):
    """What some nodes wanted to send in one round and what was received, as float32.

    `nodes` are the nodes kept (the first ones that fit the size limit); the error is `wanted − received`.
    """

    nodes: np.ndarray  # (kept,) node numbers
    wanted: np.ndarray  # (kept, d) the difference ∇fᵢ − gᵢ before compression
    received: np.ndarray  # (kept, d) C of it
