"""Reads a table of numbers and its column of labels from text, and where a file is malformed says in which line and column.

    petal_length,petal_width,species
    1.4,0.2,setosa

How it is cut into cells: _delimited. What the first rows say of the others: _heading. Features are finite decimal numbers, none of them
missing; labels are numbers, or words of two classes or more. Lines without any content are skipped. Columns are counted in cells, from 1.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Table
from ef21lab.datasets.readers.delimited import NUMBER, Row, cut, rows
from ef21lab.datasets.readers.heading import Asked, Heading, heading_of, is_gap, is_word
from ef21lab.datasets.readers.labels import MOST_CLASSES, coded
from ef21lab.datasets.readers.raw import decoded, unpacked

MOST_NUMBERS = 5_000_000
MOST_ROWS = 1_000_000
LARGEST = 1e50  # squares of products of such numbers are still finite
LONGEST_LABEL = 80
LOOKED_AT = 500  # rows that the heading is judged by


class Read(NamedTuple):
    """A table, and what was guessed to read it."""

    table: Table
    guesses: tuple[Text, ...]


def read_csv(content: bytes, asked: Asked = Asked()) -> Read:  # noqa: B008 - a NamedTuple of strings
    """The table in a CSV file, packed or not, read as asked."""
    text = decoded(unpacked(content))
    cells = cut(text)
    given = rows(text, cells)
    first = next(given, None)
    if first is None:
        raise Refusal(EMPTY)
    looked_at = list(islice(given, LOOKED_AT))
    heading = heading_of(first, looked_at, asked)
    lines, labels, values = array("l"), list[str](), array("d")
    for row in chain([] if heading.names else [first], looked_at, given):
        label, numbers = _read(row, heading)
        lines.append(row.line)
        labels.append(label)
        values.extend(numbers)
        if len(values) > MOST_NUMBERS:
            raise Refusal(TOO_MANY)
        if len(lines) > MOST_ROWS:
            raise Refusal(TOO_MANY_ROWS)
    if not lines:
        raise Refusal(EMPTY)
    features = np.array(values).reshape(len(lines), -1)  # (rows, p)
    table = Table(features, *_labels(labels, lines, heading, asked.task), (features.shape[1],), heading.features).read_only()
    return Read(table, (*((DECIMAL_COMMA,) if cells.decimal_comma else ()), *heading.guesses))


def _read(row: Row, heading: Heading) -> tuple[str, list[float]]:
    """The label and the features of a row."""
    if len(row.cells) != heading.width:
        raise Refusal(RAGGED.format(line=row.line, came=len(row.cells), expected=heading.width))
    label = row.cells[heading.target].strip()
    apart = {heading.target, *heading.left_out}
    cells = [cell for at, cell in enumerate(row.cells) if at not in apart]
    if all(map(NUMBER.fullmatch, cells)):
        numbers = list(map(float, cells))
        if max(map(abs, numbers)) <= LARGEST:
            return label, numbers
    raise _first_fault(row, heading)


def _first_fault(row: Row, heading: Heading) -> Refusal:
    apart = {heading.target, *heading.left_out}
    place = next(at for at, cell in enumerate(row.cells) if at not in apart and not _is_number(cell))
    cell = row.cells[place]
    if not cell.strip():
        return _at(row.line, heading, place, MISSING)
    if is_gap(cell) and cell.strip().lower() != "nan":
        return _at(row.line, heading, place, GAP.format(cell=shown(cell.strip())))
    fault = _no_number(cell)
    return _at(row.line, heading, place, fault + A_COLUMN_OF_WORDS if is_word(cell) and any(map(str.isalpha, cell)) else fault)


def _no_number(cell: str) -> Text:
    """Why a cell is none."""
    point = cell.strip().replace(",", ".", 1)
    return (WITH_A_COMMA if "," in cell and _is_number(point) else NOT_A_NUMBER).format(cell=shown(cell), point=point)


def _is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell) is not None and abs(float(cell)) <= LARGEST


def _labels(given: Sequence[str], lines: Sequence[int], heading: Heading, task: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Numbers as in every other file; words as classes, in the order of the alphabet."""
    numeric = [NUMBER.fullmatch(label) is not None for label in given]
    for line, label, number in zip(lines, given, numeric, strict=True):
        if fault := _label_fault(label, number, numeric[0], lines[0]):
            raise _at(line, heading, heading.target, fault)
    if numeric[0]:
        return coded(np.array(list(map(float, given))), task)
    words, places = np.unique(np.array(given), return_inverse=True)
    if task == "numbers":
        raise Refusal(WORDS_AS_NUMBERS.format(column=heading.column(heading.target)))
    if not 2 <= len(words) <= MOST_CLASSES:
        raise Refusal(CLASSES.format(column=heading.column(heading.target), count=len(words), most=MOST_CLASSES))
    return (2.0 * places - 1.0 if len(words) == 2 else places.astype(np.intp)), tuple(map(str, words))


