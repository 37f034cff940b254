"""Top-k: only the coordinates of largest magnitude are sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    )

    def refusal(self, d: int) -> Text | None:
        if self.k <= d:
            return None
        return Text(f"TopK(k={self.k}): k must be an integer in 1..{d}", f"TopK(k={self.k}): k — это целое число от 1 до {d}")

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        xp, x = wire.admitted(self, x)
        d = x.shape[-1]
        values, exponents = _largest_one(xp, x) if self.k == 1 else _largest_ones(xp, x, self.k)
        return Compressed(values, wire.header_bits(exponents) + sparse.subset_bits(d, self.k) + 32 * self.k, self.k)

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x)
        magnitudes = xp.abs(x)
        exponent = int(wire.exponents(xp, xp.max(magnitudes)) or 0)
        kept = np.flatnonzero(sparse.largest(xp, magnitudes, self.k))
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


def _largest_ones(xp: wire.Namespace, x: Array, k: int) -> tuple[Array, Array | None]:
    magnitudes = xp.abs(x)
    exponents = wire.exponents(xp, xp.max(magnitudes, axis=-1))
    return xp.where(sparse.largest(xp, magnitudes, k), wire.rounded(xp, x, exponents), 0.0), exponents


def _largest_one(xp: wire.Namespace, x: Array) -> tuple[Array, Array | None]:
    """The same for k = 1, several times faster: one argmax, and nothing else of x is touched."""
    vectors = xp.reshape(x, (-1, x.shape[-1]))  # (n, d)
    rows, winners = xp.arange(vectors.shape[0]), xp.argmax(xp.abs(vectors), axis=-1)
    kept = vectors[rows, winners]  # (n,)
    exponents = wire.exponents(xp, xp.abs(kept))
    values = xp.zeros_like(vectors)
    values[rows, winners] = wire.rounded(xp, kept[:, None], exponents)[:, 0]
    return xp.reshape(values, x.shape), None if exponents is None else xp.reshape(exponents, x.shape[:-1])
