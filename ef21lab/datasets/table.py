"""A table in a file, and the recipe by which it is understood: a run on it is repeated wherever that file is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Self

from ef21lab.choices.fields import OFF, ON, FileName, Json, Switch
from ef21lab.choices.spec import choice
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.datasets.base import Dataset, Table, TableFacts
from ef21lab.datasets.readers import features
from ef21lab.datasets.readers.encodings import ENCODINGS
from ef21lab.datasets.readers.grid import MOST_COLUMNS, SEPARATORS, Cut
from ef21lab.datasets.readers.places import find, home
from ef21lab.datasets.readers.shelf import CONTENT, Shelf, hash_of
from ef21lab.datasets.readers.understanding import Recipe, Understood, understood
from ef21lab.datasets.uploaded import Columns, Target
from ef21lab.kept import Kept

MOST_BYTES = 20_000_000
FILES_KEPT = 60
MOST_KEPT = 96 * 2**20  # bytes of understood tables for each process
AUTO = "auto"
_KIND = b"table\n"  # before the content of a file on the shelf

_understood: Kept[TableFile, Understood] = Kept(MOST_KEPT)
_hashes: dict[tuple[Path, int, int], str] = {}


def switch(default: str, options: Mapping[str, Text], label: Text, about: Text) -> str:
    return field(default=default, metadata={"field": Switch(label, about, options)})


@dataclass(frozen=True)
class TableFile(Dataset):
    """The rows of a table in a file, understood by a recipe. What is left to the file is guessed, and every guess is said.

    `content` is the hash of the file. Where it is left out, the file of that name in EF21LAB_DATA is meant as it is now; the lab fills in
    its hash, so that a run's key tells one content from another. In JSON `target` may be called `label`.
    """

    file: str = field(
        default="",
        metadata={
            "field": FileName(
                Text("File", "Файл"),
                Text("Its name; looked for beside the run and in EF21LAB_DATA.", "Имя; ищется рядом с запуском и в EF21LAB_DATA."),
            )
        },
    )
    content: str = field(default="", metadata={"field": CONTENT})
    target: str = field(
        default="",
        metadata={
            "field": Target(
                Text("Label column", "Столбец меток"),
                Text(
                    "Its name, or its number from 1. Empty: the one that is called like a label, the only one of words, or the last.",
                    "Имя или номер с единицы. Пусто: тот, что назван как метка, единственный столбец слов или последний.",
                ),
            )
        },
    )
    task: str = choice(
        AUTO,
        {
            AUTO: Text("as it looks", "как похоже"),
            "classes": Text("a class", "класс"),
            "regression": Text("a number to predict", "число, которое предсказывают"),
        },
        Text("The label is", "Метка — это"),
        Text(
            "Whole numbers may be classes or a quantity: 2, 3, 5 stars can be either.",
            "Целые числа бывают и классами, и величиной: оценки 2, 3, 5 — то и другое.",
        ),
    )
    ignore: str = field(
        default="",
        metadata={
            "field": Columns(
                Text("Leave out", "Не брать"),
                Text(
                    "Columns that are no features, by name or number, comma between. Empty: numbers of the row, names. A minus takes all.",
                    "Столбцы, которые не признаки: имена или номера через запятую. Пусто: номера строк и имена. Минус — взять все.",
                ),
            )
        },
    )
    gaps: str = choice(
        features.FILL,
        {
            features.FILL: Text("median, a level of their own", "медиана, отдельный уровень"),
            features.DROP: Text("drop their rows", "отбросить строки"),
            features.REFUSE: Text("are a fault", "считать ошибкой"),
        },
        Text("Gaps", "Пропуски"),
        Text(
            "Numbers are filled with the median of their column, words become a level of their own; or rows with gaps are dropped.",
            "Числа заполняются медианой столбца, у слов пропуск — отдельный уровень; или строки с пропусками отбрасываются.",
        ),
    )
    standardise: str = switch(
        AUTO,
        {
            AUTO: Text("by their scales", "по масштабам"),
            ON: Text("standardised", "стандартизованы"),
            OFF: Text("as they are", "как есть"),
        },
        Text("Columns of numbers", "Столбцы чисел"),
        Text(
            "Standardised: less their mean, over their standard deviation. One large column makes L large and every step short. "
            "By their scales: where these differ more than a hundredfold.",
            "Стандартизация: вычесть среднее, разделить на стандартное отклонение. Один крупный столбец увеличивает L и укорачивает шаг. "
            "По масштабам: если они различаются более чем стократно.",
        ),
    )
    intercept: str = switch(
        OFF,
        {OFF: Text("without", "нет"), ON: Text("a column of ones", "столбец единиц")},
        Text("Intercept", "Свободный член"),
        Text("A column of ones lets the model miss the origin.", "Со столбцом единиц модель не обязана проходить через начало координат."),
    )
    header: str = choice(
        AUTO,
        {AUTO: Text("as it looks", "как похоже"), "yes": Text("names of columns", "имена столбцов"), "no": Text("data", "данные")},
        Text("First line", "Первая строка"),
        Text("Whether it names the columns.", "Называет ли она столбцы."),
    )
    encoding: str = choice(AUTO, ENCODINGS, Text("Encoding", "Кодировка"), Text("Of the letters in the file.", "Букв в файле."))
    separator: str = choice(AUTO, SEPARATORS, Text("Separator", "Разделитель"), Text("Between the cells.", "Между ячейками."))
    decimal: str = choice(
        AUTO,
        {AUTO: Text("as it looks", "как похоже"), "point": Text("point", "точка"), "comma": Text("comma", "запятая")},
        Text("Decimal sign", "Десятичный знак"),
        Text("0.5 or 0,5.", "0.5 или 0,5."),
    )

    name = "table"
    revision = 2  # since columns that tell none of the labelled rows apart are left out
    label = Text("A table of yours", "Ваша таблица")
    about = Text(
        "CSV, LIBSVM or Excel, packed or not: at most 20 MB and 5 million numbers. How it is understood belongs to the run.",
        "CSV, LIBSVM или Excel, можно в архиве: не больше 20 МБ и 5 миллионов чисел. То, как она понята, — часть запуска.",
    )
    order = 95
    folded = ("target", "task", "ignore", "gaps", "standardise", "intercept", "header", "encoding", "separator", "decimal", "content")
    origin = Text("A file of yours.", "Ваш файл.")
    outdated = MappingProxyType({"file": ("content",)})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.file and not self.content and (path := find(self.file)) is not None:
            object.__setattr__(self, "content", _hash_of_file(path))

    @classmethod
    def make(cls, settings: Mapping[str, Json]) -> Self:
        known = dict(settings)
        if "label" in known:
            label = known.pop("label")
            known["target"] = str(label) if type(label) is int and 0 < label <= MOST_COLUMNS + 1 else label
        return super().make(known)

    @classmethod
    def at_hand(cls, settings: Mapping[str, Json], folder: Path) -> dict[str, Json]:
        """The file in `folder` is kept on this machine under its hash, so that every process finds it."""
        known = dict(settings)
        name, content = known.get("file"), known.get("content")
        if not isinstance(name, str) or not name or (isinstance(content, str) and content and shelf().holds(content)):
            return known
        path = folder / name
        try:
            raw = path.read_bytes() if path.is_file() else None
        except (OSError, ValueError):
            raw = None
        if raw is None:
            return known
        kept = keep(raw, path.name)
        if content and content != kept.content:
            raise Refusal(ANOTHER.format(file=quoted(path.name)))
        return {**known, "file": kept.file, "content": kept.content}

    def load(self) -> Table:
        return self.understood().table

    def understood(self) -> Understood:
        """The table and how it was understood. Raises a Refusal that names the line and column of a fault where it can."""
        return _understood.get(self, lambda: understood(self._bytes(), self.recipe))

    @property
    def recipe(self) -> Recipe:
        cut = Cut(self.encoding, self.separator, self.decimal, self.header)
        return Recipe(cut, self.target, self.task, self.ignore, self.gaps, self.standardise, self.intercept == ON)

    def notes(self) -> tuple[Text, ...]:
        return self.understood().notes

    def facts(self) -> TableFacts:
        return TableFacts(None, None, None)

    def kept_here(self) -> Text | None:
        return KEPT_HERE.format(file=quoted(self.file)) if self.content else None

    def absence(self) -> Text | None:
        if not self.content:
            return NOT_HERE.format(file=self.file) if self.file else NOTHING_YET
        if shelf().holds(self.content):
            return None
        path = find(self.file) if self.file else None
        if path is None:
            return NOT_HERE.format(file=self.file) if self.file else GONE
        return None if _hash_of_file(path) == self.content else ANOTHER.format(file=self.file)

    def _bytes(self) -> bytes:
        if (absence := self.absence()) is not None:
            raise Refusal(absence)
        stored = shelf().kept(self.content)
        if stored is not None:
            return stored.partition(b"\n")[2]
        path = find(self.file) if self.file else None
        raw = _read(path) if path is not None else None
        if raw is None or hash_of(_KIND + raw) != self.content:
            raise Refusal(GONE)
        return raw


def keep(content: bytes, name: str) -> TableFile:
    """Keep a file as it came, unread: who reads it does so with bounds of time and memory. Raises Refusal for one that is too large."""
    if len(content) > MOST_BYTES:
        raise Refusal(TOO_LARGE.format(megabytes=len(content) / 1e6))
    return TableFile(file=_plain(name), content=shelf().keep(_KIND + content, FILES_KEPT))


def shelf() -> Shelf:
    """Where files that people bring are kept."""
    return Shelf(home() / "tables", ".table")


def _plain(name: str) -> str:
    """A name that a setting may hold."""
    letters = "".join(letter for letter in name if letter.isprintable() and letter not in "/\\:").lstrip(".")
    return letters if len(letters) <= FileName.longest else letters[-FileName.longest :].lstrip(".")


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError:
        return None


def _hash_of_file(path: Path) -> str:
    """The hash of a file as it is now, computed anew only when it has changed; empty for one that cannot be read or is too large."""
    try:
        stat = path.stat()
    except OSError:
        return ""
    version = (path, stat.st_size, stat.st_mtime_ns)
    if version not in _hashes:
        content = _read(path)
        if len(_hashes) > 1000:
            _hashes.clear()
        _hashes[version] = "" if content is None else hash_of(_KIND + content)
    return _hashes[version]


TOO_LARGE = Text("{megabytes} MB; at most 20 MB are taken", "{megabytes} МБ; принимается не больше 20 МБ")
KEPT_HERE = Text("the table {file} is on this machine: send it along", "таблица {file} — на этой машине: приложите её")
NOTHING_YET = Text(
    "upload a table on the Data page first, or name a file in EF21LAB_DATA",
    "сначала загрузите таблицу на странице «Данные» или назовите файл из EF21LAB_DATA",
)
GONE = Text(
    "this table is no longer kept here; upload it again on the Data page",
    "эта таблица здесь больше не хранится; загрузите её снова на странице «Данные»",
)
NOT_HERE = Text(
    "the table {file} is not here; put the file beside the run or into EF21LAB_DATA, or upload it on the Data page",
    "таблицы {file} здесь нет; положите файл рядом с запуском или в EF21LAB_DATA либо загрузите его на странице «Данные»",
)
ANOTHER = Text(
    "the file {file} here is not the one that the run tells of; leave its content out to take the file as it is",
    "файл {file} здесь не тот, о котором говорит запуск; уберите content, чтобы взять файл как есть",
)
