"""Points that programs hand over, kept so that a run from one can be named, repeated and shown."""

from __future__ import annotations

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.readers.memory import numbers
from ef21lab.datasets.readers.places import home
from ef21lab.datasets.readers.shelf import Shelf
from ef21lab.starts.base import Start, starts

POINTS_KEPT = 200  # of all programs of this machine; those used longest ago give way


def start_at(x: object) -> Start:
    """The start at this array, of any shape, which is kept on this machine. Raises Refusal where it holds anything but finite numbers."""
    found = numbers(x)
    if found is None or found.size == 0 or not np.isfinite(found).all():
        raise Refusal(NO_POINT)
    return starts.make({"name": "from_array", "content": shelf().keep(found.astype("<f8").tobytes(), POINTS_KEPT)})


def shelf() -> Shelf:
    """Where such points are kept."""
    return Shelf(home() / "points", ".f8")


NO_POINT = Text("start: finite real numbers are expected, as many as x has", "start: нужны конечные числа, столько, сколько у x")
