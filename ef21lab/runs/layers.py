"""What a round says of every tensor that x is made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from ef21lab.algorithms.base import Algorithm, State
from ef21lab.channels.base import Channel
from ef21lab.channels.by_layer import ByLayer
from ef21lab.runs.record import Layers

Array = Any


def layers_of(by_layer: ByLayer, channel: Channel, algorithm: Algorithm, state: State, gammas: Array) -> Layers:
    """After a round of the lanes that are going, (going, layers) each."""
    gradient = algorithm.stationarity(state, channel.mean(state.point.gradients), gammas)  # (going, d)
    energy, norms = by_layer.squares(gradient), by_layer.norms()
    if norms is None:
        return Layers(energy, np.full_like(energy, np.nan), by_layer.bits)
    lost, whole = channel.mean(norms.lost), channel.mean(norms.whole)
    return Layers(energy, np.divide(lost, whole, out=np.full_like(whole, np.nan), where=whole > 0), by_layer.bits)
