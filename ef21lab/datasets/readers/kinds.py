"""What each column of a grid holds: numbers, yes and no, words, dates, a number of the row; and what is no use as a feature."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.readers.grid import CellGrid
from ef21lab.datasets.readers.labels import MOST_CLASSES
from ef21lab.datasets.readers.naming import GAPS

LARGEST = 1e50  # squares of products of such numbers are still finite
MOST_LEVELS = 50  # different words of a column that become columns of 0 and 1
FEW_LEVELS = 20  # numbers among them, as in 0, 1, 2, 3+
MOST_GAPS = 0.5  # of a column's cells; with more it is left out


class Kind(Enum):
    """What a column holds, and what becomes of it as a feature."""

    NUMBERS = "numbers"
    TRUTH = "truth"
    WORDS = "words"
    # No features:
    DATES = "dates"
    INDEX = "index"
    NAMES = "names"
    CONSTANT = "constant"
    EMPTY = "empty"
    SPARSE = "sparse"


FEATURES = (Kind.NUMBERS, Kind.TRUTH, Kind.WORDS)
KINDS: dict[Kind, Text] = {
    Kind.NUMBERS: Text("numbers", "числа"),
    Kind.TRUTH: Text("yes or no", "да или нет"),
    Kind.WORDS: Text("words", "слова"),
    Kind.DATES: Text("dates", "даты"),
    Kind.INDEX: Text("number of the row", "номер строки"),
    Kind.NAMES: Text("names or free text", "имена или текст"),
    Kind.CONSTANT: Text("one value throughout", "одно значение"),
    Kind.EMPTY: Text("empty", "пусто"),
    Kind.SPARSE: Text("mostly gaps", "почти одни пропуски"),
}

YES = frozenset({"yes", "y", "true", "t", "on", "да", "д", "истина"})
NO = frozenset({"no", "n", "false", "f", "off", "нет", "н", "ложь"})
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_CLOCK = r"(?:[T ]*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[ap]m)?(?:Z| ?[+-][0-9]{2}:?[0-9]{2})?)"
DATE = re.compile(
    rf"(?:[0-9]{{4}}[-/.][0-9]{{1,2}}(?:[-/.][0-9]{{1,2}})?|[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.](?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|(?:[0-9]{{1,2}}[ -])?{_MONTH}[ ,-]+(?:[0-9]{{1,2}},? +)?[0-9]{{2,4}}|[0-9]{{4}}[ -]?q[1-4]){_CLOCK}?|{_CLOCK}",
    re.IGNORECASE,
)
_DECORATED = re.compile(r"([+-]?)(?:[$€£₽¥] ?)?((?:[0-9]{1,3}(?:[, \u00a0][0-9]{3})+|[0-9]+)(?:\.[0-9]+)?)(?: ?[%$€£₽¥])?")
_OF_THE_ROW = re.compile(
    r"(?:|id|index|idx|row ?names?|row ?(?:id|number|nr|no)?|no|nr|n|obs|observation|case|rank|serial|s ?no|sr ?no|unnamed: 0(?:\.1)?"
    r"|record|record ?id|number|№|№ ?п/п|n ?п/п|п/п|номер|ид|индекс|subject|subject ?id|patient ?id|customer ?id|user ?id|passenger ?id"
    r"|sample|sample ?id|case ?id|loan ?id)"
)


@dataclass(frozen=True)
class ToldColumn:
    """A column and what it was found to hold. Its cells are (rows,); a gap is nan among numbers, "" among words."""

    place: int
    name: str
    kind: Kind
    values: np.ndarray  # (rows,) numbers; 0 and 1 for yes and no
    words: np.ndarray | None  # (rows,) of words, where there are any
    gaps: np.ndarray  # (rows,) truth values
    distinct: int
    counts: bool = False  # each cell one more than the one above
    notes: tuple[Text, ...] = ()

    @property
    def levels(self) -> list[str]:
        """The different words, gaps aside, in the order of the alphabet."""
        return [] if self.words is None else sorted(set(self.words[~self.gaps].tolist()))

    def among(self, rows: np.ndarray) -> ToldColumn:
        """The same column where only some rows, (rows,) truth values, are taken: no feature if it tells nothing apart in these."""
        if rows.all():
            return self
        gaps = self.gaps[rows]
        if gaps.all():
            return replace(self, kind=Kind.EMPTY)
        if self.words is None:
            present = self.values[rows][~gaps]
            alone = bool(np.all(present == present[0]))
        else:
            alone = not gaps.any() and len(set(self.words[rows].tolist())) == 1
        return replace(self, kind=Kind.CONSTANT) if alone else self


def told(grid: CellGrid, wanted: Sequence[int], forced: frozenset[int]) -> list[ToldColumn]:
    """What the `wanted` columns hold. What is odd in one of `forced`, that a person asked for, is no reason to leave it out.

    Raises a Refusal that names the line and column of a cell that is no number among numbers.
    """
    return [_of_column(grid, place, place in forced) for place in wanted]


def _of_column(grid: CellGrid, place: int, forced: bool) -> ToldColumn:
    column = grid.columns[place]
    values = np.array(column.values)  # (rows,)
    rows, notes = len(values), list[Text]()
    _check_magnitude(grid, place, values)
    gaps = np.zeros(rows, dtype=bool)
    gaps[[row for row, word in column.words.items() if word.lower() in GAPS]] = True
    odd = {row: word for row, word in column.words.items() if not gaps[row]}
    if odd:
        odd, more = _read_as_numbers(grid, place, values, odd)
        notes += more
    if odd and rows - int(gaps.sum()) - len(odd) >= len(odd):
        odd, more = _gap_word(grid, place, odd, gaps)
        notes += more
    if odd:
        return _of_words(grid, place, values, odd, gaps, tuple(notes), forced)
    values[gaps] = np.nan
    present = values[~gaps]
    distinct = len(np.unique(present))
    counts = rows >= 3 and not gaps.any() and bool(np.all(np.diff(values) == 1)) and float(values[0]).is_integer()
    kind = Kind.NUMBERS
    if distinct == 0:
        kind = Kind.EMPTY
    elif distinct == 1:
        kind = Kind.CONSTANT
    elif not forced and _is_index(grid, place, values, counts, distinct == rows):
        kind = Kind.INDEX
    elif not forced and gaps.mean() > MOST_GAPS:
        kind = Kind.SPARSE
    return ToldColumn(place, column.name, kind, values, None, gaps, distinct, counts, tuple(notes))


def _check_magnitude(grid: CellGrid, place: int, values: np.ndarray) -> None:
    large = np.flatnonzero(np.abs(values) > LARGEST)  # nan is not
    if len(large):
        raise Refusal(grid.at(int(large[0]), place) + TOO_GREAT.format(value=float(values[large[0]])))


def _read_as_numbers(grid: CellGrid, place: int, values: np.ndarray, odd: dict[int, str]) -> tuple[dict[int, str], list[Text]]:
    """Where all of the other cells are numbers with thousands set apart, a currency or a percent sign, they are read as such."""
    read = {row: _DECORATED.fullmatch(word) for row, word in odd.items()}
    if not all(read.values()):
        return odd, []
    for row, match in read.items():
        assert match is not None
        values[row] = float(match[1] + re.sub("[, \u00a0]", "", match[2]))
    row, word = next(iter(odd.items()))
    return {}, [DECORATED.format(column=grid.column(place), cell=shown(word), value=float(values[row]))]


def _gap_word(grid: CellGrid, place: int, odd: dict[int, str], gaps: np.ndarray) -> tuple[dict[int, str], list[Text]]:
    """Among numbers one word that comes again and again stands for a gap; a few odd cells are a fault; many of them make words of all."""
    words = Counter(odd.values())
    numbered = [word for word in words if any(map(str.isdecimal, word))]
    if len(words) == 1 and len(odd) >= 2 and not numbered:
        gaps[list(odd)] = True
        return {}, [GAP_WORD.format(column=grid.column(place), word=shown(next(iter(words))), n=len(odd))]
    present, others = len(gaps) - int(gaps.sum()), np.array(grid.columns[place].values)
    few = len(np.unique(others[~np.isnan(others)])) + len(words) <= FEW_LEVELS
    if (len(words) > 5 and len(odd) >= 0.05 * present) or (few and len(odd) >= 2 * len(words)):
        return odd, []
    row, word = min(odd.items())
    raise Refusal(grid.at(row, place) + NO_NUMBER.format(cell=shown(word)))


def _of_words(
    grid: CellGrid, place: int, values: np.ndarray, odd: dict[int, str], gaps: np.ndarray, notes: tuple[Text, ...], forced: bool
) -> ToldColumn:
    rows = len(values)
    words = np.full(rows, "", dtype=object)
    for row in np.flatnonzero(~np.isnan(values)).tolist():  # numbers in a column of words are words
        words[row] = f"{values[row]:.15g}"
    for row, word in odd.items():
        words[row] = word
    levels = set(odd.values()) | set(words[~gaps].tolist())
    present, name = rows - int(gaps.sum()), grid.columns[place].name
    lowered = {level.lower() for level in levels}
    kind = Kind.WORDS
    if all(DATE.fullmatch(level) for level in levels):
        kind = Kind.DATES
    elif len(levels) == 1 and not gaps.any():
        kind = Kind.CONSTANT
    elif gaps.mean() > MOST_GAPS and not forced:
        kind = Kind.SPARSE
    elif len(levels) > MOST_CLASSES or (not forced and _are_names(len(levels), present)):
        kind = Kind.NAMES
    elif len(levels) == 2 and not gaps.any() and lowered & YES and lowered & NO:
        kind = Kind.TRUTH
        values = np.array([word.lower() in YES for word in words], dtype=np.float64)
    return ToldColumn(place, name, kind, values, words, gaps, len(levels), False, notes)


def _are_names(levels: int, present: int) -> bool:
    """Words that hardly come again tell nothing of the other rows."""
    return levels > MOST_LEVELS or (levels == present and present >= 5) or (levels > 10 and 2 * levels > present)


def _is_index(grid: CellGrid, place: int, values: np.ndarray, counts: bool, unique: bool) -> bool:
    """A column called like a number of the row, whose cells are whole and all different; or a first one without a name that counts."""
    if not unique or len(values) < 3 or not np.all(values == np.round(values)):
        return False
    name = re.sub(r"[\s_.\-]+", " ", grid.columns[place].name.strip().lower())
    if not name:
        return place == 0 and counts and grid.named
    return _OF_THE_ROW.fullmatch(name) is not None or (name.endswith(" id") and not counts) or (name.endswith(" id") and place == 0)


TOO_GREAT = Text("{value}: magnitudes of at most 10⁵⁰ are expected", "{value}: по модулю числа не больше 10⁵⁰")
NO_NUMBER = Text(
    "{cell} is not a number, and most cells of the column are; mend it, or leave the column out",
    "{cell} — не число, а в столбце почти все ячейки — числа; исправьте её или не берите столбец",
)
GAP_WORD = Text(
    "Column {column}: {word} stands among numbers {n:time|times} and was taken for a gap.",
    "Столбец {column}: {word} встречается среди чисел ({n:раз|раза|раз}) и считается пропуском.",
)
DECORATED = Text(
    "Column {column}: {cell} was read as {value}, the others alike.", "Столбец {column}: {cell} прочитано как {value}, прочие так же."
)
