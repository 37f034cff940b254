"""Frequencies of blocks: of every stretch of the vector only the strongest cosine waves are sent, as DeMo does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from array_api_compat import array_namespace

from ef21lab.choices.line import Line
from ef21lab.choices.spec import integer
from ef21lab.choices.text import Text
from ef21lab.compressors import _sparse as sparse
from ef21lab.compressors import wire
from ef21lab.compressors.base import HEADER, Array, Compressed, Compressor, Message


class Piece(NamedTuple):
    """Blocks of one length, side by side in the vector."""

    start: int
    blocks: int
    length: int
    kept: int  # coefficients of each

    @property
    def numbers(self) -> int:
        return self.blocks * self.kept


@dataclass(frozen=True)
class DctBlocks(Compressor):
    """x is cut into blocks x_b of `block` numbers, the last may be shorter; C(x)_b = Wᵀ T(W x_b), T keeps the k largest of a block (of
    equal ones the earliest) and W is the cosine transform DCT-II of its length B,

        W_uv = √(c_u/B) cos(π(2v + 1)u/(2B)),  c₀ = 1, c_u = 2 for u > 0;  WWᵀ = 1.

    Since W is orthonormal, ‖C(x)_b − x_b‖² = ‖T(W x_b) − W x_b‖² ≤ (1 − k/B)‖W x_b‖² = (1 − k/B)‖x_b‖²: what is dropped is no larger on
    average than what is kept. A shorter block of m < B numbers keeps min(k, m) of them, no smaller a share. Squared norms add up over
    blocks, so α = k/B, or k/d where d < B; attained where all |W x_b| are equal in every block.
    Sent: k float32 coefficients of every block, and which they are, ⌈log₂ C(B, k)⌉ bits a block.
    Peng, Quesnelle, Kingma 2024, "DeMo: Decoupled Momentum Optimization", Algorithm 1, which so finds what to send of the momentum.
    """

    name = "dct_blocks"
    label = Text("DCT blocks (DeMo)", "DCT по блокам (DeMo)")
    about = Text(
        "Cuts the vector into blocks, takes the cosine transform of each and sends its k largest coefficients.",
        "Режет вектор на блоки, берёт косинусное преобразование каждого и посылает k наибольших коэффициентов.",
    )
    source = Text(
        "α = k/B for blocks of B numbers: the transform is orthonormal, and the dropped coefficients are no larger on average than the "
        "kept ones (operator: Peng et al. 2024, DeMo).",
        "α = k/B для блоков из B чисел: преобразование ортонормировано, и отброшенные коэффициенты в среднем не больше оставленных "
        "(оператор: Peng et al. 2024, DeMo).",
    )
    order = 20
    line = Line("#3D7EA6", "dashdot")

    block: int = integer(
        64, 1, 1024, Text("Block, B", "Блок, B"), Text("How many numbers are transformed together.", "Сколько чисел преобразуется вместе.")
    )
    per_block: int = integer(
        4,
        1,
        1024,
        Text("Kept of a block, k", "Из блока, k"),
        Text("How many coefficients of each are sent.", "Сколько коэффициентов посылается."),
    )

    def refusal(self, d: int) -> Text | None:
        if self.per_block <= self.block:
            return None
        return MORE_THAN_ALL.format(who=self.name, k=self.per_block, block=self.block)

    def compress(self, x: Array, noise: Array | None = None) -> Compressed:
        given = x
        xp, x = wire.admitted(self, x, noise)
        seen = wire.seen_by_numpy(x)
        vectors = x if seen is None else seen
        own = array_namespace(vectors)
        found, exponents = self._sent(own, own.reshape(vectors, (-1, x.shape[-1])))
        values = own.concat([_waves(own, *part, piece) for piece, part in found], axis=-1)
        received = xp.asarray(wire.scale_up(own, values, exponents))
        bits = wire.header_bits(exponents) + self._after_header(x.shape[-1])
        return Compressed(wire.as_given(xp, xp.reshape(received, x.shape), given), wire.stacked(xp, bits, x), self._numbers(x.shape[-1]))

    def encode(self, x: Array, noise: Array | None = None) -> Message:
        _, x = wire.admitted(self, x, noise)
        found, exponents = self._sent(np, np.asarray(wire.on_host(x))[None, :])
        codes = [wire.subset_code(columns, piece.length) for piece, (places, _) in found for columns in places[0]]
        return wire.pack(wire.header(wire.only(exponents)), *codes, *(wire.floats(numbers.reshape(-1)) for _, (_, numbers) in found))

    def decode(self, message: Message, d: int) -> Array:
        reader = wire.Reader(message)
        exponent, pieces = reader.exponent(), self._pieces(d)
        places = [np.array([[_read(reader, piece) for _ in range(piece.blocks)]]) for piece in pieces]
        numbers = [reader.floats(piece.numbers).reshape(1, piece.blocks, piece.kept) for piece in pieces]
        reader.end()
        values = [_waves(np, *part)[0] for part in zip(places, numbers, pieces, strict=True)]
        return wire.restored(np.concatenate(values), exponent)

    def cost(self, d: int) -> tuple[float, float]:
        return 1.0 + self._after_header(d), float(self._numbers(d))

    def effort(self, d: int, vectors: int = 1) -> float:
        """A product with B numbers for each, and k waves."""
        return 2e-4 + 1e-9 * d * vectors * (self.block + 8 * self.per_block)

    def parts(self, message: Message, d: int) -> list[tuple[Text, int]]:
        values = 32 * self._numbers(d)
        places = self._after_header(d) - values
        return [
            (HEADER, message.bits - places - values),
            (Text("indices", "номера коэффициентов"), places),
            (Text("values", "значения"), values),
        ]

    def alpha(self, d: int) -> float:
        return min(1.0, self.per_block / min(self.block, d))

    def _pieces(self, d: int) -> list[Piece]:
        """The whole blocks, and the shorter one at the end; either may be missing."""
        whole, rest = divmod(d, self.block)
        both = (Piece(0, whole, self.block, min(self.per_block, self.block)), Piece(whole * self.block, 1, rest, min(self.per_block, rest)))
        return [piece for piece in both if piece.blocks * piece.length]

    def _numbers(self, d: int) -> int:
        return sum(piece.numbers for piece in self._pieces(d))

    def _after_header(self, d: int) -> int:
        return sum(piece.blocks * (wire.subset_bits(piece.length, piece.kept) + 32 * piece.kept) for piece in self._pieces(d))

    def _sent(self, xp: wire.Namespace, vectors: Array) -> tuple[list[tuple[Piece, tuple[Array, Array]]], Array | None]:
        """Of every piece of vectors (n, d) the places (n, blocks, k), ascending, and the numbers there as they arrive; the exponents."""
        exponents = wire.exponents(xp, wire.largest_magnitude(xp, vectors))
        scaled = wire.scale_down(xp, vectors, exponents)
        return [(piece, _strongest(xp, scaled, piece)) for piece in self._pieces(vectors.shape[-1])], exponents


def _strongest(xp: wire.Namespace, vectors: Array, piece: Piece) -> tuple[Array, Array]:
    """One product for each vector, whatever stands beside it: so its last bits do not depend on its neighbours."""
    n, stop = vectors.shape[0], piece.start + piece.blocks * piece.length
    blocks = xp.reshape(vectors[:, piece.start : stop], (n, piece.blocks, piece.length))
    basis = wire.noise_beside(xp, waves(piece.length), vectors)
    coefficients = blocks @ xp.broadcast_to(basis.T, (n, piece.length, piece.length))  # (n, blocks, length)
    kept = sparse.largest(xp, xp.abs(coefficients), piece.kept)
    places = xp.reshape(xp.nonzero(xp.reshape(kept, (-1,)))[0], (n, piece.blocks, piece.kept)) % piece.length
    return places, wire.through_float32(xp, xp.take_along_axis(coefficients, places, axis=-1))


def _waves(xp: wire.Namespace, places: Array, numbers: Array, piece: Piece) -> Array:
    """Wᵀ of a few coefficients of every block, (n, blocks · length), wave after wave: the same sum to the last bit wherever it is made."""
    basis = wire.noise_beside(xp, waves(piece.length), numbers)
    total = numbers[..., :1] * basis[places[..., 0]]  # (n, blocks, length)
    for place in range(1, piece.kept):
        total = total + numbers[..., place : place + 1] * basis[places[..., place]]
    return xp.reshape(total, (total.shape[0], piece.blocks * piece.length))


def _read(reader: wire.Reader, piece: Piece) -> Array:
    return wire.subset(reader.take(wire.subset_bits(piece.length, piece.kept)), piece.length, piece.kept)


@lru_cache(maxsize=64)
def waves(length: int) -> np.ndarray:
    """W (length, length), a wave in each row."""
    u, v = np.arange(length)[:, None], np.arange(length)[None, :]
    found: np.ndarray = np.sqrt(np.where(u == 0, 1.0, 2.0) / length) * np.cos(math.pi / (2 * length) * ((2 * v + 1) * u % (4 * length)))
    found.setflags(write=False)
    return found


MORE_THAN_ALL = Text(
    "{who}(per_block={k}): of a block of {block:number|numbers} at most as many can be sent; per_block must be an integer in 1..{block}",
    "{who}(per_block={k}): в блоке {block:число|числа|чисел}, больше не послать; per_block — это целое число от 1 до {block}",
)
