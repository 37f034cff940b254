"""Breast cancer: malignant or benign, by the nuclei of cells under a microscope."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ef21lab.choices.text import Text
from ef21lab.datasets._bundled import bundled, standardised
from ef21lab.datasets.base import Dataset, Table, TableFacts

MEASURED = (
    *("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry"),
    "fractal dimension",
)
NAMES = (*(f"mean {one}" for one in MEASURED), *(f"{one} error" for one in MEASURED), *(f"worst {one}" for one in MEASURED))


@dataclass(frozen=True)
class BreastCancer(Dataset):
    """569 tumours by 30 measurements, each column standardised to mean 0 and variance 1. −1 is malignant (M), +1 benign (B)."""

    name = "breast_cancer"
    label = Text("Breast cancer", "Рак груди")
    about = Text(
        "569 tumours, malignant (M) or benign (B), by 30 measurements of cell nuclei, each column standardised.",
        "569 опухолей — злокачественных (M) и доброкачественных (B) — по 30 измерениям ядер клеток; столбцы стандартизованы.",
    )
    order = 50
    origin = Text(
        "UCI Breast Cancer Wisconsin, Diagnostic (Wolberg, Mangasarian, Street, Street 1993), CC BY 4.0, as scikit-learn carries it.",
        "UCI Breast Cancer Wisconsin, Diagnostic (Wolberg, Mangasarian, Street, Street 1993), CC BY 4.0; входит в scikit-learn.",
    )

    def load(self) -> Table:
        return _breast_cancer()

    def facts(self) -> TableFacts:
        return TableFacts(569, 30, 2)


@lru_cache(maxsize=1)
def _breast_cancer() -> Table:
    numbers = bundled("breast_cancer.csv", ",", skip=1)  # (rows, 31): the last is 0 for malignant, 1 for benign
    return Table(standardised(numbers[:, :30]), 2 * numbers[:, 30] - 1, ("malignant", "benign"), (30,), NAMES).read_only()
