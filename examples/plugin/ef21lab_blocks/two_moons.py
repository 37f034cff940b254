"""Two moons: two half circles that reach into each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab import Text, integer, real, seed_of
from ef21lab.datasets.base import Dataset, Table, TableFacts


@dataclass(frozen=True)
class TwoMoons(Dataset):
    """aⱼ = (cos φ, sin φ) for −1 and (1 − cos φ, ½ − sin φ) for +1, φ uniform on [0, π], with noise; and 1, cos and sin of both."""

    name = "two_moons"
    label = Text("Two moons", "Две луны")
    about = Text("Two half circles that reach into each other, with noise.", "Две полуокружности, входящие друг в друга, с шумом.")
    origin = Text("Drawn from a formula.", "Порождены по формуле.")

    rows: int = integer(400, 20, 100_000, Text("Rows", "Строк"), Text("How many points.", "Сколько точек."))
    noise: float = real(0.1, 0.0, 10.0, Text("Noise", "Шум"), Text("Its standard deviation.", "Его стандартное отклонение."))
    seed: int = seed_of(Text("Seed", "Зерно"), Text("Another seed draws other points.", "Другое зерно — другие точки."))

    def load(self) -> Table:
        rng = np.random.default_rng(self.seed)
        angles, labels = rng.uniform(0.0, np.pi, self.rows), np.where(np.arange(self.rows) % 2, 1.0, -1.0)
        outer, inner = np.stack([np.cos(angles), np.sin(angles)]), np.stack([1 - np.cos(angles), 0.5 - np.sin(angles)])
        points = np.where(labels < 0, outer, inner).T + self.noise * rng.normal(size=(self.rows, 2))  # (rows, 2)
        features = np.hstack([np.ones((self.rows, 1)), points, np.cos(2 * points), np.sin(2 * points)])  # (rows, 7)
        return Table(features, labels, ("outer", "inner"), (7,)).read_only()

    def facts(self) -> TableFacts:
        return TableFacts(self.rows, 7, 2)
