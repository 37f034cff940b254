"""Small tables that use has shown to be read wrongly, each with its right outcome: a table is taken rightly, or a question is asked.

The oracles are NumPy's and scikit-learn's readers, told by hand what the file is.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.datasets import load_svmlight_file

import ef21lab as lab
from ef21lab.datasets.readers.understanding import Recipe, Understood, understood
from ef21lab.datasets.table import keep

FOLDER = Path(__file__).parent / "cases"


class Case(NamedTuple):
    """How a file is read by hand, and what it is called."""

    label: int | None = 3  # the column of the label; None of LIBSVM, where it comes first
    header: int = 0
    separator: str | None = ","
    features: tuple[int, ...] = (0, 1, 2)
    classes: tuple[str, ...] = ("0", "1")
    mended: tuple[str, str] = ("", "")  # what is written otherwise than the oracle reads it
    names: tuple[str, ...] = ()


LIBSVM = Case(label=None)
ABC, WORDS = ("a", "b", "c"), ("high", "low")
CASES = {
    "int_header_words.csv": Case(header=1, classes=WORDS, names=("0", "1", "2")),
    "int_header_numbers.csv": Case(header=1, names=("0", "1", "2")),
    "first_row_missing.csv": Case(mended=("NA", "nan")),
    "decimal_comma_one_feature.csv": Case(label=1, separator=";", features=(0,), mended=(",", ".")),
    "label_first_words.csv": Case(label=0, header=1, features=(1, 2, 3), classes=WORDS, names=ABC),
    "label_second_after_id.csv": Case(label=1, header=1, features=(2, 3, 4), classes=WORDS, names=ABC),
    "index_column.csv": Case(label=4, header=1, features=(1, 2, 3), classes=WORDS, names=ABC),
    "blanks.data": Case(separator=None),
    "commas_in.txt": Case(),
    "no_ending": LIBSVM._replace(classes=("-1", "1")),
    "zero_based.svm": LIBSVM,
    "space_after_colon.txt": LIBSVM._replace(mended=(": ", ":")),
    "bom_libsvm.txt": LIBSVM._replace(mended=("\ufeff", "")),
    "unscaled.csv": Case(header=1, names=("income", "mood", "error")),
    "integer_target.csv": Case(header=1, classes=(), names=ABC),
}


def by_hand(name: str) -> tuple[np.ndarray, list[str]]:
    """Rows (rows, p), nan in a gap, and the label of each as it is written."""
    case, text = CASES[name], (FOLDER / name).read_text(encoding="utf-8")
    text = text.replace(*case.mended) if case.mended[0] else text
    if case.label is None:
        rows, labels = load_svmlight_file(io.BytesIO(text.encode()), zero_based="auto")
        return rows.toarray(), [f"{label:g}" for label in labels]
    cells = np.loadtxt(io.StringIO(text), dtype=str, delimiter=case.separator, skiprows=case.header)
    return cells[:, case.features].astype(float), cells[:, case.label].tolist()


def taken(name: str, **recipe: str) -> Understood:
    return understood((FOLDER / name).read_bytes(), Recipe(**recipe))


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_every_table_is_taken_as_it_is_read_by_hand(name: str) -> None:
    case, (rows, labels) = CASES[name], by_hand(name)
    table = taken(name, standardise="off").table
    found = table.features.toarray() if sp.issparse(table.features) else table.features
    np.testing.assert_array_equal(found, np.where(np.isnan(rows), np.nanmedian(rows, axis=0), rows))
    assert len(rows) == (200 if name in ("unscaled.csv", "integer_target.csv") else 12)
    assert table.classes == case.classes
    assert table.names == case.names
    if case.classes:
        assert [table.classes[place] for place in table.places] == labels
    else:
        assert table.labels.tolist() == list(map(float, labels))


def test_a_gap_is_filled_and_where_it_is_and_what_else_may_be_done_is_asked(tmp_path: Path, monkeypatch, capsys) -> None:
    name = "first_row_missing.csv"
    rows, labels = by_hand(name)
    for words, place, question in (("en", "line 1, column 1", "dropped"), ("ru", "строка 1, столбец 1", "Отбросить")):
        said = " ".join(note(words) for note in taken(name).notes).replace("\u00a0", " ")
        assert place in said
        assert question in said
        assert "gaps=drop" in said
        assert "?" in said
    dropped = taken(name, gaps="drop", standardise="off").table
    np.testing.assert_array_equal(dropped.features, rows[1:])
    assert [dropped.classes[place] for place in dropped.places] == labels[1:]
    with pytest.raises(lab.Refusal, match=r"line 1, column 1: a missing value"):
        taken(name, gaps="refuse")
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C")
    kept = keep((FOLDER / name).read_bytes(), name)
    for _ in range(2):
        lab.describe(dataset=kept, partition={"name": "contiguous", "nodes": 2})
    assert capsys.readouterr().err.count("gaps=drop") == 1  # to a program too, and once


def test_columns_of_unlike_scale_are_standardised_and_then_the_run_gets_somewhere(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    name, usual = "unscaled.csv", {"partition": {"name": "contiguous", "nodes": 4}, "objective": "logistic_ridge"}
    found = taken(name).table.features
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), 1)
    kept = keep((FOLDER / name).read_bytes(), name)
    assert lab.run(usual, dataset=kept)["grad_norm_sq"][-1] < 4e-9
    assert lab.run(usual, dataset=kept.replace(standardise="off"))["grad_norm_sq"][-1] > 7e-2
