"""What a published dataset must contain, whatever the bytes of its file: line endings and digits of zero vary between copies."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table


class Content(NamedTuple):
    """Size, rows of each class by its original label, and `digest` of the parsed table."""

    rows: int
    columns: int
    counts: tuple[tuple[str, int], ...]
    sha256: str


def content(table: Table) -> Content:
    """The content of a two-class table with sparse features."""
    rows, columns = table.features.shape
    counts = tuple((name, int(np.sum(table.labels == label))) for name, label in zip(table.classes, (-1.0, 1.0), strict=False))
    return Content(rows, columns, counts, digest(table))


def digest(table: Table) -> str:
    """SHA-256 of the CSR arrays and labels of a table, little-endian at fixed widths, so that it is the same on every machine."""
    features = table.features
    hashed = hashlib.sha256()
    for array, kind in (
        (np.array(features.shape), "<i8"),
        (features.indptr, "<i8"),
        (features.indices, "<i4"),
        (features.data, "<f8"),
        (table.labels, "<f8"),
    ):
        hashed.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    return hashed.hexdigest()


def verify(table: Table, expected: Content, file: str) -> None:
    """Refuses a table that is not what was published, naming the first thing that differs."""
    found = content(table)
    for noun, came, wanted in zip(_NOUNS, found, expected, strict=True):
        if came != wanted:
            raise Refusal(
                Text(
                    "{file} is not the published dataset: {noun} {came}, expected {wanted}",
                    "{file} — не тот набор, что опубликован: {noun} {came}, а должно быть {wanted}",
                ).format(file=file, noun=noun, came=came, wanted=wanted)
            )


_NOUNS = (
    Text("rows", "строк"),
    Text("columns", "столбцов"),
    Text("rows by label", "строк по меткам"),
    Text("SHA-256 of the parsed matrix", "SHA-256 разобранной матрицы"),
)
