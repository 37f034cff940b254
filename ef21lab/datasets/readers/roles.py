"""Which column of a table is the label, and what kind of label it is: as asked, else by its name, else by what it holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.choices.written import whole
from ef21lab.datasets.readers.grid import CellGrid
from ef21lab.datasets.readers.kinds import FEATURES, KINDS, Kind, ToldColumn
from ef21lab.datasets.readers.labels import MOST_CLASSES

FEW_CLASSES = 10  # so many different whole numbers may be classes that nobody called so
ROWS_OF_A_CLASS = 5  # on average, for that
NOTHING = "-"  # in place of columns to leave out: none
_WRITTEN_SURE = "label labels target targets class classes y outcome response метка класс цель целевая ответ отклик"
_WRITTEN_LIKELY = """
    species diagnosis survived quality grade churn default defaulted kind income price medv mpg salary score bought purchased clicked spam
    fraud admitted disease вид диагноз качество оценка цена сорт
"""
_SURE, _LIKELY = frozenset(_WRITTEN_SURE.split()), frozenset(_WRITTEN_LIKELY.split())


class Label(NamedTuple):
    """The label's column as it goes into a table."""

    told: ToldColumn
    labels: np.ndarray  # (rows,) as Table has them; of a gap anything
    classes: tuple[str, ...]
    notes: tuple[Text, ...]


def place_of(asked: str, grid: CellGrid, what: Text) -> int:
    """The place of a column by its name or its number from 1; a name goes first, since a header may hold numbers."""
    names, width = [column.name for column in grid.columns], len(grid.columns)
    if asked in names:
        return names.index(asked)
    if (number := whole(asked)) is not None:
        if 1 <= number <= width:
            return number - 1
        raise Refusal(NO_SUCH_NUMBER.format(what=what, target=asked, width=width))
    near = [name for name in names if name.strip().lower() == asked.strip().lower()]
    if len(near) == 1:
        return names.index(near[0])
    raise Refusal(NO_SUCH_NAME.format(what=what, target=shown(asked), names=_listed(names)) if grid.named else NO_NAMES.format(what=what))


def left_out(asked: str, grid: CellGrid) -> frozenset[int]:
    """The columns that a person leaves out."""
    if asked == NOTHING:
        return frozenset()
    return frozenset(place_of(part.strip(), grid, OMIT) for part in asked.split(",") if part.strip())


def label_place(columns: Sequence[ToldColumn], grid: CellGrid) -> tuple[int, tuple[Text, ...]]:
    """The place of the label where nobody says, and why it is that one."""
    able = [one for one in columns if _may_be_called(one) and (one.words is None or one.distinct <= MOST_CLASSES)]
    if not able:
        raise Refusal(NO_LABEL)
    two_valued = able[-1].distinct == 2
    for names in (_SURE, _LIKELY):
        called = [one for one in able if _plain(one.name) in names and (names is _SURE or one.words is not None or not two_valued)]
        called = [one for one in called if one.distinct <= FEW_CLASSES] or called
        if called:
            return called[-1].place, (BY_NAME.format(column=grid.column(called[-1].place)),)
    worded = [one for one in able if one.words is not None]
    if len(worded) == 1 and worded[0] is not able[-1] and len(able) > 1:
        return worded[0].place, (ONLY_WORDS.format(column=grid.column(worded[0].place)),)
    return able[-1].place, (LAST.format(column=grid.column(able[-1].place)),) if len(able) > 1 else ()


def _may_be_called(one: ToldColumn) -> bool:
    """Whether a column can be the label: also one that holds mostly gaps, if it is called so, since most rows may wait for a label."""
    return one.kind in FEATURES or (one.kind is Kind.SPARSE and one.distinct > 1 and _plain(one.name) in _SURE)


def label_of(one: ToldColumn, task: str, grid: CellGrid) -> Label:
    """The labels in a column: classes or a number to predict. Raises Refusal where it can be none, and says why."""
    column, present = grid.column(one.place), ~one.gaps
    if one.kind in (Kind.DATES, Kind.EMPTY, Kind.CONSTANT):
        raise Refusal(NOT_THE_LABEL.format(column=column, kind=KINDS[one.kind]))
    if one.words is None:
        return _of_numbers(one, task, column, present)
    if task == "regression":
        raise Refusal(WORDS_AS_NUMBERS.format(column=column))
    levels = one.levels
    if not 2 <= len(levels) <= MOST_CLASSES:
        raise Refusal(NOT_CLASSES.format(column=column, count=len(levels), most=MOST_CLASSES))
    places = np.searchsorted(np.array(levels, dtype=object), np.where(present, one.words, levels[0]))
    return Label(one, _coded(places, len(levels)), tuple(level[:80] for level in levels), ())


