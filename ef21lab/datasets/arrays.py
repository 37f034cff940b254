"""Rows that a program has in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Dataset, Table, TableFacts
from ef21lab.datasets.readers import handed
from ef21lab.datasets.readers.shelf import HASH


@dataclass(frozen=True)
class Arrays(Dataset):
    """Rows that `data` has kept, by the hash of what they hold."""

    content: str = field(default="", metadata={"field": HASH})

    name = "arrays"
    label = Text("Arrays of a program", "Массивы из программы")
    about = Text(
        "Rows that a Python program has handed over with `lab.data(features, labels)`, kept on this machine.",
        "Строки, которые программа на Python передала через `lab.data(features, labels)`; хранятся на этой машине.",
    )
    order = 96
    origin = Text("Arrays of yours, kept here under the hash of what they hold.", "Ваши массивы; хранятся здесь под хешем содержимого.")

    def load(self) -> Table:
        content = handed.shelf().kept(self.content) if self.content else None
        if content is None:
            raise Refusal(GONE if self.content else NOTHING_YET)
        return handed.unpacked(content).read_only()

    def facts(self) -> TableFacts:
        return TableFacts(None, None, None)

    def kept_here(self) -> Text | None:
        return KEPT_HERE if self.content else None

    def absence(self) -> Text | None:
        if not self.content:
            return NOTHING_YET
        return None if handed.shelf().holds(self.content) else GONE


GONE = Text(
    "these arrays are not kept on this machine; hand them over again with lab.data(features, labels)",
    "этих массивов на этой машине нет; передайте их снова через lab.data(features, labels)",
)
KEPT_HERE = Text("the data are arrays that only this machine has", "данные — массивы, и есть они только на этой машине")
NOTHING_YET = Text(
    "a Python program hands arrays over with lab.data(features, labels), or lab.run(spec, data=(features, labels))",
    "массивы передаёт программа на Python: lab.data(features, labels) или lab.run(spec, data=(features, labels))",
)
