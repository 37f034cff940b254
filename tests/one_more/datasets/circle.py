"""Points of a circle, with one of their coordinates as the target."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import integer
from ef21lab.choices.text import Text
from ef21lab.datasets.base import Dataset, Table, TableFacts


@dataclass(frozen=True)
class Circle(Dataset):
    """aⱼ = (cos φⱼ, sin φⱼ, cos 2φⱼ), bⱼ = cos(φⱼ − 1) at φⱼ = 2πj/N."""

    name = "circle"
    label = Text("Circle (regression)", "Окружность (регрессия)")
    about = Text("Points of a circle.", "Точки окружности.")
    origin = Text("A formula.", "Формула.")

    rows: int = integer(40, 8, 1000, Text("Rows", "Строк"), Text("How many points.", "Сколько точек."))

    def load(self) -> Table:
        angles = 2.0 * np.pi * np.arange(self.rows) / self.rows
        features = np.stack([np.cos(angles), np.sin(angles), np.cos(2 * angles)], axis=1)
        return Table(features, np.cos(angles - 1), (), (3,)).read_only()

    def facts(self) -> TableFacts:
        return TableFacts(self.rows, 3, 0)
