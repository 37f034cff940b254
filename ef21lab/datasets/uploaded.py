"""A table that a visitor has brought in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ef21lab.choices.fields import FileName, Json, shown
from ef21lab.choices.spec import choice
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Dataset, Table, TableFacts
from ef21lab.datasets.readers.heading import MOST_COLUMNS, Asked
from ef21lab.datasets.readers.libsvm import counts_from_zero, is_libsvm, parse_libsvm
from ef21lab.datasets.readers.places import home
from ef21lab.datasets.readers.scaling import UNEVEN, spread, standardised
from ef21lab.datasets.readers.shelf import HASH, Shelf
from ef21lab.datasets.readers.table import LARGEST, MOST_NUMBERS, Read, read_csv

MOST_BYTES = 20_000_000
MOST_SCORES = 20_000_000  # rows × classes: what softmax regression holds several times over
FILES_KEPT = 60
ANY = "table"  # kept as it came


class Target(FileName):
    """Which column of a table is the label."""

    @property
    def allowed(self) -> Text:
        return Text(
            "a column of the table: its number, or its name of at most 80 characters; empty where the table tells",
            "столбец таблицы: номер или имя не длиннее 80 знаков; пусто — видно по таблице",
        )

    def accept(self, value: Json) -> str:
        if not isinstance(value, str) or len(value) > self.longest or not value.isprintable():
            raise ValueError
        return value.strip()


class Columns(Target):
    """Which columns of a table are left out."""

    longest = 200

    @property
    def allowed(self) -> Text:
        return Text(
            "columns of the table, by number or name, comma between, at most 200 characters; a minus for none",
            "столбцы таблицы, номера или имена через запятую, не длиннее 200 знаков; минус — взять все",
        )


TARGET = Target(
    Text("Label column", "Столбец меток"),
    Text(
        "Of a CSV table: a number from 1, or a name from its header; empty for its only column of words, else the last one.",
        "В таблице CSV: номер с единицы или имя из заголовка; пусто — единственный столбец слов, иначе последний.",
    ),
)
OMIT = Columns(
    Text("Leave out", "Не брать"),
    Text(
        "Columns that are no features, such as a number of the row: by number or name, comma between. A minus takes all.",
        "Столбцы, которые не признаки, например номер строки: номера или имена через запятую. Минус — взять все.",
    ),
)
FIRST_LINE = Text("First line", "Первая строка")
FIRST_LINES = {
    "auto": Text("as it looks", "как похоже"),
    "yes": Text("names of columns", "имена столбцов"),
    "no": Text("a row of numbers", "данные"),
}
TASK = Text("The label is", "Метка — это")
TASKS = {
    "auto": Text("as it looks", "как похоже"),
    "classes": Text("a class", "класс"),
    "numbers": Text("a number to predict", "число, которое предсказывают"),
}
STANDARDISE = Text("Columns", "Столбцы")
STANDARDISES = {"no": Text("as they are", "как есть"), "yes": Text("standardised", "стандартизованы")}


@dataclass(frozen=True)
class Uploaded(Dataset):
    """The rows of an uploaded file, kept as it came under the hash of its content; how it is read belongs to the choice.

    Labels are coded as in LIBSVM files unless `task` says otherwise: two become −1 and +1, three to a hundred whole ones (or words)
    classes, anything else a target. Standardised columns have mean 0 and variance 1; of a sparse table, whose zeros stay, magnitude 1.
    """

    content: str = field(default="", metadata={"field": HASH})
    target: str = field(default="", metadata={"field": TARGET})
    header: str = choice(
        "auto",
        FIRST_LINES,
        FIRST_LINE,
        Text("Whether the first line of a CSV table names its columns.", "Называет ли первая строка CSV столбцы."),
    )
    omit: str = field(default="", metadata={"field": OMIT})
    task: str = choice(
        "auto",
        TASKS,
        TASK,
        Text(
            "Whole numbers may be classes or a quantity: 2, 3, 5 stars can be either.",
            "Целые числа бывают и классами, и величиной: оценки 2, 3, 5 — то и другое.",
        ),
    )
    standardise: str = choice(
        "no",
        STANDARDISES,
        STANDARDISE,
        Text(
            "Standardised: every column less its mean, over its standard deviation. One large column makes L large and every step short.",
            "Стандартизация: вычесть среднее, разделить на стандартное отклонение. Один крупный столбец увеличивает L и укорачивает шаг.",
        ),
    )

    name = "uploaded"
    label = Text("A table uploaded earlier", "Таблица, загруженная раньше")
    about = Text(
        "A LIBSVM or CSV file that was uploaded on the Data page: at most 20 MB and 5 million numbers.",
        "Файл LIBSVM или CSV, загруженный на странице «Данные»: не больше 20 МБ и 5 миллионов чисел.",
    )
    order = 97
    offered = False  # kept for what was made with it
    origin = Text(
        "A file of yours, kept on this server under the hash of its content.", "Ваш файл; хранится на этом сервере под хешем содержимого."
    )

    def load(self) -> Table:
        return self.read().table

    def read(self) -> Read:
        """The table, and what was guessed to read it. Raises a Refusal that names the line and column of its first fault."""
        stored = _shelf(None).kept(self.content) if self.content else None
        if stored is None:
            raise Refusal(GONE if self.content else NOTHING_YET)
        kind, _, content = stored.partition(b"\n")
        asked = Asked(self.target, self.header, self.omit, self.task)
        table, guesses = _within_bounds(_read(kind.decode(), content, asked))
        if self.standardise == "yes":
            return Read(standardised(table), guesses)
        uneven = spread(table.features) > UNEVEN
        return Read(table, (*guesses, SCALES_DIFFER.format(times=float(f"{spread(table.features):.0e}"))) if uneven else guesses)

    def notes(self) -> tuple[Text, ...]:
        return self.read().guesses

    def facts(self) -> TableFacts:
        return TableFacts(None, None, None)

    def kept_here(self) -> Text | None:
        return KEPT_HERE if self.content else None

    def absence(self) -> Text | None:
        if not self.content:
            return NOTHING_YET
        return None if _shelf(None).holds(self.content) else GONE


class Brought(NamedTuple):
    """What came of an upload."""

    dataset: Uploaded
    table: Table


def keep_upload(content: bytes, directory: Path | None = None) -> Uploaded:
    """Keep a file as it came, unread: who reads it does so with bounds of time and memory. Raises Refusal for one that is too large."""
    if len(content) > MOST_BYTES:
        raise Refusal(TOO_LARGE.format(megabytes=len(content) / 1e6))
    return Uploaded(_shelf(directory).keep(f"{ANY}\n".encode() + content, FILES_KEPT))


def store_upload(content: bytes) -> Brought:
    """Keep a file and read it here, in this process. Raises Refusal; what cannot be read is kept, since another choice may read it."""
    dataset = keep_upload(content)
    return Brought(dataset, dataset.load())


def _read(kind: str, content: bytes, asked: Asked) -> Read:
    """By the reader that its content calls for; files that were kept by version 0.1.0 say by which."""
    return _libsvm(content, asked) if kind == "libsvm" or (kind == ANY and is_libsvm(content)) else read_csv(content, asked)


def _within_bounds(read: Read) -> Read:
    """Where a problem on it fits into memory."""
    scores = len(read.table.labels) * len(read.table.classes)
    if scores > MOST_SCORES:
        raise Refusal(TOO_MUCH.format(came=ROWS_BY_CLASSES.format(came=scores), most=MOST_SCORES))
    return read


def _libsvm(content: bytes, asked: Asked) -> Read:
    """A LIBSVM table within the bounds of an upload; its label always comes first in a line."""
    if asked.target:
        raise Refusal(LABEL_FIRST.format(target=shown(asked.target)))
    table = parse_libsvm(content, "LIBSVM", asked.task)
    for came, most, noun in (
        (table.features.nnz, MOST_NUMBERS, Text("{came:number|numbers}", "{came:число|числа|чисел}")),
        (table.features.shape[1], MOST_COLUMNS, Text("{came:column|columns}", "{came:столбец|столбца|столбцов}")),
    ):
        if came > most:
            raise Refusal(TOO_MUCH.format(came=noun.format(came=came), most=most))
    _check_magnitude(table)
    return Read(table, (FROM_ZERO,) if counts_from_zero(content) else ())


def _check_magnitude(table: Table) -> None:
    features = table.features
    for values, row_of in (
        (features.data, np.repeat(np.arange(features.shape[0]), np.diff(features.indptr))),
        (table.labels, np.arange(len(table.labels))),
    ):
        large = np.flatnonzero(np.abs(values) > LARGEST)
        if len(large):
            raise Refusal(TOO_GREAT.format(row=int(row_of[large[0]]) + 1, value=float(values[large[0]])))


def _shelf(directory: Path | None) -> Shelf:
    """The given folder, or that of tables in the lab's home."""
    return Shelf(directory or home() / "tables", ".table")


