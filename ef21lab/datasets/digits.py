"""Digits: handwritten figures as 8×8 images, ten classes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.datasets._bundled import bundled
from ef21lab.datasets.base import Dataset, Table, TableFacts

NAMES = tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8))  # counted from 0


@dataclass(frozen=True)
class Digits(Dataset):
    """1797 images of 8×8 pixels, each pixel's 0..16 divided by 16; the class is the figure."""

    name = "digits"
    label = Text("Digits", "Цифры")
    about = Text("1,797 handwritten figures 0–9 as 8×8 grey images.", "1\u202f797 рукописных цифр от 0 до 9: серые картинки 8×8.")
    order = 40
    origin = Text(
        "UCI Optical Recognition of Handwritten Digits, test part (Alpaydin, Kaynak 1998), CC BY 4.0, as scikit-learn carries it.",
        "UCI Optical Recognition of Handwritten Digits, тестовая часть (Alpaydin, Kaynak 1998), CC BY 4.0; входит в scikit-learn.",
    )

    def load(self) -> Table:
        return _digits()

    def facts(self) -> TableFacts:
        return TableFacts(1797, 64, 10)


@lru_cache(maxsize=1)
def _digits() -> Table:
    numbers = bundled("digits.csv.gz", ",")  # (rows, 65)
    return Table(numbers[:, :64] / 16, numbers[:, 64].astype(np.intp), tuple("0123456789"), (8, 8), NAMES).read_only()
