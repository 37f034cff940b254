"""Whether the first row of a table names its columns, and which cells stand for a gap."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Text, quoted
from ef21lab.datasets.readers.delimited import NUMBER, WITH_COMMA, Row

AUTO = "auto"
_WRITTEN_GAPS = """na n/a n.a. nan -nan null none nil ? - – — . #n/a #na <na> \\n #div/0! #value! #ref! #name? #num! н/д пусто"""
GAPS = frozenset(["", "нет данных", *_WRITTEN_GAPS.split()])
_BY_COMMA = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")


def is_gap(cell: str) -> bool:
    return cell.strip().lower() in GAPS


def is_word(cell: str) -> bool:
    return not is_gap(cell) and NUMBER.fullmatch(cell) is None


def is_header(first: Row, body: Sequence[Row], asked: str) -> tuple[bool, list[Text]]:
    """Whether the first row names the columns: words above numbers, numbers that count the columns, or words that never come again."""
    if asked != AUTO:
        return asked == "yes", []
    width = len(first.cells)
    columns = [[row.cells[at] for row in body if len(row.cells) == width] for at in range(width)]
    words = [at for at, cell in enumerate(first.cells) if is_word(cell)]
    numeric = [at for at, column in enumerate(columns) if _mostly_numbers(column)]
    above = sorted({*words} & {*numeric})
    numbers_above = [at for at in numeric if NUMBER.fullmatch(first.cells[at]) and not _is_year(first.cells[at])]
    if above:
        if len(above) >= len(numbers_above):
            return True, []
        return False, [ODD_FIRST.format(line=first.line, cell=shown(first.cells[above[0]].strip()))]
    unlike = all(first.cells[at] not in columns[at] for at in words)
    over_words = [at for at in range(width) if NUMBER.fullmatch(first.cells[at]) and _only_words(columns[at])]
    counts = _counts_columns(first.cells) or (bool(over_words) and _counts_columns(first.cells, start=1))
    if unlike and (counts or _is_scale(first.cells, columns)):
        return True, [COUNTED_HEADER.format(line=first.line, cells=_listed(first.cells))]
    if words and not any(NUMBER.fullmatch(cell) for cell in first.cells):
        return unlike and bool(body), []
    alone = [
        at
        for at in sorted([*words, *over_words])
        if columns[at] and first.cells[at] not in columns[at] and 2 * len(set(columns[at])) <= len(columns[at])
    ]
    return False, [LONELY.format(line=first.line, cell=shown(first.cells[at].strip())) for at in alone[:1]]


def _mostly_numbers(cells: Sequence[str]) -> bool:
    told = [cell for cell in cells if not is_gap(cell)]
    return bool(told) and sum(map(_is_numeric, told)) >= 0.8 * len(told)


def _is_numeric(cell: str) -> bool:
    return bool(NUMBER.fullmatch(cell) or WITH_COMMA.fullmatch(cell) or _BY_COMMA.fullmatch(cell.strip()))


def _is_year(cell: str) -> bool:
    return re.fullmatch(r"\s*(?:1[6-9]|20)[0-9]{2}\s*", cell) is not None


def _only_words(cells: Sequence[str]) -> bool:
    """Whether no cell is a number, and some are none of the gaps."""
    told = [cell for cell in cells if not is_gap(cell)]
    return bool(told) and not any(map(_is_numeric, told))


def _counts_columns(cells: Sequence[str], start: int = 0) -> bool:
    """Whether the cells that are numbers are 0, 1, 2 … in their places, as columns that nobody named; the label may be named."""
    numbers = [(at, cell.strip()) for at, cell in enumerate(cells) if NUMBER.fullmatch(cell)]
    return len(numbers) >= max(2, len(cells) - 1) and all(cell == str(at + start) for at, cell in numbers)


def _is_scale(cells: Sequence[str], columns: Sequence[Sequence[str]]) -> bool:
    """Whether the numbers of the row, three at least, rise by one step, as years do: beside words, or under an empty corner.

    Under an empty corner, where the first column has no gap, four that rise by any steps will do.
    """
    numbers = [float(cell) for cell in cells if NUMBER.fullmatch(cell)]
    steps = [after - before for before, after in zip(numbers, numbers[1:], strict=False)]
    if len(numbers) < 3 or min(steps) <= 0 or NUMBER.fullmatch(cells[0]):
        return False
    corner = not cells[0].strip() and len(numbers) == len(cells) - 1 and not any(map(is_gap, columns[0]))
    even = max(steps) - min(steps) <= 1e-9 * max(map(abs, numbers))
    return (corner and (even or len(numbers) >= 4)) or (even and len(numbers) >= 4 and any(map(is_word, cells)))


def _listed(cells: Sequence[str]) -> Text:
    return quoted(", ".join(map(shown, cells[:12])) + (", …" if len(cells) > 12 else ""))


COUNTED_HEADER = Text(
    "Line {line} ({cells}) was taken for the names of the columns, since its numbers count up; if it is a row, set “First line” to data.",
    "Строка {line} ({cells}) принята за имена столбцов: числа в ней идут по порядку; если это данные, укажите это в поле «Первая строка».",
)
ODD_FIRST = Text(
    "Line {line} was taken for a row, though {cell} stands above numbers; if it is a header, set “First line” to names.",
    "Строка {line} принята за данные, хотя {cell} стоит над числами; если это заголовок, укажите это в поле «Первая строка».",
)
LONELY = Text(
    "Line {line} was taken for a row, though its {cell} never comes again; if it is a header, set “First line” to names.",
    "Строка {line} принята за данные, хотя её {cell} больше не встречается; если это заголовок, укажите это в поле «Первая строка».",
)
