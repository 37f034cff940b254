"""Block sign: a sign for every coordinate, a scale for every block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ef21lab import Declared, Floats, Signs, Text, integer

Array = Any


@dataclass(frozen=True)
class BlockSign(Declared):
    """C(x) = (‖x_b‖₁/|b|) sign(x_b) on every block b of neighbours.

    What a block loses is ‖x_b‖² − ‖x_b‖₁²/|b| ≤ (1 − 1/|b|)‖x_b‖², since ‖x_b‖₁ ≥ ‖x_b‖. So α = 1/⌈d/blocks⌉, the largest block's.
    """

    name = "block_sign"
    label = Text("Block sign", "Знаки по блокам")
    about = Text(
        "Sends the sign of every coordinate, and for every block of neighbours the mean of their magnitudes.",
        "Передаёт знак каждой координаты, а для каждого блока соседних — среднее их модулей.",
    )
    source = Text(
        "α = 1/|b| of the largest block b: ‖x‖₁ is at least ‖x‖ there.",
        "α = 1/|b| для самого большого блока b: ‖x‖₁ в нём не меньше ‖x‖.",
    )

    blocks: int = integer(4, 1, 1000, Text("Blocks", "Блоки"), Text("Into how many blocks x is cut.", "На сколько блоков делится x."))

    def message(self, d: int) -> Mapping[str, Any]:
        return {"scales": Floats(self.count(d)), "signs": Signs(d)}

    def sends(self, x: Array, noise: Array | None) -> Mapping[str, Array]:
        magnitudes = [np.mean(np.abs(block)) for block in np.array_split(x, self.count(len(x)))]
        return {"scales": np.array(magnitudes), "signs": np.where(x < 0, -1.0, 1.0)}

    def rebuild(self, sent: Mapping[str, Array], d: int) -> Array:
        sizes = [len(block) for block in np.array_split(np.empty(d), self.count(d))]
        return np.repeat(sent["scales"], sizes) * sent["signs"]

    def alpha(self, d: int) -> float:
        return 1.0 / -(-d // self.count(d))

    def count(self, d: int) -> int:
        """A block has at least one coordinate."""
        return min(self.blocks, d)
