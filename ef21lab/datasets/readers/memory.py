"""Arrays, sparse matrices, data frames and lists as a Table, or why they are none."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
import scipy.sparse as sp

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.datasets.base import Table
from ef21lab.datasets.readers.labels import MOST_CLASSES, NOT_CLASSES, coded
from ef21lab.datasets.readers.table import LARGEST

TASKS = ("auto", "classes", "numbers")


def table_of(features: Any, labels: Any, task: str, shape: tuple[int, ...] | None, names: tuple[str, ...] | None) -> Table:
    """Raises Refusal, which names the place of what is wrong."""
    if task not in TASKS:
        raise Refusal(NO_TASK.format(task=shown(task), known=", ".join(TASKS)))
    rows, own_names = _features(features)
    names = own_names if names is None else names
    if names and len(names) != rows.shape[1]:
        raise Refusal(NAMES.format(names=len(names), columns=rows.shape[1]))
    if shape is not None and (math.prod(shape) != rows.shape[1] or min(shape, default=0) < 1):
        raise Refusal(SHAPE.format(shape=shown(list(shape)), columns=rows.shape[1]))
    marks, classes = _labels(labels, task)
    if len(marks) != rows.shape[0]:
        raise Refusal(LENGTHS.format(rows=rows.shape[0], labels=len(marks)))
    return Table(rows, marks, classes, shape or (rows.shape[1],), names)


def taken_apart(frame: Any, label: str) -> tuple[Any, Any]:
    """The columns of a DataFrame but one, and that one. Raises Refusal where it is none, or has no such column."""
    if not is_frame(frame):
        raise Refusal(NO_FRAME.format(name=quoted(label)))
    one_column(frame, label)
    return frame.drop(columns=label), frame[label]


def one_column(frame: Any, label: Any) -> int:
    """The place of the one column of this name. Raises Refusal where there is none, or several."""
    names = list(frame.columns)
    if names.count(label) != 1:
        raise Refusal(NO_COLUMN.format(name=quoted(str(label)), known=quoted(", ".join(map(str, names))[:200])))
    return names.index(label)


def _features(given: Any) -> tuple[Any, tuple[str, ...]]:
    """(rows, p) float64, dense or CSR, and the names of its columns where it has some."""
    names = tuple(str(name) for name in given.columns) if is_frame(given) else ()
    if is_frame(given):
        for name, kind in zip(given.columns, given.dtypes, strict=True):
            if kind.kind not in "biuf":
                raise Refusal(COLUMN.format(name=quoted(str(name))))
        given = given.to_numpy(dtype=np.float64, na_value=np.nan)
    if sp.issparse(given):
        rows = sp.csr_matrix(given, dtype=np.float64, copy=True) if given.dtype.kind in "biuf" else None
    else:
        _check_mask(given, FEATURES_AT)
        found = numbers(given)
        rows = None if found is None else np.array(found, dtype=np.float64, order="C")
    if rows is None or rows.ndim != 2 or 0 in rows.shape:
        raise Refusal(FEATURES)
    if sp.issparse(rows):
        rows.sum_duplicates()
        rows.sort_indices()
        _check(rows.data, lambda place: (int(np.searchsorted(rows.indptr, place, "right")) - 1, int(rows.indices[place])))
    else:
        _check(rows.reshape(-1), lambda place: divmod(place, rows.shape[1]))
    return rows, names


def numbers(given: Any) -> np.ndarray | None:
    """An array of these real numbers; None for what is none: words, complex numbers, rows of several lengths, places under a mask."""
    if np.ma.is_masked(given):
        return None
    try:
        array = np.asarray(given)
    except ValueError:  # rows of several lengths
        return None
    return array if array.dtype.kind in "biuf" else None


def _labels(given: Any, task: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """The labels of a Table and the names of its classes."""
    _check_mask(given, LABELS_AT)
    try:
        array = np.asarray(given)
    except ValueError:  # rows of several lengths
        raise Refusal(LABELS) from None
    if array.dtype.kind == "O" and array.size and all(isinstance(value, Real) and not isinstance(value, bool) for value in array.flat):
        array = array.astype(np.float64)  # numbers of a table whose other columns hold words
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or array.dtype.kind not in "biufOUT":
        raise Refusal(LABELS)
    if array.dtype.kind in "iuf":
        numbers = array.astype(np.float64)
        _check(numbers, lambda place: (place,), LABELS_AT)
        return coded(numbers, task)
    words = [_word(value, place) for place, value in enumerate(array)]
    if task == "numbers":
        raise Refusal(LABELS)
    distinct, places = np.unique(np.array(words, dtype=str), return_inverse=True)
    if not 2 <= len(distinct) <= MOST_CLASSES:
        raise Refusal(NOT_CLASSES.format(count=len(distinct), most=MOST_CLASSES))
    return (2.0 * places - 1.0 if len(distinct) == 2 else places.astype(np.intp)), tuple(map(str, distinct))


def _word(value: Any, place: int) -> str:
    """A label as a word. A gap has none."""
    if value is None or (isinstance(value, float) and math.isnan(value)) or type(value).__name__ in ("NAType", "NaTType"):
        raise Refusal(LABELS_AT.format(place=str(place), value="NaN"))
    return str(value)


def _check(values: np.ndarray, where: Any, words: Text | None = None) -> None:
    """A Refusal that names the first place of what is no finite number of usual size."""
    wrong = np.flatnonzero(~(np.abs(values) <= LARGEST))
    if len(wrong):
        place = ", ".join(str(index) for index in where(int(wrong[0])))
        raise Refusal((words or FEATURES_AT).format(place=place, value=f"{values[wrong[0]]:.3g}"))


def _check_mask(given: Any, words: Text) -> None:
    """A Refusal that names the first place that a mask hides."""
    if np.ma.is_masked(given):
        place = np.argwhere(np.ma.getmaskarray(given))[0]
        raise Refusal(words.format(place=", ".join(map(str, place)), value=MASKED))


def is_frame(given: Any) -> bool:
    """Whether it is a DataFrame, without importing pandas."""
    return hasattr(given, "columns") and hasattr(given, "dtypes") and hasattr(given, "to_numpy")


FEATURES = Text(
    "features: (rows, columns) of real numbers are expected, at least one of each: an array, a sparse matrix or a DataFrame",
    "features: нужны вещественные числа (строки, столбцы), хотя бы по одному: массив, разреженная матрица или DataFrame",
)
MASKED = Text("masked", "под маской")
NO_FRAME = Text(
    "the labels are a column, {name}, and features are no DataFrame that could have one",
    "метки названы столбцом {name}, но features — не DataFrame, и столбцов у него нет",
)
NO_COLUMN = Text("there is no one column {name}; the columns are {known}", "столбца {name} нет или он не один; есть {known}")
COLUMN = Text(
    "the column {name} holds no numbers; leave it out, or encode it (pandas.get_dummies makes columns of 0 and 1)",
    "в столбце {name} не числа; уберите его или закодируйте (pandas.get_dummies делает столбцы из 0 и 1)",
)
FEATURES_AT = Text(
    "features[{place}] is {value}; finite numbers of at most 10⁵⁰ are expected: fill gaps, or drop their rows",
    "features[{place}] = {value}; нужны конечные числа, по модулю не больше 10⁵⁰: заполните пропуски или уберите эти строки",
)
LABELS = Text(
    "labels: one for each row is expected: numbers, or words for classes",
    "labels: нужна одна метка на строку: число или имя класса",
)
LABELS_AT = Text(
    "labels[{place}] is {value}; fill the gap, or drop the row", "labels[{place}] = {value}; заполните пропуск или уберите строку"
)
LENGTHS = Text(
    "features hold {rows:row|rows}, labels {labels:number|numbers}; one label for each row is expected",
    "в features {rows:строка|строки|строк}, в labels {labels:метка|метки|меток}; нужна одна метка на строку",
)
NAMES = Text("{names:name|names} for {columns:column|columns}", "{names:имя|имени|имён} на {columns:столбец|столбца|столбцов}")
SHAPE = Text(
    "shape={shape}: its product is to be {columns:column|columns}, and every side at least 1",
    "shape={shape}: произведение должно равняться числу столбцов, {columns}, а каждая сторона — хотя бы 1",
)
NO_TASK = Text("task={task} is unknown; one of {known}", "task={task}: такого нет; возможны {known}")
