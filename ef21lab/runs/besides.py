"""What a trace knows besides its columns, as arrays by name: the same in every kind of file that keeps traces."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ef21lab.runs.record import Layers
from ef21lab.runs.trace import Trace

OF_LAYERS = "layers."  # before the names of what is known of them


def besides(trace: Trace) -> dict[str, np.ndarray]:
    """Its contractions, and where they are known x and what was recorded of a network's layers. Messages are kept apart."""
    layers = {} if trace.layers is None else {OF_LAYERS + name: each for name, each in trace.layers._asdict().items()}
    return {"contraction": trace.contraction, **({} if trace.x is None else {"x": trace.x}), **layers}


def together(columns: dict[str, np.ndarray], arrays: Mapping[str, np.ndarray]) -> Trace:
    """The trace with these columns and what `besides` has said of it; what an earlier version did not write is not known.

    Raises ValueError, KeyError or TypeError for arrays that are none of a trace.
    """
    layers = {name.removeprefix(OF_LAYERS): array for name, array in arrays.items() if name.startswith(OF_LAYERS)}
    trace = Trace(columns, arrays["contraction"], x=arrays.get("x"), layers=Layers(**layers) if layers else None)
    said = (trace.contraction, *(trace.layers or ()))
    if any(each.ndim != 2 or len(each) != len(trace) for each in said) or len({each.shape for each in said[1:]}) > 1:
        raise ValueError("what is said of every record is said of some only")
    if trace.x is not None and trace.x.ndim != 1:
        raise ValueError("x is no vector")
    return trace
