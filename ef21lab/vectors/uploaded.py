"""A vector that a person has brought in a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from ef21lab.spec import FileName, Json
from ef21lab.text import Refusal, Text
from ef21lab.vectors import _uploads as uploads
from ef21lab.vectors.base import Sample, Vector, sample_of


class Hash(FileName):
    """The name under which an upload is kept; empty before there is one."""

    @property
    def allowed(self) -> Text:
        return Text("the 24 hexadecimal digits of an upload", "24 шестнадцатеричные цифры загруженного файла")

    def accept(self, value: Json) -> str:
        if not isinstance(value, str) or re.fullmatch(r"([0-9a-f]{24})?", value) is None:
            raise ValueError
        return value


@dataclass(frozen=True)
class Uploaded(Vector):
    """The numbers of an uploaded file, kept under the hash of their content; an array keeps its shape."""

    content: str = field(
        default="",
        metadata={
            "field": Hash(Text("File", "Файл"), Text("The hash of the content of an uploaded file.", "Хеш содержимого загруженного файла."))
        },
    )

    name = "uploaded"
    label = Text("A file of yours", "Ваш файл")
    about = Text(
        "Numbers from a .npy, .csv or .txt file: at most 8 MB and a million numbers.",
        "Числа из файла .npy, .csv или .txt: не больше 8 МБ и миллиона чисел.",
    )
    order = 50

    def sample(self) -> Sample:
        values = uploads.kept(self.content) if self.content else None
        if values is None:
            raise Refusal(GONE if self.content else NOTHING_YET)
        return sample_of(values, (values.shape,))


def store_upload(name: str, content: bytes, directory: Path | None = None) -> Uploaded:
    """Parse a file and keep its numbers. Raises Refusal in words on anything but 1 to 1 000 000 finite numbers."""
    return Uploaded(uploads.keep(uploads.parsed(name, content), directory))


GONE = Text("this file is no longer kept here; upload it again", "этот файл здесь больше не хранится; загрузите его снова")
NOTHING_YET = Text("upload a .npy, .csv or .txt file first", "сначала загрузите файл .npy, .csv или .txt")
