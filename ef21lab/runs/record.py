"""The record of one round, and the names of its columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from ef21lab.channels.snapshot import Snapshot
from ef21lab.metrics.base import metrics


class Layers(NamedTuple):
    """What a record says of every tensor that x is made of, where there are several; in a trace (records, layers) each."""

    energy: np.ndarray  # (lanes, layers) ‖∇_l f(x^t)‖², which add up to ‖∇f(x^t)‖²
    contraction: np.ndarray  # (lanes, layers) Σᵢ ‖C(vᵢ)_l − v_il‖² / Σᵢ ‖v_il‖² of the round's last messages; nan where all v_il = 0
    bits_up: np.ndarray  # (lanes, layers) per node, cumulative; nan where a message is not made of those of the tensors


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
    more: Mapping[str, np.ndarray] = MappingProxyType({})  # (lanes,) each: what metrics besides these have measured, by their names
    layers: Layers | None = None  # where x is made of several tensors

    def column(self, name: str) -> Any:
        """What it says under one of the names that are kept."""
        return self.more[name] if name in self.more else getattr(self, name)


LAYER = ("round", "layer", "energy", "relative_error", "bits_up")  # of the table of all layers
COLUMNS = ("round", "loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "seconds")


def added() -> tuple[str, ...]:
    """The metrics that every run has and a record has no field of its own for, in menu order."""
    return tuple(name for name, metric in metrics.members.items() if metric.always and name not in Record._fields)


def sometimes() -> tuple[str, ...]:
    """The metrics that only some runs have, in menu order."""
    return tuple(name for name, metric in metrics.members.items() if not metric.always)


def rises(name: str) -> bool:
    """Whether more of this column is better."""
    return name in metrics.members and metrics.members[name].rises


def column_names(known: Collection[str] = ()) -> tuple[str, ...]:
    """Of a CSV file, in this order, where these are known of its runs: what only some runs have has a column where it is known."""
    return (*COLUMNS, *added(), *(name for name in sometimes() if name in known))


def kept_names(known: Collection[str] = ()) -> tuple[str, ...]:
    """Of a trace, likewise."""
    return (*COLUMNS, "moved", *column_names(known)[len(COLUMNS) :])
