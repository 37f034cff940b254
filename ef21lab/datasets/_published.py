"""Datasets of LIBSVM's own page, whose content is known before any file is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Dataset, Table, TableFacts
from ef21lab.datasets.readers.content import Content
from ef21lab.datasets.readers.parsed import read
from ef21lab.datasets.readers.places import find


@dataclass(frozen=True)
class Published(Dataset):
    """A two-class set whose size, label counts and hash are pinned in `content`."""

    content: ClassVar[Content]

    def facts(self) -> TableFacts:
        return TableFacts(self.content.rows, self.content.columns, len(self.content.counts))


@dataclass(frozen=True)
class PublishedFile(Published):
    """One that is read from a file the person has, or downloads."""

    def load(self) -> Table:
        path = find(self.name)
        if path is None:
            raise Refusal(_absent(self.name))
        return read(path, self.content)

    def absence(self) -> Text | None:
        return None if find(self.name) else _absent(self.name)


def _absent(name: str) -> Text:
    return Text(
        "{name} is not on this machine: run `python -m ef21lab download {name}`,"
        " or set EF21LAB_DATA to a directory with {name} or {name}.txt",
        "{name} на этой машине нет: выполните `python -m ef21lab download {name}`"
        " или укажите в EF21LAB_DATA каталог, где лежит {name} или {name}.txt",
    ).format(name=name)
