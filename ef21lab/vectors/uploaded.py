"""A vector that a person has brought in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.readers.shelf import HASH
from ef21lab.vectors import _uploads as uploads
from ef21lab.vectors.base import Sample, Vector, sample_of


@dataclass(frozen=True)
class UploadedVector(Vector):
    """The numbers of an uploaded file, kept under the hash of their content; an array keeps its shape."""

    content: str = field(default="", metadata={"field": HASH})

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


def store_upload(name: str, content: bytes, directory: Path | None = None) -> UploadedVector:
    """Parse a file and keep its numbers. Raises Refusal in words on anything but 1 to 1 000 000 finite numbers."""
    return UploadedVector(uploads.keep(uploads.parsed(name, content), directory))


GONE = Text("this file is no longer kept here; upload it again", "этот файл здесь больше не хранится; загрузите его снова")
NOTHING_YET = Text("upload a .npy, .csv or .txt file first", "сначала загрузите файл .npy, .csv или .txt")
