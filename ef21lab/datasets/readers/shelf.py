"""Files that visitors have brought, kept under the hash of their content; of too many, those used longest ago give way."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ef21lab.choices.fields import FileName, Json
from ef21lab.choices.text import Refusal, Text


class Hash(FileName):
    """The name under which an upload is kept; empty before there is one."""

    @property
    def allowed(self) -> Text:
        return Text("the 24 hexadecimal digits of an upload", "24 шестнадцатеричные цифры загруженного файла")

    def accept(self, value: Json) -> str:
        if not isinstance(value, str) or re.fullmatch(r"([0-9a-f]{24})?", value) is None:
            raise ValueError
        return value


CONTENT = Hash(Text("Content", "Содержимое"), Text("The hash of what is in the file.", "Хеш содержимого файла."))
HASH = Hash(Text("File", "Файл"), Text("The hash of the content of an uploaded file.", "Хеш содержимого загруженного файла."))


@dataclass(frozen=True)
class Shelf:
    """A folder of such files, which all end in `suffix`."""

    folder: Path
    suffix: str

    def keep(self, content: bytes, most: int) -> str:
        """The hash under which this content is kept from now on, among at most `most` files. Raises Refusal where there is no room."""
        name = hash_of(content)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(self._path(name), content)
        except OSError as error:
            raise Refusal(NO_ROOM.format(folder=self.folder, why=error.strerror or str(error))) from None
        for old in sorted(self.folder.glob(f"*{self.suffix}"), key=_last_used, reverse=True)[most:]:
            old.unlink(missing_ok=True)
        return name

    def kept(self, name: str) -> bytes | None:
        """The content under this hash, which counts as used now; None where it is not kept any more, or is damaged."""
        path = self._path(name)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return content if hash_of(content) == name else None

    def holds(self, name: str) -> bool:
        return self._path(name).is_file()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{self.suffix}"


def hash_of(content: bytes) -> str:
    """The name under which a shelf keeps this content."""
    return hashlib.sha256(content).hexdigest()[:24]


def _write(path: Path, content: bytes) -> None:
    """The whole file at once, so that no reader meets half of it; of one that cannot be written nothing stays."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            os.unlink(file.name)
            raise
    os.replace(file.name, path)


def _last_used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


NO_ROOM = Text("the file cannot be kept in {folder}: {why}", "файл негде сохранить, {folder}: {why}")
