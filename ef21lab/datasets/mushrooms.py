"""Mushrooms: edible or poisonous, 112 yes/no columns; the table ships with the project."""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
import scipy.sparse as sp

from ef21lab.choices.text import Text
from ef21lab.datasets._published import Published
from ef21lab.datasets.base import Table
from ef21lab.datasets.readers.content import Content

# The letters of each UCI attribute in the order of LIBSVM's columns. Levels that no row has are left out, and so is attribute 11,
# stalk-root, which has missing values.
LEVELS = {
    "cap-shape": "cbfksx",
    "cap-surface": "ysgf",
    "cap-color": "cbegnpruwy",
    "bruises?": "tf",
    "odor": "acfmlnpsy",
    "gill-attachment": "af",
    "gill-spacing": "cw",
    "gill-size": "bn",
    "gill-color": "beghkonpruwy",
    "stalk-shape": "et",
    "stalk-root": "",
    "stalk-surface-above-ring": "yskf",
    "stalk-surface-below-ring": "yskf",
    "stalk-color-above-ring": "cbegonpwy",
    "stalk-color-below-ring": "cbegonpwy",
    "veil-type": "p",
    "veil-color": "yown",
    "ring-number": "ton",
    "ring-type": "pnelf",
    "spore-print-color": "bhkonruwy",
    "population": "acnsvy",
    "habitat": "dgmlpuw",
}
NAMES = tuple(f"{attribute}={level}" for attribute, levels in LEVELS.items() for level in levels)  # (112,)


@dataclass(frozen=True)
class Mushrooms(Published):
    """8124 mushrooms in UCI's order, which is LIBSVM's; every row has a one in 21 of 112 columns. −1 is poisonous, +1 edible."""

    name = "mushrooms"
    label = Text("Mushrooms", "Грибы")
    about = Text(
        "8,124 mushrooms, poisonous or edible, by 112 yes/no marks of cap, gills, stalk, odour and place.",
        "8\u202f124 гриба — ядовитые и съедобные — по 112 признакам «да/нет»: шляпка, пластинки, ножка, запах, место.",
    )
    order = 0
    origin = Text(
        "UCI Machine Learning Repository, Mushroom (1981), CC BY 4.0; one-hot columns as in LIBSVM's mushrooms.",
        "Репозиторий UCI, набор Mushroom (1981), CC BY 4.0; столбцы «да/нет» те же, что у mushrooms в LIBSVM.",
    )
    content = Content(8124, 112, (("1", 3916), ("2", 4208)), "81ef16c4f704e6b6ec0c76a5d2d0509608f8d0d3107ff19c0728e4475533c228")

    def load(self) -> Table:
        return _mushrooms()


@lru_cache(maxsize=1)
def _mushrooms() -> Table:
    letters = _letters()  # (rows, 23)
    hits = _columns(letters[:, 1:])  # (rows, 21)
    rows, ones = hits.shape
    columns = len(NAMES)
    starts = np.arange(0, rows * ones + 1, ones, dtype=np.int32)
    features = sp.csr_matrix((np.ones(rows * ones), hits.ravel(), starts), shape=(rows, columns))
    labels = np.where(letters[:, 0] == ord("p"), -1.0, 1.0)  # LIBSVM's 1 and 2
    return Table(features, labels, ("poisonous", "edible"), (columns,), NAMES).read_only()


def _letters() -> np.ndarray:
    """The class and the 22 attributes of every row, as bytes, (rows, 23); a line is 23 letters, 22 commas and its end."""
    packed = resources.files("ef21lab.datasets").joinpath("_mushrooms", "agaricus-lepiota.data.xz").read_bytes()
    return np.frombuffer(lzma.decompress(packed), dtype=np.uint8).reshape(-1, 46)[:, ::2]


def _columns(letters: np.ndarray) -> np.ndarray:
    """The column of every letter, (rows, 22) bytes → (rows, 21) int32, increasing along a row."""
    column_of = np.full((len(LEVELS), 256), -1, dtype=np.int32)
    first = 0
    for attribute, levels in enumerate(LEVELS.values()):
        column_of[attribute, [ord(letter) for letter in levels]] = range(first, first + len(levels))
        first += len(levels)
    kept = [attribute for attribute, levels in enumerate(LEVELS.values()) if levels]
    return column_of[kept, letters[:, kept]]
