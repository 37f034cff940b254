"""What the first rows of a table say of all others: whether there is a header, which column is the label, which are left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.choices.written import whole
from ef21lab.datasets.readers.delimited import NUMBER, Row

MOST_COLUMNS = 20_000
NOTHING = "-"  # in place of columns to leave out: none
_GAPS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", "."})  # cells that stand for a missing value


class Asked(NamedTuple):
    """How a person wants a table to be read; the defaults leave it to the table."""

    target: str = ""  # the label's column by its number or its name in the header
    header: str = "auto"  # "yes", "no"
    omit: str = ""  # columns to leave out, by number or name, comma between; "-" for none
    task: str = "auto"  # "classes", "numbers"


class Heading(NamedTuple):
    """How the columns are to be read, and what was guessed about them."""

    target: int  # the place of the label
    left_out: frozenset[int]
    names: tuple[str, ...]  # of the columns; empty where there is no header
    width: int
    guesses: tuple[Text, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features, in their order; none where there is no header."""
        apart = {self.target, *self.left_out}
        return tuple(name for place, name in enumerate(self.names) if place not in apart)

    def column(self, place: int) -> str:
        """A column as a person finds it: its number and, where it has one, its name."""
        return f"{place + 1} ({shown(self.names[place])})" if self.names and self.names[place] else str(place + 1)


def heading_of(first: Row, body: Sequence[Row], asked: Asked) -> Heading:
    """`body`: some of the rows that follow the first. Raises Refusal where a column is asked for that is not there."""
    width = len(first.cells)
    if not 2 <= width <= MOST_COLUMNS + 1:
        raise Refusal(WIDTH.format(line=first.line, width=width, most=MOST_COLUMNS))
    columns = [[row.cells[at] for row in body if len(row.cells) == width] for at in range(width)]
    is_header, why = _is_header(first, columns, asked)
    names = tuple(cell.strip() for cell in first.cells) if is_header else ()
    seen = columns if is_header else [[cell, *column] for cell, column in zip(first.cells, columns, strict=True)]
    left_out, about_omitted = _left_out(names, seen, asked.omit)
    target, about_target = _target(names, seen, asked.target, left_out)
    if target in left_out:
        raise Refusal(OMITS_LABEL.format(column=target + 1))
    if len(left_out) + 1 >= width:
        raise Refusal(OMITS_ALL)
    return Heading(target, left_out, names, width, (*why, *about_target, *about_omitted))


def is_gap(cell: str) -> bool:
    return cell.strip().lower() in _GAPS


def is_word(cell: str) -> bool:
    return not is_gap(cell) and NUMBER.fullmatch(cell) is None


def _is_header(first: Row, columns: Sequence[Sequence[str]], asked: Asked) -> tuple[bool, tuple[Text, ...]]:
    """A word above the numbers of a feature, names that count the columns, or words that never come again make a header; no gap does."""
    if asked.header != "auto":
        return asked.header == "yes", ()
    number = whole(asked.target)
    if asked.target and number is None:
        return True, ()
    words = [at for at, cell in enumerate(first.cells) if is_word(cell)]
    label = len(columns) - 1 if number is None else number - 1
    if any(NUMBER.fullmatch(cell) for at in words if at != label for cell in columns[at]):
        return True, ()
    if _counts_columns(first.cells):
        return True, (COUNTED_HEADER.format(line=first.line, cells=_listed(first.cells)),)
    if len(words) == len(first.cells):
        return all(first.cells[at] not in columns[at] for at in words), ()
    alone = [first.cells[at].strip() for at in words if columns[at] and first.cells[at] not in columns[at]]
    return False, tuple(LONELY_LABEL.format(line=first.line, label=shown(word)) for word in alone)


def _counts_columns(cells: Sequence[str]) -> bool:
    """Whether the cells that are numbers are 0, 1, 2 … in their places, as columns that nobody named; the label may be named."""
    numbers = [(at, cell.strip()) for at, cell in enumerate(cells) if NUMBER.fullmatch(cell)]
    return len(numbers) >= max(2, len(cells) - 1) and all(cell == str(at) for at, cell in numbers)


def _target(names: Sequence[str], columns: Sequence[Sequence[str]], asked: str, left_out: frozenset[int]) -> tuple[int, tuple[Text, ...]]:
    """The label's place: as asked for; else the only column of words; else the last one."""
    if asked:
        return _place(asked, names, len(columns), TARGET), ()
    kept = [at for at in range(len(columns)) if at not in left_out]
    worded = [at for at in kept if columns[at] and all(is_word(cell) for cell in columns[at])]
    last = kept[-1] if kept else len(columns) - 1
    if len(worded) != 1 or worded[0] == last:
        return last, ()
    name = names[worded[0]] if names else ""
    return worded[0], (WORDS_ARE_LABELS.format(column=f"{worded[0] + 1} ({shown(name)})" if name else worded[0] + 1),)


