"""Columns of numbers, words, yes and no become features; gaps are filled or their rows dropped, and all that was done is counted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.datasets.readers.grid import CellGrid
from ef21lab.datasets.readers.kinds import KINDS, Kind, ToldColumn
from ef21lab.datasets.readers.scaling import UNEVEN, spread

MOST_NUMBERS = 5_000_000  # of the features, zeros of one-hot columns aside
MOST_WORDED = 1_000  # columns of words
MOST_DENSE = 1_000_000  # with more, one-hot columns keep only what is not zero
FILL, DROP, REFUSE = "fill", "drop", "refuse"
LEVEL = "—"  # what a gap among words is called
AUTO, ON = "auto", "on"


class Features(NamedTuple):
    """(rows, p) and the names of the columns, which rows of the file these are, and what there is to say of them."""

    rows: Any
    names: tuple[str, ...]
    notes: tuple[Text, ...]
    standardised: bool


def kept_rows(columns: Sequence[ToldColumn], label: ToldColumn, gaps: str, grid: CellGrid) -> tuple[np.ndarray, tuple[Text, ...]]:
    """Which rows are taken, (rows,) truth values: none whose label is missing, and with "drop" none with a gap."""
    kept, notes = ~label.gaps, list[Text]()
    if unlabelled := int(label.gaps.sum()):
        if gaps == REFUSE:
            raise _gap(grid, label)
        notes.append(UNLABELLED.format(n=unlabelled))
    if gaps == REFUSE and (first := next((one for one in columns if one.gaps.any()), None)) is not None:
        raise _gap(grid, first)
    if gaps == DROP:
        whole = kept & ~np.any([one.gaps for one in columns], axis=0) if columns else kept
        if dropped := int(kept.sum() - whole.sum()):
            notes.append(DROPPED.format(n=dropped))
        kept = whole
    if not kept.any():
        raise Refusal(NO_ROWS)
    return kept, tuple(notes)


def features_of(columns: Sequence[ToldColumn], kept: np.ndarray, grid: CellGrid, standardise: str, intercept: bool) -> Features:
    """The features of these columns: numbers, then yes and no, then a column of 0 and 1 for each word."""
    import pandas as pd  # they take a second to import
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    _check_size(columns, kept)
    numbers, truths, words = ([one for one in columns if one.kind is kind] for kind in (Kind.NUMBERS, Kind.TRUTH, Kind.WORDS))
    scaled = standardise == ON or (standardise == AUTO and _spread(numbers, kept) > UNEVEN)
    frame = pd.DataFrame(
        {str(one.place): one.values[kept] for one in [*numbers, *truths]}
        | {str(one.place): np.where(one.gaps, LEVEL, one.words)[kept] for one in words if one.words is not None}
    )
    place = iter(range(len(numbers) + len(truths) + len(words)))  # columns of the frame by places: of names each would be looked for
    at = [list(islice(place, len(part))) for part in (numbers, truths, words)]
    median = SimpleImputer(strategy="median")
    dense = len(frame) * (len(numbers) + len(truths) + sum(one.distinct for one in words)) <= MOST_DENSE
    transformer = ColumnTransformer(
        [
            ("numbers", make_pipeline(median, StandardScaler()) if scaled else median, at[0]),
            ("truths", "passthrough", at[1]),
            ("words", OneHotEncoder(drop="if_binary", sparse_output=not dense, dtype=np.float64), at[2]),
        ],
        sparse_threshold=0.0 if dense else 0.3,
    )
    rows = transformer.fit_transform(frame)
    names = [one.name for one in [*numbers, *truths]]
    if words:
        names += _names_of_levels(words, transformer.named_transformers_["words"])
    if intercept:
        ones = np.ones((len(frame), 1))
        rows, names = sp.hstack([rows, ones], format="csr") if sp.issparse(rows) else np.hstack([rows, ones]), [*names, "1"]
    if sp.issparse(rows):
        rows = sp.csr_matrix(rows)
        rows.indices, rows.indptr = rows.indices.astype(np.int32), rows.indptr.astype(np.int32)
        rows.eliminate_zeros()
    else:
        rows = np.ascontiguousarray(rows, dtype=np.float64)
    notes = [*_about_gaps(numbers, words, kept, grid), *_about_words(words, names, numbers, truths, intercept)]
    if scaled and standardise == AUTO:
        notes.append(SCALED)
    elif not scaled and (uneven := _spread(numbers, kept)) > UNEVEN:
        notes.append(SCALES_DIFFER.format(times=float(f"{uneven:.0e}")))
    return Features(rows, tuple(names) if any(names) else (), tuple(notes), scaled)


def left_out(columns: Sequence[ToldColumn], grid: CellGrid) -> tuple[Text, ...]:
    """What was left out and why, the columns of one kind in one sentence."""
    kinds = dict.fromkeys(one.kind for one in columns)
    return tuple(
        LEFT_OUT.format(kind=KINDS[kind], columns=quoted(_listed([grid.column(one.place) for one in columns if one.kind is kind])))
        for kind in kinds
    )


def _check_size(columns: Sequence[ToldColumn], kept: np.ndarray) -> None:
    if not columns:
        raise Refusal(NO_FEATURE)
    worded = sum(one.kind is Kind.WORDS for one in columns)
    if worded > MOST_WORDED:
        raise Refusal(TOO_MANY_WORDED.format(came=worded, most=MOST_WORDED))
    size = int(kept.sum()) * len(columns)
    if size > MOST_NUMBERS:
        raise Refusal(TOO_MANY.format(came=size, most=MOST_NUMBERS))


def _spread(numbers: Sequence[ToldColumn], kept: np.ndarray) -> float:
    filled = [np.nan_to_num(one.values[kept]) for one in numbers]
    return spread(np.array(filled).T) if filled else 1.0


def _names_of_levels(words: Sequence[ToldColumn], encoder: Any) -> list[str]:
    """'colour=red' for each column of 0 and 1."""
    names = []
    for one, levels, dropped in zip(words, encoder.categories_, encoder.drop_idx_, strict=True):
        names += [f"{one.name or one.place + 1}={level}" for at, level in enumerate(levels) if at != dropped]
    return names


def _about_gaps(numbers: Sequence[ToldColumn], words: Sequence[ToldColumn], kept: np.ndarray, grid: CellGrid) -> list[Text]:
    """How many gaps were filled, where the first is, and how another choice is made."""
    notes = list[Text]()
    for columns, sentence in ((numbers, FILLED), (words, LEVELLED)):
        found = [(int(np.flatnonzero(one.gaps & kept)[0]), one.place) for one in columns if (one.gaps & kept).any()]
        if found:
            row, place = min(found)
            n = sum(int(one.gaps[kept].sum()) for one in columns)
            notes.append(sentence.format(n=n, columns=len(found), line=grid.lines[row], column=grid.column(place)))
    return [*notes, *[OTHERWISE] * bool(notes)]


def _about_words(
    words: Sequence[ToldColumn], names: Sequence[str], numbers: Sequence[ToldColumn], truths: Sequence[ToldColumn], intercept: bool
) -> list[Text]:
    if not words:
        return []
    made = len(names) - len(numbers) - len(truths) - intercept
    return [ONE_HOT.format(n=len(words), made=made)]


def _gap(grid: CellGrid, one: ToldColumn) -> Refusal:
    return Refusal(grid.at(int(np.flatnonzero(one.gaps)[0]), one.place) + GAP)


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(columns[:8]) + (", …" if len(columns) > 8 else "")


GAP = Text(
    "a missing value; choose in “Gaps” how to fill it, or to drop such rows",
    "пропуск; в поле «Пропуски» можно выбрать, чем его заполнить, или отбросить такие строки",
)
NO_ROWS = Text("no row is left: every one has a gap", "не осталось ни одной строки: пропуск есть в каждой")
NO_FEATURE = Text(
    "no feature is left besides the label: choose another label column, or what to leave out",
    "кроме метки, не осталось ни одного признака: выберите другой столбец меток или уточните, что не брать",
)
TOO_MANY = Text("{came:number|numbers}; at most {most} are taken", "{came:число|числа|чисел}; принимается не больше {most}")
TOO_MANY_WORDED = Text(
    "{came:column|columns} of words; columns of 0 and 1 are made of at most {most} — leave some out",
    "{came:столбец|столбца|столбцов} слов; столбцами из 0 и 1 становятся не больше {most} — какие-то не берите",
)
UNLABELLED = Text("{n:row|rows} without a label dropped.", "Отброшено без метки: {n:строка|строки|строк}.")
DROPPED = Text("{n:row|rows} with gaps dropped.", "Отброшено с пропусками: {n:строка|строки|строк}.")
FILLED = Text(
    "{n:gap|gaps} in {columns:column|columns} of numbers filled with the median, the first in line {line}, column {column}.",
    "Заполнено медианой: {n:пропуск|пропуска|пропусков} в {columns:столбце|столбцах|столбцах} чисел; первый — строка {line}, "
    "столбец {column}.",
)
LEVELLED = Text(
    "{n:gap|gaps} in {columns:column|columns} of words became a level of their own, the first in line {line}, column {column}.",
    "Отдельным уровнем стали {n:пропуск|пропуска|пропусков} в {columns:столбце|столбцах|столбцах} слов; первый — строка {line}, "
    "столбец {column}.",
)
OTHERWISE = Text(
    "Are such rows to be dropped, or gaps to be a fault? That is “Gaps”: gaps=drop, gaps=refuse.",
    "Отбросить такие строки или считать пропуски ошибкой? Это поле «Пропуски»: gaps=drop, gaps=refuse.",
)
ONE_HOT = Text(
    "{n:column|columns} of words became {made:column|columns} of 0 and 1.",
    "Из столбцов слов ({n}) сделано {made:столбец|столбца|столбцов} из 0 и 1.",
)
SCALED = Text(
    "The scales of the columns differ more than a hundredfold, so they were standardised.",
    "Масштабы столбцов различаются более чем стократно, поэтому столбцы стандартизованы.",
)
SCALES_DIFFER = Text(
    "The columns differ in scale up to {times:time|times}, so the largest one decides the step: try them standardised.",
    "Масштабы столбцов различаются до {times:раза|раз|раз}, и шаг определяет самый крупный: попробуйте стандартизацию.",
)
LEFT_OUT = Text("Left out ({kind}): {columns}.", "Не взято ({kind}): {columns}.")
