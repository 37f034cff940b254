"""A tensor of known rank with a known amount of noise."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from ef21lab.choices.fields import Dims, Json
from ef21lab.choices.spec import integer, real, seed_of
from ef21lab.choices.text import Text
from ef21lab.streams import Stream, generator
from ef21lab.vectors.base import LONGEST_DRAWN, Sample, Vector, sample_of


class Sides(Dims):
    """A list of sides whose product is the length of a vector that is made on the spot."""

    @property
    def allowed(self) -> Text:
        return Text(
            "a list of 2..8 sides, integers from 1, with a product of at most {most}",
            "список из 2–8 сторон (целые числа от 1) с произведением не больше {most}",
        ).format(most=LONGEST_DRAWN)

    def accept(self, value: Json) -> tuple[int, ...]:
        sides = super().accept(value)
        if isinstance(sides, str) or math.prod(sides) > LONGEST_DRAWN:
            raise ValueError
        return sides


@dataclass(frozen=True)
class LowRankPlusNoise(Vector):
    """Σ_{j=1}^{R} u_j ⊗ v_j ⊗ … + σ ξ/√d: u_j, v_j … uniform on unit spheres, ξ ~ N(0, I_d), so the noise has norm about σ."""

    dims: tuple[int, ...] = field(
        default=(16, 16, 16),
        metadata={
            "field": Sides(Text("Sides", "Стороны"), Text("The shape of the tensor.", "Форма тензора.")),
        },
    )
    rank: int = integer(
        3, 1, 64, Text("Rank", "Ранг"), Text("How many rank-one tensors are added up.", "Сколько тензоров ранга один складывается.")
    )
    noise: float = real(
        0.1,
        0.0,
        10.0,
        Text("Noise σ", "Шум σ"),
        Text("Norm of the noise; each rank-one tensor has norm 1.", "Норма шума; у каждого тензора ранга один норма 1."),
    )
    seed: int = seed_of(
        Text("Vector's seed", "Зерно вектора"),
        Text("Another seed draws another tensor.", "С другим зерном выпадет другой тензор."),
    )

    name = "low_rank"
    label = Text("Low rank plus noise", "Малый ранг плюс шум")
    about = Text(
        "A sum of random rank-one tensors of unit norm, and Gaussian noise: what low-rank operators are made for.",
        "Сумма случайных тензоров ранга один с единичной нормой и гауссов шум: то, для чего созданы малоранговые операторы.",
    )
    order = 20

    def sample(self) -> Sample:
        rng = generator(Stream.LOW_RANK_VECTOR, self.seed)
        signal = sum(_rank_one(rng, self.dims) for _ in range(self.rank))
        return sample_of(signal + self.noise * rng.standard_normal(self.dims) / math.sqrt(math.prod(self.dims)), (self.dims,))


def _rank_one(rng: np.random.Generator, dims: tuple[int, ...]) -> np.ndarray:
    return reduce(np.multiply.outer, _directions(rng, dims))


def _directions(rng: np.random.Generator, dims: tuple[int, ...]) -> Iterator[np.ndarray]:
    for side in dims:
        direction = rng.standard_normal(side)
        yield direction / np.linalg.norm(direction)
