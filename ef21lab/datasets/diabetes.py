"""Diabetes: how far the disease went in a year, a regression target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ef21lab.choices.text import Text
from ef21lab.datasets._bundled import bundled, standardised
from ef21lab.datasets.base import Dataset, Table, TableFacts

NAMES = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")  # bp: blood pressure; s1 to s6: blood serum


@dataclass(frozen=True)
class Diabetes(Dataset):
    """442 patients by 10 measurements; every column and the target are standardised to mean 0 and variance 1."""

    name = "diabetes"
    label = Text("Diabetes (regression)", "Диабет (регрессия)")
    about = Text(
        "442 patients by 10 measurements: how far did the disease go in a year? Columns and target standardised.",
        "442 пациента по 10 измерениям: насколько развилась болезнь за год? Столбцы и ответ стандартизованы.",
    )
    order = 70
    origin = Text(
        "Efron, Hastie, Johnstone, Tibshirani (2004), Least Angle Regression, Annals of Statistics, as scikit-learn carries it.",
        "Efron, Hastie, Johnstone, Tibshirani (2004), Least Angle Regression, Annals of Statistics; входит в scikit-learn.",
    )

    def load(self) -> Table:
        return _diabetes()

    def facts(self) -> TableFacts:
        return TableFacts(442, 10, 0)


@lru_cache(maxsize=1)
def _diabetes() -> Table:
    target = standardised(bundled("diabetes_target.csv.gz"))  # (rows, 1)
    return Table(standardised(bundled("diabetes_data_raw.csv.gz")), target[:, 0].copy(), (), (10,), NAMES).read_only()
