"""A file understood in the open: the table that was made of it, and every guess in words and as the setting that would make it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table
from ef21lab.datasets.readers import features, roles
from ef21lab.datasets.readers.grid import CellGrid, Cut, grid_of, text_of
from ef21lab.datasets.readers.kinds import FEATURES, KINDS, LARGEST, Kind, ToldColumn, told
from ef21lab.datasets.readers.libsvm import MOST_COLUMNS, counts_from_zero, is_libsvm, parse_libsvm, resembles_libsvm
from ef21lab.datasets.readers.scaling import UNEVEN, spread, standardised
from ef21lab.datasets.readers.workbook import ZIP

MOST_NUMBERS = 5_000_000
WIDEST_LIBSVM = 20_000
MOST_SCORES = 20_000_000  # rows × classes: what softmax regression holds several times over
HEAD_COLUMNS = 12  # of the preview


class Recipe(NamedTuple):
    """How a person wants a file to be understood; the defaults leave it to the file."""

    cut: Cut = Cut()
    label: str = ""  # by name or number
    task: str = "auto"  # "classes", "regression"
    ignored: str = ""  # columns to leave out, comma between; "-" for none
    gaps: str = features.FILL
    standardise: str = "auto"
    intercept: bool = False


class ColumnSeen(NamedTuple):
    """A column of the file as a person finds it in the preview."""

    name: str
    kind: Text
    label: bool
    taken: bool


class Understood(NamedTuple):
    """What a file was found to be."""

    table: Table
    notes: tuple[Text, ...]
    found: dict[str, str]  # setting → what stands where it was left to the file
    columns: tuple[ColumnSeen, ...]  # of the file; none of LIBSVM
    head: tuple[tuple[str, ...], ...]  # its first rows as they were read


def understood(content: bytes, recipe: Recipe) -> Understood:
    """The table in the bytes of any file. Raises Refusal, which names line and column where it can."""
    content = text_of(content)
    if not content.startswith(ZIP) and (is_libsvm(content) or resembles_libsvm(content)):  # what is wrong in the latter is said
        found = _libsvm(content, recipe)
    else:
        found = _of_grid(grid_of(content, recipe.cut), recipe)
    rows, classes = len(found.table.labels), len(found.table.classes)
    if rows * classes > MOST_SCORES:
        raise Refusal(SCORES.format(came=rows * classes, most=MOST_SCORES))
    return found._replace(table=found.table.read_only())


def _of_grid(grid: CellGrid, recipe: Recipe) -> Understood:
    ignored = roles.left_out(recipe.ignored, grid)
    asked = None if not recipe.label else roles.place_of(recipe.label, grid, roles.LABEL)
    if asked in ignored:
        raise Refusal(OMITS_LABEL.format(column=grid.column(asked or 0)))
    wanted = [place for place in range(len(grid.columns)) if place not in ignored]
    forced = frozenset(wanted if recipe.ignored == roles.NOTHING else [] if asked is None else [asked])
    columns = told(grid, wanted, forced)
    place, why = (asked, ()) if asked is not None else roles.label_place(columns, grid)
    label_column = next(one for one in columns if one.place == place)
    others = [one for one in columns if one.place != place]
    taken = [one for one in others if one.kind in FEATURES] or [one for one in others if one.kind is Kind.INDEX]
    taken = [one if one.kind is not Kind.INDEX else _as_number(one) for one in taken]
    label = roles.label_of(label_column, recipe.task, grid)
    taken = _telling(taken, ~label_column.gaps)
    kept, about_rows = features.kept_rows(taken, label_column, recipe.gaps, grid)
    taken = _telling(taken, kept)
    made = features.features_of(taken, kept, grid, recipe.standardise, recipe.intercept)
    labels, classes = _of_kept(label.labels[kept], label.classes, grid.column(place))
    table = Table(made.rows, labels, classes, (made.rows.shape[1],), made.names)
    places = {one.place for one in taken}
    counting = tuple(COUNTS.format(column=grid.column(one.place)) for one in taken if one.counts and one.place == 0)
    notes = (
        *grid.notes,
        *why,
        *label.notes,
        *features.left_out([one.among(kept) if one.kind in FEATURES else one for one in others if one.place not in places], grid),
        *(note for one in columns for note in one.notes),
        *about_rows,
        *made.notes,
        *counting,
    )
    found = {
        **grid.found,
        "label": grid.columns[place].name or str(place + 1),
        "task": "classes" if classes else "regression",
        "ignored": ", ".join(grid.columns[at].name or str(at + 1) for at in range(len(grid.columns)) if at not in places and at != place),
        "standardise": "on" if made.standardised else "off",
    }
    return Understood(table, notes, found, _seen(grid, columns, place, places), _head(grid))


def _telling(columns: list[ToldColumn], rows: np.ndarray) -> list[ToldColumn]:
    """Those that are still features where only these rows are taken."""
    return [one for one in columns if one.among(rows).kind in FEATURES]


def _as_number(one: ToldColumn) -> ToldColumn:
    """The only column besides the label is a feature, whatever it counts."""
    return ToldColumn(one.place, one.name, Kind.NUMBERS, one.values, None, one.gaps, one.distinct, one.counts, one.notes)


def _of_kept(labels: np.ndarray, classes: tuple[str, ...], column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels of the rows that are kept, without classes that none of them has."""
    if not classes:
        return np.ascontiguousarray(labels, dtype=np.float64), ()
    places = (labels > 0).astype(np.intp) if len(classes) == 2 else labels
    present, coded = np.unique(places, return_inverse=True)
    if len(present) < 2:
        raise Refusal(ONE_CLASS.format(column=column, label=shown(classes[int(present[0])])))
    return 2.0 * coded - 1.0 if len(present) == 2 else coded.astype(np.intp), tuple(classes[int(at)] for at in present)


