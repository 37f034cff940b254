"""Top-k: only the coordinates of largest magnitude are sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _sparse as sparse
from ef21lab.compressors import wire
from ef21lab.compressors._coordinates import KeptCoordinates
from ef21lab.compressors.base import Array


class Places(NamedTuple):
    """The indices that are kept of every vector."""

    columns: Array  # (n, k), ascending


@dataclass(frozen=True)
class TopK(KeptCoordinates):
    """C(x)ᵢ = xᵢ for the k largest |xᵢ| (of equal ones the earliest), 0 elsewhere.

    ‖x − C(x)‖² ≤ (1 − k/d)‖x‖², since what is dropped is no larger on average than what is kept. Sent: k float32 values and the place
    of their index set among all C(d, k) of them, 32k + ⌈log₂ C(d, k)⌉ bits and the header.
    """

    name = "top_k"
    label = Text("Top-k", "Top-k")
    about = Text(
        "Sends the k coordinates of largest magnitude with their indices and drops the rest.",
        "Посылает k наибольших по модулю координат вместе с их номерами, остальные обнуляет.",
    )
    source = Text(
        "α = k/d: the dropped coordinates are no larger on average than the kept ones (Alistarh et al. 2018; Beznosikov et al. 2023).",
        "α = k/d: отброшенные координаты в среднем не больше оставленных (Alistarh et al. 2018; Beznosikov et al. 2023).",
    )
    order = 10
    line = Line("#0072B2", "solid")

    def chosen(self, xp: wire.Namespace, vectors: Array, noise: Array | None) -> tuple[Places, Array | None]:
        """One argmax is enough for k = 1, the case that EF21's experiments live on."""
        (n, d), k = vectors.shape, self.k
        if k == 1:
            columns = sparse.largest_of_all(xp, vectors)[:, None]
            return Places(columns), wire.exponents(xp, xp.abs(xp.take_along_axis(vectors, columns, axis=-1)[:, 0]))
        magnitudes = xp.abs(vectors)
        exponents = wire.exponents(xp, xp.max(magnitudes, axis=-1))
        kept = xp.nonzero(xp.reshape(sparse.largest(xp, magnitudes, k), (-1,)))[0]  # (n·k,), several times faster than in two dimensions
        return Places(xp.reshape(kept, (n, k)) % d), exponents

    def basis_bits(self, d: int) -> int:
        return wire.subset_bits(d, self.k)

    def basis_code(self, basis: Places, d: int) -> list[wire.Bits]:
        return [wire.subset_code(basis.columns[0, :], d)]

    def read_basis(self, reader: wire.Reader, d: int) -> Places:
        return Places(wire.subset(reader.take(wire.subset_bits(d, self.k)), d, self.k)[None, :])

    def alpha(self, d: int) -> float:
        return min(1.0, self.k / d)
