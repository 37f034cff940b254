"""Top-k: only the coordinates of largest magnitude are sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from array_api_compat import device

from ef21lab.compressors import _sparse as sparse
from ef21lab.compressors import _wire as wire
from ef21lab.compressors.base import Array, Compressed, Compressor, Message
from ef21lab.spec import integer
from ef21lab.text import Text


@dataclass(frozen=True)
class TopK(Compressor):
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

    k: int = integer(
        1,
        1,
        1_000_000,
        Text("Coordinates kept, k", "Число координат, k"),
        Text("How many of the d coordinates each message carries.", "Сколько из d координат несёт каждое сообщение."),
        up_to_d=True,
    )

    def refusal(self, d: int) -> Text | None:
        if self.k <= d:
            return None
        return Text(f"TopK(k={self.k}): k must be an integer in 1..{d}", f"TopK(k={self.k}): k — это целое число от 1 до {d}")

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        xp, x = wire.admitted(self, x)
        d, vectors = x.shape[-1], xp.reshape(x, (-1, x.shape[-1]))  # (n, d)
        rows, columns, exponents = _chosen(xp, vectors, self.k)
        values = xp.zeros_like(vectors)
        values[rows, columns] = wire.rounded(xp, vectors[rows, columns], exponents)
        header = wire.header_bits(exponents if exponents is None else xp.reshape(exponents, x.shape[:-1]))
        return Compressed(xp.reshape(values, x.shape), header + sparse.subset_bits(d, self.k) + 32 * self.k, self.k)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x)
        _, columns, exponents = _chosen(xp, x[None, :], self.k)
        exponent, kept = wire.only(exponents), columns[0, :]
        values = wire.scale_down(xp, x[kept], np.asarray(exponent))
        return wire.pack(wire.header(exponent), sparse.subset_code(kept, x.shape[-1]), wire.floats(values))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent = reader.exponent()
        kept = sparse.subset(reader.take(sparse.subset_bits(d, self.k)), d, self.k)
        values = np.zeros(d)
        values[kept] = reader.floats(self.k)
        reader.end()
        return wire.restored(values, exponent)

    def alpha(self, d: int) -> float:
        return min(1.0, self.k / d)


def _chosen(xp: wire.Namespace, vectors: Array, k: int) -> tuple[Array, Array, Array | None]:
    """Where the kept entries of vectors (n, d) are, rows (n, 1) and ascending columns (n, k), and the exponents (n,) they travel with.

    One argmax is enough for k = 1, the case that EF21's experiments live on.
    """
    n, d = vectors.shape
    rows, magnitudes = xp.arange(n, device=device(vectors))[:, None], xp.abs(vectors)
    if k == 1:
        columns = xp.argmax(magnitudes, axis=-1)[:, None]
        return rows, columns, wire.exponents(xp, magnitudes[rows, columns][:, 0])
    exponents = wire.exponents(xp, xp.max(magnitudes, axis=-1))
    kept = xp.nonzero(xp.reshape(sparse.largest(xp, magnitudes, k), (-1,)))[0]  # (n·k,), several times faster than in two dimensions
    return rows, xp.reshape(kept, (n, k)) % d, exponents