def _seen(grid: CellGrid, columns: list[ToldColumn], label: int, taken: set[int]) -> tuple[ColumnSeen, ...]:
    kinds = {one.place: KINDS[one.kind] for one in columns}
    return tuple(
        ColumnSeen(column.name or str(at + 1), kinds.get(at, LEFT_OUT_AS_ASKED), at == label, at in taken)
        for at, column in enumerate(grid.columns)
    )


def _head(grid: CellGrid) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(cell.strip()[:40] for cell in row[:HEAD_COLUMNS]) for row in grid.head)


def _libsvm(content: bytes, recipe: Recipe) -> Understood:
    """A LIBSVM table within the bounds of an upload; its label always comes first in a line, and its zeros stay zeros."""
    if recipe.label:
        raise Refusal(LABEL_FIRST.format(label=shown(recipe.label)))
    table = parse_libsvm(content, "LIBSVM", {"regression": "numbers"}.get(recipe.task, recipe.task))
    for came, most, noun in (
        (table.features.nnz, MOST_NUMBERS, Text("{came:number|numbers}", "{came:число|числа|чисел}")),
        (table.features.shape[1], min(WIDEST_LIBSVM, MOST_COLUMNS), Text("{came:column|columns}", "{came:столбец|столбца|столбцов}")),
    ):
        if came > most:
            raise Refusal(TOO_MUCH.format(came=noun.format(came=came), most=most))
    for values, row_of in (
        (table.features.data, np.repeat(np.arange(table.features.shape[0]), np.diff(table.features.indptr))),
        (table.labels, np.arange(len(table.labels))),
    ):
        if len(large := np.flatnonzero(np.abs(values) > LARGEST)):
            raise Refusal(TOO_GREAT.format(row=int(row_of[large[0]]) + 1, value=float(values[large[0]])))
    if len(np.unique(table.labels)) < 2:
        raise Refusal(ONE_LABEL)
    uneven = spread(table.features) > UNEVEN
    scaled = recipe.standardise == "on" or (recipe.standardise == "auto" and uneven)
    notes = [FROM_ZERO] if counts_from_zero(content) else []
    if scaled:
        table = standardised(table)
        notes += [features.SCALED] if recipe.standardise == "auto" else []
    if recipe.intercept:
        ones = np.ones((len(table.labels), 1))
        rows = sp.csr_matrix(sp.hstack([table.features, ones]))
        rows.indices, rows.indptr = rows.indices.astype(np.int32), rows.indptr.astype(np.int32)
        table = table._replace(features=rows, shape=(rows.shape[1],))
    found = {"task": "classes" if table.classes else "regression", "standardise": "on" if scaled else "off"}
    return Understood(table, tuple(notes), found, (), ())


COUNTS = Text(
    "Column {column} counts the rows, one more in each: if it is a number of the row and no feature, leave it out.",
    "Столбец {column} нумерует строки: в каждой на единицу больше. Если это номер, а не признак, исключите его в поле «Не брать».",
)
OMITS_LABEL = Text(
    "column {column} is the label and cannot be left out; choose another label column",
    "столбец {column} — метка, без неё нельзя; выберите другой столбец меток",
)
LEFT_OUT_AS_ASKED = Text("left out", "не взят")
ONE_CLASS = Text(
    "column {column}: the rows have one label, {label}; there is nothing to tell apart",
    "столбец {column}: у всех строк одна метка, {label}; различать нечего",
)
ONE_LABEL = Text("all rows have one label; there is nothing to tell apart", "у всех строк одна метка; различать нечего")
LABEL_FIRST = Text(
    "label {label}: in a LIBSVM file the label comes first in every line; leave the column empty",
    "метка {label}: в файле LIBSVM метка стоит первой в каждой строке; оставьте столбец пустым",
)
FROM_ZERO = Text(
    "An index of the file is 0, so its columns were counted from 0.", "В файле есть индекс 0, поэтому столбцы считаются с нуля."
)
TOO_MUCH = Text("{came}; at most {most} are taken", "{came}; принимается не больше {most}")
SCORES = Text(
    "rows times classes make {came}; at most {most} are taken",
    "произведение числа строк на число классов равно {came}; берётся не больше {most}",
)
TOO_GREAT = Text(
    "row {row} holds {value}; magnitudes of at most 10⁵⁰ are expected", "в строке данных {row} — {value}; по модулю числа не больше 10⁵⁰"
)
