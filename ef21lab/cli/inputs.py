"""Files and standard input: what a command reads, and what is refused in words where it cannot be read."""

from __future__ import annotations

import sys
from pathlib import Path

from ef21lab.choices import strict
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.cli.outputs import why


def document(path: str) -> Json:
    """The JSON in a file, with "-" on standard input, or given itself as an object. Raises Refusal where it cannot be read or is none."""
    if is_object(path):
        return strict.parse(path, ARGUMENT)
    source = STDIN if path == "-" else quoted(path)
    return strict.parse(_read(path, source), source)


def is_object(source: str) -> bool:
    """Whether this is a JSON object itself, and not the name of a file."""
    return source.lstrip().startswith("{") and not is_file(source)


def is_file(path: str) -> bool:
    """Whether there is a file of this name; no file has a name that the system does not take."""
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def _read(path: str, source: Text) -> str:
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return raw.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise Refusal(UNREAD.format(source=source, why=why(error))) from None


ARGUMENT = Text("the object on the command line", "объект в командной строке")
STDIN = Text("standard input", "стандартный ввод")
UNREAD = Text("cannot read {source}: {why}", "не удаётся прочесть {source}: {why}")
