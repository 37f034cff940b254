"""Top-k to a given error: as many of the largest coordinates as it takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from array_api_compat import device

from ef21lab.choices import spec
from ef21lab.choices.text import Text
from ef21lab.compressors import _expected as expected
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors import _sparse as sparse
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Message
from ef21lab.compressors.wire import support


@dataclass(frozen=True)
class TopKEnergy(Compressor):
    """C(x)ᵢ = xᵢ for the k largest |xᵢ| (of equal ones the earliest), 0 elsewhere, with the smallest k that gives ‖x − C(x)‖ ≤ ε‖x‖.

    α = 1 − ε² by definition; k, and with it the bits, differ from message to message. Sent: k, the index set in the shortest of four codes
    and k float32 values.
    """

    name = "top_k_energy"
    label = Text("Top-k to an error", "Top-k до заданной ошибки")
    about = Text(
        "Sends as few of the largest coordinates as leave a relative error of at most ε; easy vectors cost less than hard ones.",
        "Посылает столько наибольших координат, чтобы относительная ошибка не превышала ε; простые векторы стоят меньше сложных.",
    )
    source = Text("α = 1 − ε²: the error is held for every vector.", "α = 1 − ε²: ошибка выдерживается для каждого вектора.")
    order = 11

    error: float = spec.real(
        0.5,
        0.0,
        0.999,
        Text("Relative error, ε", "Относительная ошибка, ε"),
        Text("How much of the norm may be lost.", "Какую часть нормы можно потерять."),
    )

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        given = x
        xp, x = wire.admitted(self, x)
        vectors = xp.reshape(x, (-1, x.shape[-1]))  # (n, d)
        kept, scaled, exponents = self._kept(xp, vectors)
        sent = wire.through_float32(xp, xp.where(kept, scaled, 0.0))
        k = xp.count_nonzero(kept, axis=-1)  # (n,)
        bits = wire.header_bits(exponents) + xp.asarray(support.bits(wire.on_host(kept)), device=device(x)) + 32 * k
        values = xp.reshape(wire.as_given(xp, wire.scale_up(xp, sent, exponents), given), x.shape)
        return Compressed(values, xp.reshape(bits, x.shape[:-1]), xp.reshape(k, x.shape[:-1]))

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        xp, x = wire.admitted(self, x)
        kept, scaled, exponents = self._kept(xp, x[None, :])
        chosen = np.flatnonzero(wire.on_host(kept[0, :]))
        return wire.pack(wire.header(wire.only(exponents)), *support.code(chosen, x.shape[-1]), wire.floats(scaled[0, :][chosen]))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent, chosen = reader.exponent(), support.read(reader, d)
        values = np.zeros(d)
        values[chosen] = reader.floats(len(chosen))
        reader.end()
        return wire.restored(values, exponent)

    def cost(self, d: int) -> tuple[float, float]:
        k = expected.kept_to_error(d, self.error)
        return 1.0 + expected.set_bits(d, k) + 32 * k, float(k)

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        reader = wire.Reader(message)
        reader.exponent()
        header = message.bits - reader.left
        values = 32 * len(support.read(reader, d))
        indices = message.bits - header - values
        return [(HEADER, header), (Text("indices", "номера координат"), indices), (Text("values", "значения"), values)]

    def lost_to_float32(self, d: int) -> float:
        return _rounding.ASIDE

    def alpha(self, d: int) -> float:
        return 1.0 - self.error**2

    def _kept(self, xp: wire.Namespace, vectors: Array) -> tuple[Array, Array, Array | None]:
        """A mask of what is kept of vectors (n, d), the vectors scaled, and their exponents (n,)."""
        exponents = wire.exponents(xp, wire.largest_magnitude(xp, vectors))
        scaled = wire.scale_down(xp, vectors, exponents)
        magnitudes = xp.abs(scaled)
        ascending = xp.sort(magnitudes, axis=-1)
        lost = xp.cumulative_sum(ascending**2, axis=-1)  # by dropping that many, and one
        dropped = xp.count_nonzero(lost <= self.error**2 * lost[:, -1:], axis=-1, keepdims=True)  # (n, 1)
        d = vectors.shape[-1]
        threshold = xp.take_along_axis(ascending, xp.minimum(dropped, d - 1), axis=-1)
        return sparse.reaching(xp, magnitudes, threshold, d - dropped), scaled, exponents
