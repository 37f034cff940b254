"""Rows of cells in a text, however they are set apart; every step takes time in proportion to the text.

The separator is the one of tab, semicolon and comma that cuts the first rows into equally many cells, most of them numbers; where none
does, blanks. Where the separator is no comma and the first rows hold numbers such as 0,5 and none such as 0.5, the comma is the decimal
sign.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from ef21lab.choices import written
from ef21lab.choices.text import Refusal, Text

NUMBER = re.compile(rf"[ \t]*+{written.NUMBER}[ \t]*+")
WITH_COMMA = re.compile(r"[ \t]*+[+-]?[0-9]*+,[0-9]++(?:[eE][+-]?[0-9]++)?+[ \t]*+")
BLANKS = " "
_WORD_OR_QUOTED = re.compile(r'"([^"]*)"|([^\s"]+)')
_SEPARATORS = "\t;,"  # of two that fit equally well the first
_SAMPLE = 100  # rows, to find the separator
_SAMPLE_CHARACTERS = 400_000


class Row(NamedTuple):
    line: int  # where it begins, from 1
    cells: list[str]


class Cells(NamedTuple):
    """How a text is cut."""

    separator: str
    decimal_comma: bool


def cut(text: str, separators: str = _SEPARATORS) -> Cells:
    """How the first rows want to be cut, by one of these separators or by blanks."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(sample) < len(text):
        sample = sample[: sample.rfind("\n") + 1] or sample
    best, most = ",", (0, 0.0)
    for separator in separators:
        found = [row.cells for row in islice(_trial(sample, separator), _SAMPLE)]
        widths = {len(cells) for cells in found}
        if len(widths) == 1 and widths != {1}:
            fit = (2, _numeric(found, separator))
        else:
            fit = (int(max(widths, default=1) > 1), _numeric(found, separator))
        if fit > most and max(widths, default=1) > 1:
            best, most = separator, fit
    if most == (0, 0.0) and all(len(row.cells) > 1 for row in islice(_blank_separated(sample), _SAMPLE)):
        best = BLANKS
    return Cells(best, has_decimal_commas(sample, best))


def rows(text: str, cells: Cells) -> Iterator[Row]:
    """Every row with content. Raises a Refusal that names the line where quotes are not in order."""
    found = _blank_separated(text) if cells.separator == BLANKS else _separated(text, cells.separator)
    if not cells.decimal_comma:
        return found
    return (Row(row.line, [with_point(cell) for cell in row.cells]) for row in found)


def with_point(cell: str) -> str:
    """0,5 as 0.5."""
    return cell.replace(",", ".") if WITH_COMMA.fullmatch(cell) else cell


def _separated(text: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Refusal((TOO_LONG if "limit" in str(error) else QUOTES).format(line=begins)) from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield Row(begins, cells)


def _blank_separated(text: str) -> Iterator[Row]:
    for line, words in enumerate(io.StringIO(text, newline=None), 1):
        if cells := words.split():
            yield Row(line, cells)


def quoted_words(text: str) -> Iterator[Row]:
    """Rows whose cells are set apart by blanks; a cell in quotes may hold some."""
    for line, words in enumerate(io.StringIO(text, newline=None), 1):
        cells = words.split() if '"' not in words else ["".join(found) for found in _WORD_OR_QUOTED.findall(words)]
        if cells:
            yield Row(line, cells)


def _trial(sample: str, separator: str) -> Iterator[Row]:
    """Rows until the first one that is not in order: it is named later, once the separator is known."""
    try:
        yield from _separated(sample, separator)
    except Refusal:
        return


def _numeric(found: Sequence[Sequence[str]], separator: str) -> float:
    """The share of cells that are numbers."""
    cells = [cell for row in found for cell in row]
    numbers = sum(bool(NUMBER.fullmatch(cell) or (separator != "," and WITH_COMMA.fullmatch(cell))) for cell in cells)
    return numbers / max(len(cells), 1)


def has_decimal_commas(text: str, separator: str) -> bool:
    """Whether the first rows hold numbers such as 0,5 and none such as 0.5."""
    if separator == ",":
        return False
    sample = text[:_SAMPLE_CHARACTERS]
    found = islice(_blank_separated(sample) if separator == BLANKS else _trial(sample, separator), _SAMPLE)
    cells = [cell for row in found for cell in row.cells]
    return any(map(WITH_COMMA.fullmatch, cells)) and not any("." in cell and NUMBER.fullmatch(cell) for cell in cells)


QUOTES = Text(
    "the row that begins in line {line}: its quotes are not in order (a quote inside a quoted cell is written twice)",
    "в ряду, что начинается в строке {line}, неверно расставлены кавычки (внутри ячейки в кавычках кавычку удваивают)",
)
TOO_LONG = Text(
    "the row that begins in line {line}: a cell is longer than 131,072 characters — is a quote left open?",
    "в ряду, что начинается в строке {line}, ячейка длиннее 131\u202f072 знаков — не осталась ли незакрытой кавычка?",
)
