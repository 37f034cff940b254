"""Any other LIBSVM file, by its name."""

from __future__ import annotations

from dataclasses import dataclass

from ef21lab.choices.spec import file_name
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.datasets.base import Dataset, Table, TableFacts
from ef21lab.datasets.readers.parsed import read
from ef21lab.datasets.readers.places import find, present


@dataclass(frozen=True)
class Libsvm(Dataset):
    """A file in LIBSVM's text format in EF21LAB_DATA or the user's cache directory.

    Two distinct labels become −1 and +1, three to a hundred whole ones the classes 0..C−1, and anything else is a regression target.
    """

    file: str = file_name(
        "",
        Text("File", "Файл"),
        Text("Its name in the directory EF21LAB_DATA; .txt may be left out.", "Имя в каталоге EF21LAB_DATA; .txt можно не писать."),
    )

    name = "libsvm"
    label = Text("LIBSVM file", "Файл LIBSVM")
    about = Text(
        "Your own data: any file in LIBSVM's text format, by its name in the directory EF21LAB_DATA.",
        "Ваши данные: любой файл в текстовом формате LIBSVM, по имени в каталоге EF21LAB_DATA.",
    )
    order = 90
    origin = Text("A file of yours.", "Ваш файл.")

    def load(self) -> Table:
        path = find(self.file) if self.file else None
        if path is None:
            raise Refusal(self._missing())
        return read(path)

    def facts(self) -> TableFacts:
        return TableFacts(None, None, None)

    def absence(self) -> Text | None:
        return None if self.file and find(self.file) else self._missing()

    def _missing(self) -> Text:
        asked = (
            Text("there is no LIBSVM file {file}", "файла LIBSVM {file} нет").format(file=self.file)
            if self.file
            else Text("name a LIBSVM file", "назовите файл LIBSVM")
        )
        return asked + Text("; the directory EF21LAB_DATA and the cache hold: ", "; в каталоге EF21LAB_DATA и в кэше есть: ") + _listed()


def _listed(most: int = 20) -> Text:
    names = present()
    if not names:
        return Text("nothing yet", "пока ничего")
    return quoted(", ".join(names[:most]) + (", …" if len(names) > most else ""))
