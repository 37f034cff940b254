"""A file as columns of cells: what it is by its content, how it is cut, whether its first row names the columns.

A column keeps its numbers as numbers and everything else as it is written, each word once, so that a file of 20 MB fits a worker.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import NamedTuple

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.readers import encodings, workbook
from ef21lab.datasets.readers.delimited import (
    BLANKS,
    NUMBER,
    Cells,
    Row,
    cut,
    has_decimal_commas,
    quoted_words,
    rows,
    with_point,
)
from ef21lab.datasets.readers.naming import AUTO, is_header
from ef21lab.datasets.readers.raw import unpacked

MOST_CELLS = 5_000_000
MOST_ROWS = 1_000_000
MOST_WORDS = 1_500_000  # cells that are no numbers: each weighs a hundred bytes
MOST_COLUMNS = 20_000
LOOKED_AT = 500  # rows that the header is judged by
MOST_LOOKED_AT = 200_000  # cells of these
_SAMPLE = 400_000  # characters that the separator is judged by
_BLOCK = 1000  # rows that are taken at once
NAN = float("nan")

SEPARATORS = {
    AUTO: Text("as it looks", "как похоже"),
    "comma": Text("comma", "запятая"),
    "semicolon": Text("semicolon", "точка с запятой"),
    "tab": Text("tab", "табуляция"),
    "bar": Text("vertical bar", "вертикальная черта"),
    "blanks": Text("blanks", "пробелы"),
}
_LETTERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blanks": BLANKS}
_TRIED = "\t;,|"
_KINDS_OF_FILE = {
    b"\xd0\xcf\x11\xe0": Text("an old Excel or Word document", "старый документ Excel или Word"),
    b"%PDF": Text("a PDF", "PDF"),
    b"PAR1": Text("a Parquet file", "файл Parquet"),
    b"\x89PNG": Text("a picture", "картинка"),
    b"\xff\xd8\xff": Text("a picture", "картинка"),
    b"\x93NUMPY": Text("a NumPy array", "массив NumPy"),
    b"\x89HDF": Text("an HDF5 file", "файл HDF5"),
}
_MARKUP = {"{": Text("JSON", "JSON"), "[": Text("JSON", "JSON"), "<": Text("HTML or XML", "HTML или XML")}


class Cut(NamedTuple):
    """How a person wants a file to be cut; the defaults leave it to the file."""

    encoding: str = AUTO
    separator: str = AUTO
    decimal: str = AUTO  # "point", "comma"
    header: str = AUTO  # "yes", "no"


@dataclass
class CellColumn:
    """The cells of a column under its header. `values` has nan where a cell is no number; `words` has that cell by its row."""

    name: str
    values: array[float] = field(default_factory=lambda: array("d"))
    words: dict[int, str] = field(default_factory=dict)

    def take(self, cells: Sequence[str], known: dict[str, str]) -> None:
        """Some cells more."""
        if all(map(NUMBER.fullmatch, cells)):
            self.values.extend(map(float, cells))
            return
        for cell in cells:
            if NUMBER.fullmatch(cell):
                self.values.append(float(cell))
            else:
                written = cell.strip()
                self.words[len(self.values)] = known.setdefault(written, written)
                self.values.append(NAN)


class CellGrid(NamedTuple):
    """All cells of a file."""

    columns: tuple[CellColumn, ...]
    lines: array[int]  # where each row begins, from 1
    named: bool  # by a header
    found: dict[str, str]  # how it was cut: what stands where a choice was left to the file
    notes: tuple[Text, ...]
    head: tuple[tuple[str, ...], ...]  # the first rows as they are written

    def at(self, row: int, place: int) -> Text:
        """A cell as a person finds it."""
        return AT.format(line=self.lines[row], column=self.column(place))

    def column(self, place: int) -> str:
        """A column as a person finds it: its number and, where it has one, its name."""
        name = self.columns[place].name
        return f"{place + 1} ({shown(name)})" if name and self.named else str(place + 1)


def text_of(content: bytes) -> bytes:
    """What is inside archives, one in another at most twice; of a workbook the bytes as they are. Raises Refusal for what is no table."""
    for _ in range(2):
        content = unpacked(content)
        if content.startswith(workbook.ZIP):
            inside = workbook.inside_zip(content)
            if inside is None:
                return content
            content = inside
    kind = next((kind for start, kind in _KINDS_OF_FILE.items() if content.startswith(start)), None)
    if kind is not None:
        raise Refusal(NO_TABLE.format(kind=kind))
    return content


def grid_of(content: bytes, asked: Cut, first_rows: int = 12) -> CellGrid:
    """The cells of a file that `text_of` gave. Raises a Refusal that names line and column of the first fault."""
    found, notes = dict[str, str](), list[Text]()
    if content.startswith(workbook.ZIP):
        read, notes_of_book = workbook.sheet(content)
        given: Iterator[Row] = iter(_filled(read))
        notes += notes_of_book
    else:
        given, found, notes = _of_text(content, asked)
    first = next(given, None)
    if first is None:
        raise Refusal(EMPTY)
    if len(first.cells) > MOST_COLUMNS + 1:
        raise Refusal(WIDE.format(line=first.line, width=len(first.cells), most=MOST_COLUMNS))
    looked_at = list(islice(given, max(20, min(LOOKED_AT, MOST_LOOKED_AT // len(first.cells)))))
    first = _with_corner(first, looked_at)
    header, why = is_header(first, looked_at, asked.header)
    notes += why
    found["header"] = "yes" if header else "no"
    names = _names(first.cells) if header else [""] * len(first.cells)
    if len(names) < 2:
        raise Refusal(NARROW.format(line=first.line))
    body = chain([] if header else [first], looked_at, given)
    head = tuple(tuple(row.cells) for row in ([] if header else [first]) + looked_at)[:first_rows]
    columns, lines = _columns(names, body)
    if not lines:
        raise Refusal(EMPTY)
    return CellGrid(columns, lines, header, found, tuple(notes), head)


def _of_text(content: bytes, asked: Cut) -> tuple[Iterator[Row], dict[str, str], list[Text]]:
    text, encoding, proved = encodings.decoded(content, asked.encoding)
    start = text.lstrip()[:1]
    if start in _MARKUP and asked.separator == AUTO and _is_markup(text.lstrip(), start):
        raise Refusal(NO_TABLE.format(kind=_MARKUP[start]))
    notes = [] if proved else [ENCODING.format(encoding=encodings.ENCODINGS[encoding])]
    text, remarks = _without_remarks(text)
    if remarks:
        notes.append(REMARKS.format(n=remarks))
    separator = _separator(text) if asked.separator == AUTO else _LETTERS[asked.separator]
    comma = has_decimal_commas(text, separator) if asked.decimal == AUTO else asked.decimal == "comma"
    if comma and asked.decimal == AUTO:
        notes.append(DECIMAL_COMMA)
    names = {letter: name for name, letter in _LETTERS.items()}
    found = {"encoding": encoding, "separator": names[separator], "decimal": "comma" if comma else "point"}
    given = quoted_words(text) if separator == BLANKS else rows(text, Cells(separator, False))
    cells = ((row.line + remarks, map(with_point, row.cells) if comma else row.cells) for row in given)
    return (Row(line, list(found)) for line, found in cells), found, notes


def _separator(text: str) -> str:
    """The one that cuts the first rows alike; blanks where these do and it does not."""
    best = cut(text, _TRIED).separator
    sample = text[:_SAMPLE]
    sample = sample if len(sample) == len(text) else sample[: sample.rfind("\n") + 1]
    widths = {len(row.cells) for row in islice(quoted_words(sample), LOOKED_AT)}
    if best == BLANKS or len(widths) != 1 or widths == {1}:
        return best
    try:
        return best if len({len(row.cells) for row in islice(rows(sample, Cells(best, False)), LOOKED_AT)}) == 1 else BLANKS
    except Refusal:
        return best


def _is_markup(text: str, start: str) -> bool:
    return re.match(r"""\{\s*["}]|\[\s*[\[{]|<(?:!|\?|html|table)""", text[:200], re.IGNORECASE) is not None


def _without_remarks(text: str) -> tuple[str, int]:
    """The text after the lines at its top that begin with a #, and how many these are. A lone one may be a header."""
    count, at = 0, 0
    while text.startswith("#", at) and (end := text.find("\n", at)) >= 0:
        count, at = count + 1, end + 1
    return (text[at:], count) if count and "," not in text[:at].rpartition("#")[2] else (text, 0)


def _filled(given: Sequence[Row]) -> list[Row]:
    """A sheet's rows in one width, since empty cells at their end are left out there."""
    width = max((len(row.cells) for row in given), default=0)
    return [Row(row.line, row.cells + [""] * (width - len(row.cells))) for row in given]


def _with_corner(first: Row, body: Sequence[Row]) -> Row:
    """A header without a name for the first column, as R writes row names; or for the last one, where that is empty."""
    if not body or any(len(row.cells) != len(first.cells) + 1 for row in body):
        return first
    empty_end = not any(row.cells[-1].strip() for row in body)
    return Row(first.line, [*first.cells, ""] if empty_end else ["", *first.cells])


def _names(cells: Sequence[str]) -> list[str]:
    """Names of columns, no two alike: a second x is x (2)."""
    often, names = Counter[str](), dict[str, None]()
    written = [" ".join("".join(letter for letter in " ".join(cell.split()) if letter.isprintable()).split())[:80] for cell in cells]
    for base in written:
        often[base] += 1
        name = base if often[base] == 1 else f"{base} ({often[base]})"
        while name in names:  # the file itself calls one so
            often[base] += 1
            name = f"{base} ({often[base]})"
        if base:
            names[name] = None
    in_order = iter(names)
    return [next(in_order) if base else "" for base in written]


def _columns(names: Sequence[str], body: Iterable[Row]) -> tuple[tuple[CellColumn, ...], array[int]]:
    columns, lines, known = tuple(map(CellColumn, names)), array("l"), dict[str, str]()
    rest = iter(body)
    while block := list(islice(rest, max(1, min(_BLOCK, MOST_CELLS // (10 * len(names)))))):
        for row in block:
            if len(row.cells) != len(names):
                raise Refusal(RAGGED.format(line=row.line, came=len(row.cells), expected=len(names)))
            lines.append(row.line)
        if len(lines) * len(names) > MOST_CELLS:
            raise Refusal(TOO_MANY)
        if sum(len(column.words) for column in columns) > MOST_WORDS:
            raise Refusal(TOO_MANY_WORDS)
        if len(lines) > MOST_ROWS:
            raise Refusal(TOO_MANY_ROWS)
        for column, cells in zip(columns, zip(*(row.cells for row in block), strict=True), strict=True):
            column.take(cells, known)
    return columns, lines


AT = Text("line {line}, column {column}: ", "строка {line}, столбец {column}: ")
EMPTY = Text("the file has no rows", "в файле нет ни одной строки данных")
NO_TABLE = Text(
    "this is {kind}, not a table: CSV, LIBSVM and .xlsx are read, packed or not",
    "это {kind}, а не таблица: читаются CSV, LIBSVM и .xlsx, можно в архиве",
)
NARROW = Text(
    "line {line} has one column; a label and at least one feature are needed, set apart by commas, semicolons, tabs, bars or blanks",
    "в строке {line} один столбец; нужны метка и хотя бы один признак через запятую, точку с запятой, табуляцию, черту или пробел",
)
WIDE = Text(
    "line {line}: {width:column|columns}; at most {most} are taken",
    "строка {line}: {width:столбец|столбца|столбцов}; берётся не больше {most}",
)
RAGGED = Text(
    "line {line}: {came:cell|cells}, {expected} expected as in the first row",
    "строка {line}: {came:ячейка|ячейки|ячеек}, а в первой строке их {expected}",
)
TOO_MANY = Text("more than {most:cell|cells}; no more are taken", "больше {most:ячейки|ячеек|ячеек}; столько не принимается").format(
    most=MOST_CELLS
)
TOO_MANY_WORDS = Text(
    "more than {most:cell|cells} of words or gaps; no more are taken",
    "больше {most:ячейки|ячеек|ячеек} слов или пропусков; столько не принимается",
).format(most=MOST_WORDS)
TOO_MANY_ROWS = Text("more than {most:row|rows}; no more are taken", "больше {most:строки|строк|строк}; столько не принимается").format(
    most=MOST_ROWS
)
ENCODING = Text("The letters look like {encoding}.", "Судя по буквам, кодировка — {encoding}.")
DECIMAL_COMMA = Text("The comma was read as the decimal sign.", "Запятая прочитана как десятичная.")
REMARKS = Text(
    "{n:line|lines} at the top that begin with # were passed over.",
    "Пропущены строки в начале файла, что начинаются с #: {n:строка|строки|строк}.",
)
