"""What is measured: the record of one round, and the snapshot that shows its messages."""

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


class Record(NamedTuple):
    """One recorded round. Bits and floats are per node, cumulative; `seconds` is compute time so far, of all lanes together.

    A lane that diverges ends with the record of that round, which may belong to no other; the numbers of lanes to which a record does not
    belong are nan.
    """

    round: int
    loss: np.ndarray  # (lanes,) f(x^t)
    grad_norm_sq: np.ndarray  # (lanes,) ‖∇f(x^t)‖²; of the gradient mapping where the method minimises f + a penalty
    distortion: np.ndarray  # (lanes,) G^t = (1/n) Σ ‖gᵢ − ∇fᵢ‖²
    bits_up: np.ndarray  # (lanes,)
    floats_up: np.ndarray  # (lanes,)
    bits_down: np.ndarray  # (lanes,)
    contraction: np.ndarray  # (lanes, nodes) ‖C(v) − v‖²/‖v‖² of the round's last message v; nan where v = 0 or nothing was sent
    seconds: float
    moved: np.ndarray  # (lanes,) ‖x^t − x^{t−1}‖²; nan in round 0
    snapshot: Snapshot | None = None  # of the first lane
    belongs: np.ndarray | bool = True  # (lanes,) whether it is a record of this lane


COLUMNS = ("round", "loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "seconds")  # of a CSV file, in this order
KEPT = (*COLUMNS, "moved")  # of a trace
