"""Files and standard output: what a command writes, and what is refused in words where it cannot be written."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import TextIO

from ef21lab.choices.text import Refusal, Text, quoted


def check_apart(files: Mapping[str, str | None]) -> None:
    """A Refusal where one file is to be two things; paths by what they are given for."""
    for (one, path), (other, same_path) in combinations([(name, path) for name, path in files.items() if path], 2):
        if _is_one_file(path, same_path):
            raise Refusal(ONE_FILE.format(one=one, other=other, path=path))


def _is_one_file(path: str, other: str) -> bool:
    """Whether two paths lead to one file, also where it is not there yet; a terminal or /dev/null may be anything to everybody."""
    try:
        here, there = Path(path).resolve(), Path(other).resolve()
        return (here == there or (here.exists() and there.exists() and here.samefile(there))) and (here.is_file() or not here.exists())
    except (OSError, ValueError, RuntimeError):  # a loop of links, a name that no file can have: it is refused where it is opened
        return False


@contextlib.contextmanager
def output(path: str | None) -> Iterator[TextIO]:
    """The file at `path`, or standard output; a Refusal where it cannot be written."""
    with refusing(path or STDOUT), open(path, "w", encoding="utf-8", newline="") if path else _standard_output() as out:
        yield out


@contextlib.contextmanager
def refusing(target: str | Text) -> Iterator[None]:
    """What cannot be written there is a Refusal."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Refusal(
            Text("cannot write {target}: {why}", "не удаётся записать {target}: {why}").format(target=target, why=why(error))
        ) from None


@contextlib.contextmanager
def at_the_end(path: str | None) -> Iterator[Callable[[Callable[[], bytes]], None]]:
    """What writes the file at `path`, if that is asked for, as soon as there is something to be made of it. An older file stays until then;
    where it does not come to that there is no new one."""
    if path is None:
        yield lambda made: None
        return
    with refusing(path), open(path, "ab") as tried:
        fresh = tried.tell() == 0 and Path(path).is_file()
    try:
        yield lambda made: in_bytes(path, made())
    except BaseException:
        if fresh:
            Path(path).unlink(missing_ok=True)
        raise


def in_bytes(path: str, content: bytes) -> None:
    """The file at `path` with this content; a Refusal where it cannot be written."""
    with refusing(path), open(path, "wb") as out:
        out.write(content)


@contextlib.contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Standard output, flushed at the end. What it could not write is forgotten, or the interpreter would fail on it once more."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a letter that the terminal lacks is no reason to stop
    try:
        yield sys.stdout
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise


def why(error: Exception) -> Text:
    words = {
        FileNotFoundError: Text("no such file or directory", "нет такого файла или каталога"),
        PermissionError: Text("permission denied", "нет прав доступа"),
        IsADirectoryError: Text("it is a directory", "это каталог"),
        UnicodeDecodeError: Text("it is not UTF-8 text", "это не текст в кодировке UTF-8"),
    }
    return words.get(type(error), quoted(getattr(error, "strerror", None) or str(error)))


STDOUT = Text("standard output", "стандартный вывод")
ONE_FILE = Text("{one} and {other} are one file, {path}: give them two", "{one} и {other} — один и тот же файл, {path}; нужны два разных")
