"""Even places: every other coordinate is sent, whatever it holds. No α, no ω, nothing that stands in for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.compressors.base import Array
from ef21lab.compressors.wire import Declared, Floats, Part, Parts


@dataclass(frozen=True)
class EvenPlaces(Declared):
    """C(x)ᵢ = xᵢ where i is even, else 0. Of an x that lives on the odd places nothing is left, so there is no α > 0."""

    name = "even_places"
    label = Text("Even places", "Чётные места")
    about = Text("Sends every other coordinate.", "Посылает координаты через одну.")

    def message(self, d: int) -> Mapping[str, Part]:
        return {"even": Floats(-(-d // 2))}

    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array]:
        return {"even": x[::2]}

    def rebuild(self, sent: Parts, d: int) -> Array:
        values = np.zeros(d)
        values[::2] = sent["even"]
        return values
