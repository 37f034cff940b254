"""The first sheet of an Excel workbook as rows of cells, and the single file in a ZIP archive; both are known by their content."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator
from typing import Any

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.readers.delimited import Row
from ef21lab.datasets.readers.raw import DAMAGED, MOST_UNPACKED, TOO_LARGE

ZIP = b"PK\x03\x04"
MOST_CELLS = 500_000  # openpyxl reads some hundred thousand in a second, each of them twice
MOST_PLACES = 1_048_576  # rows of a sheet, empty ones among them


def inside_zip(content: bytes) -> bytes | None:
    """The content of a ZIP archive that holds one file; None for a workbook, which is such an archive too."""
    with _opened(content) as archive:
        files = [file for file in archive.infolist() if not file.is_dir() and not file.filename.startswith("__MACOSX/")]
        if any(file.filename == "xl/workbook.xml" for file in files):
            return None
        if any(file.filename.startswith("xl/") or file.filename in ("mimetype", "content.xml") for file in files):
            raise Refusal(OTHER_OFFICE)
        if len(files) != 1:
            raise Refusal(SEVERAL.format(n=len(files)))
        try:
            with archive.open(files[0]) as file:
                found = file.read(MOST_UNPACKED + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError):
            raise Refusal(DAMAGED) from None
    if len(found) > MOST_UNPACKED:
        raise Refusal(TOO_LARGE)
    return found


def sheet(content: bytes) -> tuple[list[Row], tuple[Text, ...]]:
    """The rows of the first sheet that have content, and what there is to say. Raises Refusal where a formula's value was not saved."""
    try:
        import openpyxl
    except ImportError:
        raise Refusal(NO_OPENPYXL) from None
    with _opened(content) as archive:
        if sum(file.file_size for file in archive.infolist()) > 2 * MOST_UNPACKED:
            raise Refusal(TOO_LARGE)
    try:
        values, formulas = (
            openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=only, keep_links=False) for only in (True, False)
        )
        if not values.worksheets:
            raise Refusal(NO_SHEET)
        rows = list(_rows(values.worksheets[0], formulas.worksheets[0]))
    except Refusal:
        raise
    except Exception:  # whatever a damaged workbook makes openpyxl raise
        raise Refusal(DAMAGED_WORKBOOK) from None
    others = len(values.worksheets) - 1
    return rows, (OTHER_SHEETS.format(n=others),) if others else ()


def _opened(content: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Refusal(DAMAGED) from None


def _rows(values: Any, formulas: Any) -> Iterator[Row]:
    for one in (values, formulas):
        one.reset_dimensions()  # what a file says of its size may be anything
    taken = 0
    for line, (row, asked) in enumerate(zip(values.iter_rows(), formulas.iter_rows(), strict=False), 1):
        cells = []
        for place, (cell, formula) in enumerate(zip(row, asked, strict=False), 1):
            if cell.value is None and formula.data_type == "f":
                raise Refusal(NO_VALUE.format(line=line, column=place))
            cells.append(_words(cell.value))
        while cells and not cells[-1]:
            cells.pop()
        taken += len(cells)
        if taken > MOST_CELLS or line > MOST_PLACES:
            raise Refusal(TOO_MANY_CELLS.format(most=MOST_CELLS))
        if cells:
            yield Row(line, cells)


def _words(value: Any) -> str:
    """A cell as a text file would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


SEVERAL = Text("a ZIP archive of {n:file|files}; pack one table", "в архиве ZIP {n:файл|файла|файлов}; упакуйте одну таблицу")
OTHER_OFFICE = Text(
    "a document of another office program; save the table as CSV or .xlsx",
    "документ другой офисной программы; сохраните таблицу как CSV или .xlsx",
)
NO_OPENPYXL = Text(
    "an Excel workbook: to read it, openpyxl is needed here (pip install 'ef21lab[xlsx]'); or save the table as CSV",
    "книга Excel: чтобы её прочесть, здесь нужен openpyxl (pip install 'ef21lab[xlsx]'); или сохраните таблицу как CSV",
)
NO_SHEET = Text("the workbook has no sheet with cells", "в книге нет листа с ячейками")
DAMAGED_WORKBOOK = Text("the workbook is damaged and cannot be read", "книга Excel повреждена, прочесть её нельзя")
NO_VALUE = Text(
    "line {line}, column {column}: a formula whose value was not saved; open the workbook in its program and save it",
    "строка {line}, столбец {column}: формула, значение которой не сохранено; откройте книгу в её программе и сохраните",
)
TOO_MANY_CELLS = Text(
    "a sheet of more than {most:cell|cells}; save it as CSV", "на листе больше {most:ячейки|ячеек|ячеек}; сохраните его как CSV"
)
OTHER_SHEETS = Text(
    "Only the first sheet was read; {n:sheet was|sheets were} not.", "Прочитан только первый лист; ещё {n:лист|листа|листов} — нет."
)