TOO_LARGE = Text("{megabytes} MB; at most 20 MB are taken", "{megabytes} МБ; принимается не больше 20 МБ")
LABEL_FIRST = Text(
    "target={target}: in a LIBSVM file the label comes first in every line; leave the column empty",
    "метка {target}: в файле LIBSVM метка стоит первой в каждой строке; оставьте столбец пустым",
)
FROM_ZERO = Text(
    "An index of the file is 0, so its columns were counted from 0.", "В файле есть индекс 0, поэтому столбцы считаются с нуля."
)
SCALES_DIFFER = Text(
    "The columns differ in scale up to {times:time|times}, so the largest one decides the step: try them standardised.",
    "Масштабы столбцов различаются до {times:раза|раз|раз}, и шаг определяет самый крупный: попробуйте стандартизацию.",
)
TOO_MUCH = Text("{came}; at most {most} are taken", "{came}; принимается не больше {most}")
ROWS_BY_CLASSES = Text("rows times classes make {came}", "произведение числа строк на число классов равно {came}")
TOO_GREAT = Text(
    "row {row} holds {value}; magnitudes of at most 10⁵⁰ are expected", "в строке данных {row} — {value}; по модулю числа не больше 10⁵⁰"
)
GONE = Text(
    "this table is no longer kept here; upload it again on the Data page",
    "эта таблица здесь больше не хранится; загрузите её снова на странице «Данные»",
)
KEPT_HERE = Text("the table was uploaded to this machine alone", "таблица загружена только на эту машину")
NOTHING_YET = Text("upload a LIBSVM or CSV file on the Data page first", "сначала загрузите файл LIBSVM или CSV на странице «Данные»")
