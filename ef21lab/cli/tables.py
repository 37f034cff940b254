"""A table in place of a run: `ef21lab describe wine.csv --set dataset.label=quality`, with the first objective that takes its labels."""

from __future__ import annotations

from pathlib import Path

from ef21lab.choices.fields import Json
from ef21lab.datasets.base import datasets

LONGEST_MARK = 64  # bytes in which a JSON document has begun
MARKS = b"\xef\xbb\xbf\xfe\xff \t\r\n\0"  # that may stand before


def is_table(path: str) -> bool:
    """Whether a file is to be understood as a table: it is there, is not called JSON, and does not begin like an object."""
    file = Path(path)
    try:
        if file.suffix.lower() == ".json" or not file.is_file():
            return False
        with file.open("rb") as opened:
            return not opened.read(LONGEST_MARK).lstrip(MARKS).startswith((b"{", b'"{'))
    except (OSError, ValueError):
        return False


def run_on(path: str) -> dict[str, Json]:
    """The usual run on the table in this file."""
    return {"dataset": {datasets.tag: "table", "file": Path(path).name}}