def _label_fault(label: str, number: bool, numbers_expected: bool, first: int) -> Text | None:
    if not label:
        return MISSING
    if number != numbers_expected:
        return (A_WORD if numbers_expected else A_NUMBER).format(label=shown(label), first=first)
    if number and not abs(float(label)) <= LARGEST:
        return _no_number(label)
    return None if len(label) <= LONGEST_LABEL else LONG_LABEL.format(length=len(label), most=LONGEST_LABEL)


def _at(line: int, heading: Heading, place: int, fault: Text) -> Refusal:
    where = Text("line {line}, column {column}: ", "строка {line}, столбец {column}: ")
    return Refusal(where.format(line=line, column=heading.column(place)) + fault)


EMPTY = Text("the file has no rows of numbers", "в файле нет ни одной строки с числами")
TOO_MANY = Text("more than {most:number|numbers}; no more are taken", "больше {most:числа|чисел|чисел}; столько не принимается").format(
    most=MOST_NUMBERS
)
TOO_MANY_ROWS = Text("more than {most:row|rows}; no more are taken", "больше {most:строки|строк|строк}; столько не принимается").format(
    most=MOST_ROWS
)
RAGGED = Text(
    "line {line}: {came:cell|cells}, {expected} expected as in the first row",
    "строка {line}: {came:ячейка|ячейки|ячеек}, а в первой строке их {expected}",
)
NOT_A_NUMBER = Text(
    "{cell} is not a finite number of magnitude at most 10⁵⁰ (with a decimal point)",
    "{cell} не прочитано как число: нужно конечное, по модулю не больше 10⁵⁰, с десятичной точкой",
)
WITH_A_COMMA = Text(
    "{cell} is not read as a number: here it is written with a point ({point})",
    "{cell} не прочитано как число: нужна точка ({point})",
)
A_COLUMN_OF_WORDS = Text(
    "; a column of words can be the label or be left out", "; столбец со словами может быть меткой, или его можно не брать"
)
MISSING = Text("the cell is empty; missing values are not guessed", "ячейка пуста; пропуски не заполняются")
GAP = Text("{cell} stands for a missing value; missing values are not guessed", "{cell} — это пропуск; пропуски не заполняются")
A_WORD = Text(
    "the label {label} is a word, and that of line {first} is a number; labels are all numbers or all words",
    "метка {label} — слово, а в строке {first} — число; метки должны быть все числами или все словами",
)
A_NUMBER = Text(
    "the label {label} is a number, and that of line {first} is a word; labels are all numbers or all words",
    "метка {label} — число, а в строке {first} — слово; метки должны быть все числами или все словами",
)
LONG_LABEL = Text(
    "a label of {length:character|characters}; at most {most} are taken",
    "метка из {length:знака|знаков|знаков}; принимается не больше {most}",
)
CLASSES = Text(
    "column {column} holds {count:word|different words}; labels are 2..{most} of them, or numbers — choose another target",
    "в столбце {column} {count:слово|разных слова|разных слов}; меток-слов бывает от 2 до {most}, или это числа — выберите другой столбец",
)
WORDS_AS_NUMBERS = Text(
    "column {column} holds words, and numbers are to be predicted — choose another label column, or classes",
    "в столбце {column} слова, а предсказывать нужно числа — выберите другой столбец меток или классы",
)
DECIMAL_COMMA = Text("The comma was read as the decimal sign.", "Запятая прочитана как десятичная.")
