"""Files that visitors bring, read by a worker: whatever is in them, the server does not wait for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import datasets
from ef21lab.datasets.readers.places import home
from ef21lab.datasets.readers.shelf import Shelf
from ef21lab.datasets.readers.understanding import ColumnSeen
from ef21lab.datasets.table import TableFile
from ef21lab.datasets.uploaded import Uploaded as UploadedTable
from ef21lab.jobs.questions import Questions
from ef21lab.vectors.uploaded import UploadedVector, store_upload

T = TypeVar("T")

WAITED_FOR = 40.0  # seconds; a worker is stopped before
MOST_RAW = 20  # files on their way to a worker

STILL_READING = Text("the file is still being read; try again in a moment", "файл ещё читается; повторите через мгновение")
GONE = Text(
    "the file was displaced by others before it was read; upload it again", "файл вытеснили другие, его не успели прочесть; загрузите снова"
)


class Inspection(NamedTuple):
    """What a table was found to be, and what was guessed to read it."""

    rows: int
    columns: int
    classes: int  # 0: numbers to predict
    guesses: tuple[Text, ...]
    found: Mapping[str, str] = {}  # setting → what stands where it was left to the file
    of_file: tuple[ColumnSeen, ...] = ()  # its columns
    head: tuple[tuple[str, ...], ...] = ()  # its first rows as they were read


class Uploads:
    """Tables and vectors of visitors, read in their turn among other questions. Every method raises Refusal in words."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def inspect(self, dataset: TableFile | UploadedTable, owner: str) -> Inspection:
        """What this table is, read as its settings say."""
        asked = datasets.json(dataset)
        return self._ask(f"table {asked}", inspection_of, asked, owner)

    def take_vector(self, name: str, content: bytes, owner: str) -> UploadedVector:
        """Keep the numbers of a file."""
        raw = _incoming().keep(content, MOST_RAW)
        digest = hashlib.sha256(name.encode(errors="replace")).hexdigest()
        return UploadedVector(self._ask(f"vector {raw} {digest}", vector_of, {"name": name, "raw": raw}, owner))

    def _ask(self, key: str, function: Callable[[Json], T], asked: Json, owner: str) -> T:
        try:
            found: T = self._questions.ask(key, function, asked, timeout=WAITED_FOR, owner=owner)
        except TimeoutError:
            raise Refusal(STILL_READING) from None
        return found


def inspection_of(asked: Json) -> Inspection:
    """What a table is; in a worker."""
    dataset = datasets.make(asked)
    assert isinstance(dataset, (TableFile, UploadedTable))  # nothing else is asked about
    if isinstance(dataset, UploadedTable):
        table, guesses = dataset.read()
        rows, columns = table.features.shape
        return Inspection(rows, columns, len(table.classes), guesses)
    table, notes, found, of_file, head = dataset.understood()
    rows, columns = table.features.shape
    return Inspection(rows, columns, len(table.classes), notes, found, of_file, head)


def vector_of(asked: Json) -> str:
    """The hash under which the numbers of a raw file are kept from now on; in a worker."""
    content = _incoming().kept(asked["raw"])
    if content is None:
        raise Refusal(GONE)
    return store_upload(asked["name"], content).content


def _incoming() -> Shelf:
    return Shelf(home() / "incoming", ".raw")
