"""A DataFrame as the table file that it would be: words, gaps, dates and the label are understood as in a file."""

from __future__ import annotations

from typing import Any

from ef21lab.choices.fields import FileName
from ef21lab.datasets.readers.memory import one_column
from ef21lab.datasets.table import TableFile, keep

FILE = "frame.csv"


def of_frame(frame: Any, label: Any = None) -> TableFile:
    """The table of a DataFrame, kept on this machine; its label is the column of that name, or guessed. Numbers stay as they are, to the
    last bit; the index is no column.

    Raises Refusal where there is no such column, or the frame is larger than a table file may be.
    """
    kept = keep(frame.to_csv(index=False, lineterminator="\n").encode(), FILE)
    target = "" if label is None else _called([str(name) for name in frame.columns], one_column(frame, label))
    return kept.replace(target=target, header="yes", encoding="utf-8", separator="comma", decimal="point")


def _called(names: list[str], place: int) -> str:
    """A column as a recipe calls it: by its name where a recipe may hold it, else by its number."""
    name = names[place]
    fits = name.strip() == name and name.isprintable() and 0 < len(name) <= FileName.longest
    return name if fits or str(place + 1) in names else str(place + 1)