def _left_out(names: Sequence[str], columns: Sequence[Sequence[str]], asked: str) -> tuple[frozenset[int], tuple[Text, ...]]:
    """The columns that were named; where none were, a first one without a name that counts the rows. A named one is only pointed at."""
    if asked == NOTHING:
        return frozenset(), ()
    if asked:
        return frozenset(_place(part.strip(), names, len(columns), OMIT) for part in asked.split(",") if part.strip()), ()
    if not _counts_rows(columns[0]):
        return frozenset(), ()
    if names and not names[0]:
        return frozenset({0}), (INDEX_OMITTED,)
    return frozenset(), (INDEX_KEPT.format(column=f"1 ({shown(names[0])})" if names else "1"),)


def _counts_rows(cells: Sequence[str]) -> bool:
    """Whether these cells are whole numbers, each one more than the one above."""
    numbers = [number for cell in cells if (number := whole(cell.strip())) is not None]
    return len(numbers) == len(cells) >= 3 and all(after == before + 1 for before, after in zip(numbers, numbers[1:], strict=False))


def _place(asked: str, names: Sequence[str], width: int, what: Text) -> int:
    """The place of a column by its number; a number beyond them may be a name."""
    number = whole(asked)
    if number is not None and 1 <= number <= width:
        return number - 1
    if number is not None and asked not in names:
        raise Refusal(NO_SUCH_NUMBER.format(what=what, target=asked, width=width))
    if list(names).count(asked) != 1:
        raise Refusal((NAMED_TWICE if asked in names else NO_SUCH_NAME).format(what=what, target=shown(asked), names=_listed(names)))
    return list(names).index(asked)


def _listed(cells: Sequence[str]) -> Text:
    return quoted(", ".join(map(shown, cells[:12])) + (", …" if len(cells) > 12 else ""))


TARGET, OMIT = Text("label column", "столбец меток"), Text("columns to leave out", "столбцы, которые не нужны")
WIDTH = Text(
    "line {line}: {width:column|columns}; a label and 1..{most:feature|features} are expected, set apart by commas, semicolons, "
    "tabs or spaces",
    "строка {line}: {width:столбец|столбца|столбцов}; нужны метка и признаки (от 1 до {most}), разделённые запятыми, "
    "точками с запятой, табуляцией или пробелами",
)
NO_SUCH_NUMBER = Text("{what}: there is no column {target}; there are {width}", "{what}: столбца {target} нет; всего столбцов {width}")
NO_SUCH_NAME = Text(
    "{what}: the first row names no column {target}; it has {names}", "{what}: в первой строке нет столбца {target}; там {names}"
)
NAMED_TWICE = Text(
    "{what}: several columns are named {target}; give the number of one", "{what}: столбцов с именем {target} несколько; задайте номер"
)
OMITS_LABEL = Text(
    "column {column} is the label and cannot be left out; choose another label column",
    "столбец {column} — метка, без неё нельзя; выберите другой столбец меток",
)
OMITS_ALL = Text("no feature would be left", "не останется ни одного признака")
COUNTED_HEADER = Text(
    "Line {line} ({cells}) counts the columns and was taken for their names; if it is a row, set “First line” to a row of numbers.",
    "Строка {line} ({cells}) нумерует столбцы и принята за их имена; если это данные, укажите это в поле «Первая строка».",
)
LONELY_LABEL = Text(
    "Line {line} was taken for a row, though its {label} never comes again; if it is a header, set “First line” to names.",
    "Строка {line} принята за данные, хотя её {label} больше не встречается; если это заголовок, укажите это в поле «Первая строка».",
)
WORDS_ARE_LABELS = Text("The label is column {column}: it is the only one of words.", "Метка — столбец {column}: только в нём слова.")
INDEX_OMITTED = Text(
    "The first column has no name and counts the rows: it was left out. A minus in “Leave out” keeps it.",
    "У первого столбца нет имени, он нумерует строки и потому не взят. Минус в поле «Не брать» вернёт его.",
)
INDEX_KEPT = Text(
    "Column {column} counts the rows, one more in each: if it is a number of the row and no feature, leave it out.",
    "Столбец {column} нумерует строки: в каждой на единицу больше. Если это номер, а не признак, исключите его в поле «Не брать».",
)