def _of_numbers(one: ToldColumn, task: str, column: str, present: np.ndarray) -> Label:
    distinct = np.unique(one.values[present])
    whole = bool(np.all(distinct == np.round(distinct)))
    few = len(distinct) == 2 or (whole and len(distinct) <= FEW_CLASSES and present.sum() >= ROWS_OF_A_CLASS * len(distinct))
    if task == "classes" or (task == "auto" and few):
        if not 2 <= len(distinct) <= MOST_CLASSES:
            raise Refusal(NOT_CLASSES.format(column=column, count=len(distinct), most=MOST_CLASSES))
        places = np.searchsorted(distinct, np.where(present, one.values, distinct[0]))
        said = (AS_CLASSES.format(column=column, n=len(distinct)),) if task == "auto" and len(distinct) > 2 else ()
        return Label(one, _coded(places, len(distinct)), tuple(f"{number:.17g}" for number in distinct), said)
    said = (AS_NUMBERS.format(column=column, n=len(distinct)),) if task == "auto" and whole and len(distinct) <= MOST_CLASSES else ()
    return Label(one, np.where(present, one.values, 0.0), (), said)


def _coded(places: np.ndarray, classes: int) -> np.ndarray:
    return 2.0 * places - 1.0 if classes == 2 else places.astype(np.intp)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


def _listed(names: Sequence[str]) -> Text:
    return quoted(", ".join(map(shown, names[:12])) + (", …" if len(names) > 12 else ""))


LABEL, OMIT = Text("label column", "столбец меток"), Text("columns to leave out", "столбцы, которые не нужны")
NO_SUCH_NUMBER = Text("{what}: there is no column {target}; there are {width}", "{what}: столбца {target} нет; всего столбцов {width}")
NO_SUCH_NAME = Text(
    "{what}: the first row names no column {target}; it has {names}", "{what}: в первой строке нет столбца {target}; там {names}"
)
NO_NAMES = Text(
    "{what}: the columns have no names here; give a number from 1, or say that the first line is a header",
    "{what}: у столбцов здесь нет имён; задайте номер с единицы или укажите, что первая строка — заголовок",
)
NO_LABEL = Text(
    "no column can be the label: all are dates, names, numbers of the row, or hold one value; name the label column",
    "метку взять неоткуда: во всех столбцах даты, имена, номера строк или одно значение; назовите столбец меток",
)
BY_NAME = Text("The label is column {column}, by its name.", "Метка — столбец {column}: так он назван.")
ONLY_WORDS = Text("The label is column {column}: it is the only one of words.", "Метка — столбец {column}: только в нём слова.")
LAST = Text(
    "The label is column {column}, the last one: nothing else tells. Choose another in “Label column”.",
    "Метка — столбец {column}, последний: других примет нет. Другой выбирается в поле «Столбец меток».",
)
NOT_THE_LABEL = Text(
    "column {column} cannot be the label ({kind}); choose another", "столбец {column} не может быть меткой ({kind}); выберите другой"
)
WORDS_AS_NUMBERS = Text(
    "column {column} holds words, and numbers are to be predicted — choose another label column, or classes",
    "в столбце {column} слова, а предсказывать нужно числа — выберите другой столбец меток или классы",
)
NOT_CLASSES = Text(
    "column {column} holds {count:value|different values}; classes are 2..{most} of them — choose another label column",
    "в столбце {column} {count:значение|разных значения|разных значений}; классов бывает от 2 до {most} — выберите другой столбец меток",
)
AS_CLASSES = Text(
    "The label {column} holds {n:whole number|different whole numbers}: these are taken for classes. “The label is” can say otherwise.",
    "В метке {column} — {n:целое число|разных целых числа|разных целых чисел}: похоже на классы. Иное задаётся в поле «Метка — это».",
)
AS_NUMBERS = Text(
    "The label {column} was taken for a quantity ({n:whole number|different whole numbers}). “The label is” can say otherwise.",
    "Метка {column} принята за величину ({n:целое число|разных целых числа|разных целых чисел}). Иное задаётся в поле «Метка — это».",
)
