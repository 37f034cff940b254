"""The small tables that scikit-learn carries, read without importing it (sklearn.datasets takes 2.2 s to import)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ef21lab.choices.text import Refusal, Text


def bundled(file: str, delimiter: str | None = None, skip: int = 0) -> np.ndarray:
    """The numbers in a file of sklearn/datasets/data, (rows, columns)."""
    spec = find_spec("sklearn")
    for package in (spec and spec.submodule_search_locations) or ():
        path = Path(package) / "datasets" / "data" / file
        if path.is_file():
            return np.loadtxt(path, delimiter=delimiter, skiprows=skip, ndmin=2)
    raise Refusal(
        Text("{file} is missing: it comes with scikit-learn", "нет файла {file}: он приходит вместе со scikit-learn").format(file=file)
    )


def standardised(columns: np.ndarray) -> np.ndarray:
    """Every column shifted and scaled to mean 0 and variance 1 (the mean of squares), (rows, p)."""
    scaled: np.ndarray = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    return scaled
