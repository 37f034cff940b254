"""The tensor that classical HOSVD maps to zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.vectors.base import Sample, Vector, sample_of


@dataclass(frozen=True)
class StallVector(Vector):
    """W = e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁.

    The leading vector of every unfolding is e₁ (energies 2 : 1), and W₁₁₁ = 0: truncated to ranks (1, 1, 1), classical HOSVD sends the
    zero tensor, and EF21 with it stalls.
    """

    name = "stall"
    label = Text("The tensor that stalls HOSVD", "Тензор, на котором HOSVD застревает")
    about = Text(
        "e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁, 2×2×2: with ranks 1 classical HOSVD maps it exactly to zero, "
        "and ST-HOSVD keeps a third of its energy.",
        "e₁⊗e₁⊗e₂ + e₁⊗e₂⊗e₁ + e₂⊗e₁⊗e₁, 2×2×2: при рангах 1 классический HOSVD переводит его точно в ноль, "
        "а ST-HOSVD сохраняет треть энергии.",
    )
    order = 40

    def sample(self) -> Sample:
        tensor = np.zeros((2, 2, 2))
        tensor[0, 0, 1] = tensor[0, 1, 0] = tensor[1, 0, 0] = 1.0
        return sample_of(tensor, (tensor.shape,))
