"""Pure noise."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.spec import integer, seed_of
from ef21lab.choices.text import Text
from ef21lab.streams import Stream, generator
from ef21lab.vectors.base import LONGEST_DRAWN, Sample, Vector, sample_of


@dataclass(frozen=True)
class Gaussian(Vector):
    """d independent draws from N(0, 1)."""

    d: int = integer(
        4096, 1, LONGEST_DRAWN, Text("Length d", "Длина d"), Text("How many coordinates the vector has.", "Сколько координат у вектора.")
    )
    seed: int = seed_of(
        Text("Vector's seed", "Зерно вектора"),
        Text("Another seed draws another vector.", "С другим зерном выпадет другой вектор."),
    )

    name = "gaussian"
    label = Text("Gaussian noise", "Гауссов шум")
    about = Text(
        "Independent normal coordinates: no structure, the hardest case for every operator.",
        "Независимые нормальные координаты: никакой структуры, самый трудный случай для всех операторов.",
    )
    order = 30

    def sample(self) -> Sample:
        return sample_of(generator(Stream.GAUSSIAN_VECTOR, self.seed).normal(size=self.d), ((self.d,),))
