"""Rand-k: k coordinates chosen by chance are sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from array_api_compat import device

from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.compressors import _rounding, wire
from ef21lab.compressors._coordinates import KeptCoordinates
from ef21lab.compressors._unbiased import Scaled, drawn
from ef21lab.compressors.base import Array, Shape

SEED_BITS = 32


class SeededPlaces(NamedTuple):
    """The indices that are kept of every vector, and the seeds they are made from."""

    columns: Array  # (n, k), ascending
    seeds: Array  # (n, 1)


@dataclass(frozen=True)
class RandK(KeptCoordinates, Scaled):
    """C(x)ᵢ = xᵢ for i in a random set S of k indices, 0 elsewhere; α = k/d. Unbiased: Q(x) = (d/k) C(x), ω = d/k − 1.

    Every i lies in S with probability k/d, so E‖x − C(x)‖² = (1 − k/d)‖x‖², E Q(x) = x and E‖Q(x) − x‖² = (d/k − 1)‖x‖²; and
    Q/(1 + ω) = C (Beznosikov, Horváth, Richtárik, Safaryan 2023, "On biased compression for distributed learning", section 2).
    Sent: k float32 values, and S as a seed of 32 bits or as its place among all C(d, k) sets, ⌈log₂ C(d, k)⌉ bits, whichever is shorter.
    """

    name = "rand_k"
    label = Text("Rand-k", "Rand-k")
    about = Text(
        "Sends k coordinates chosen at random; sender and receiver derive long index sets from a common 32-bit seed.",
        "Посылает k случайно выбранных координат; длинный набор номеров заменяет 32-битное зерно, общее для отправителя и получателя.",
    )
    source = Text(
        "Kept as it is, α = k/d in expectation; scaled by d/k it is unbiased with ω = d/k − 1 (Beznosikov et al. 2023).",
        "Без множителя α = k/d в среднем; с множителем d/k — несмещённый, ω = d/k − 1 (Beznosikov et al. 2023).",
    )
    order = 12
    line = Line("#56B4E9", "dashdot")

    def variance(self, d: int) -> float:
        return d / self.k - 1

    def gain(self, d: int) -> float:
        return d / self.k if self.is_unbiased else 1.0

    def lost_to_float32(self, d: int) -> float:
        """Q multiplies the entries, and then what rounding adds need not be orthogonal to what is left out."""
        return _rounding.anywhere(self.alpha(d) or 0.0) if self.is_unbiased else super().lost_to_float32(d)

    def alpha(self, d: int) -> float | None:
        return super().alpha(d) if self.is_unbiased else min(1.0, self.k / d)

    def draw(self, rng: np.random.Generator, shape: Shape) -> Array:
        """A seed for every vector: below 2^32, and each remainder modulo d equally likely."""
        return rng.integers(0, _seeds(shape[-1]), size=(*shape[:-1], 1))

    def chosen(self, xp: wire.Namespace, vectors: Array, noise: Array | None) -> tuple[SeededPlaces, Array | None]:
        exponents = wire.exponents(xp, wire.largest_magnitude(xp, vectors))
        seeds = xp.reshape(xp.astype(wire.noise_beside(xp, drawn(self, noise), vectors), xp.int64), (-1, 1))
        return SeededPlaces(random_sets(xp, seeds, vectors.shape[-1], self.k), seeds), exponents

    def basis_bits(self, d: int) -> int:
        return min(SEED_BITS, wire.subset_bits(d, self.k))

    def basis_code(self, basis: SeededPlaces, d: int) -> list[wire.Bits]:
        if wire.subset_bits(d, self.k) >= SEED_BITS:
            return [wire.Bits(int(basis.seeds[0, 0]), SEED_BITS)]
        return [wire.subset_code(basis.columns[0, :], d)]

    def read_basis(self, reader: wire.Reader, d: int) -> SeededPlaces:
        if wire.subset_bits(d, self.k) < SEED_BITS:
            columns = wire.subset(reader.take(wire.subset_bits(d, self.k)), d, self.k)
            return SeededPlaces(columns[None, :], columns[None, :0])
        seeds = np.array([[reader.take(SEED_BITS)]])
        if seeds[0, 0] >= _seeds(d):
            raise wire.malformed_index()
        return SeededPlaces(random_sets(np, seeds, d, self.k), seeds)


def random_sets(xp: wire.Namespace, seeds: Array, d: int, k: int) -> Array:
    """k different ascending indices in 0..d−1 for each seed, (n, 1) → (n, k).

    They are the first k places of the shuffle numbered ⌊seed/d⌋, all moved round by seed mod d; the move alone makes every index exactly
    equally likely. The shuffle is a Feistel network on an a × b grid of at least d places (Black, Rogaway 2002, "Ciphers with arbitrary
    finite domains"): its rounds move rows by a hash of the column and columns by a hash of the row, so each can be undone and no two
    places meet; a place beyond d is shuffled on until it is not.
    """
    a = max(1, round(d**0.5))
    b = -(-d // a)
    places = xp.broadcast_to(xp.arange(k, device=device(seeds))[None, :], (seeds.shape[0], k))
    beyond = xp.ones_like(places, dtype=xp.bool)
    while xp.any(beyond):
        places = xp.where(beyond, _shuffled(seeds // d, places, a, b), places)
        beyond = places >= d
    return xp.sort((places + seeds) % d, axis=-1)


def _shuffled(numbers: Array, places: Array, a: int, b: int) -> Array:
    row, column = places // b, places % b
    for turn in range(3):
        row = (row + _hash(numbers, column, 2 * turn)) % a
        column = (column + _hash(numbers, row, 2 * turn + 1)) % b
    return row * b + column


def _hash(numbers: Array, places: Array, turn: int) -> Array:
    """31 bits that look random: the mixing of MurmurHash3 (Appleby 2008) in integers that wrap around, shifted without their sign."""
    mixed = numbers * _ODD[0] + (places + turn * 0x1_0000_0001) * _ODD[1]
    for odd in _ODD[2:]:
        mixed = (mixed ^ (mixed >> 33 & 0x7FFF_FFFF)) * odd
    return mixed >> 32 & 0x7FFF_FFFF


def _seeds(d: int) -> int:
    """How many seeds there are."""
    return 2**SEED_BITS // d * d


_ODD = (0x1E37_79B9_7F4A_7C15, 0x3F58_476D_1CE4_E5B9, 0x1F51_AFD7_ED55_8CCD, 0x44CE_B9FE_1A85_EC53)
