"""Uploaded numbers: what a file may hold, and where the last few are kept."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.choices.written import NUMBER
from ef21lab.datasets.readers.places import home
from ef21lab.datasets.readers.shelf import Shelf

MOST_BYTES = 8_000_000
MOST_NUMBERS = 1_000_000
MOST_SIDES = 32
LARGEST = 2.0**1000  # what a message can hold
FILES_KEPT = 100


def parsed(name: str, content: bytes) -> np.ndarray:
    """The finite float64 numbers of a .npy, .csv or .txt file in their shape. Raises Refusal in words."""
    if len(content) > MOST_BYTES:
        raise Refusal(TOO_LARGE.format(name=shown(name), megabytes=f"{len(content) / 1e6:.1f}"))
    reader = _READERS.get(os.path.splitext(name)[1].lower())
    if reader is None:
        raise Refusal(NO_READER.format(name=shown(name)))
    values = reader(content)
    _check_values(values)
    return values


def keep(values: np.ndarray, directory: Path | None = None) -> str:
    """Keep these numbers under the hash of their shape and content, which is returned; the file used longest ago gives way."""
    stored = io.BytesIO()
    np.lib.format.write_array(stored, np.ascontiguousarray(values, dtype="<f8"), allow_pickle=False)
    return _shelf(directory).keep(stored.getvalue(), FILES_KEPT)


def kept(content: str, directory: Path | None = None) -> np.ndarray | None:
    """The numbers under this hash; None where they are not kept any more."""
    stored = _shelf(directory).kept(content)
    return None if stored is None else _npy(stored)


def _shelf(directory: Path | None) -> Shelf:
    """The given folder, or that of uploads in the lab's home."""
    return Shelf(directory or home() / "vectors", ".npy")


def _npy(content: bytes) -> np.ndarray:
    """An array from NumPy's own format. The header is read first, so that no memory is asked for that the file does not fill."""
    stream = io.BytesIO(content)
    try:
        read_header = _HEADERS[np.lib.format.read_magic(stream)]
        shape, fortran_order, dtype = read_header(stream)
    except Exception:  # NumPy parses the header as Python, and bytes that are none fail in many ways, TokenError among them
        raise Refusal(NOT_NPY) from None
    if dtype.kind not in "fiu":
        raise Refusal(NOT_NUMBERS.format(dtype=shown(str(dtype))))
    count = _count(shape)
    data = content[stream.tell() :]
    if len(data) != count * dtype.itemsize:
        raise Refusal(CUT_SHORT.format(expected=count * dtype.itemsize, came=len(data)))
    with np.errstate(all="ignore"):
        numbers = np.frombuffer(data, dtype).astype(np.float64)
    return numbers.reshape(tuple(map(int, shape)) or (1,), order="F" if fortran_order else "C")


def _text(content: bytes) -> np.ndarray:
    """Numbers between commas, semicolons, spaces and line ends; a matrix where every line holds equally many, two or more."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(NOT_TEXT) from None
    _count((len(text.replace(",", " ").replace(";", " ").split()),))
    rows = [_row(line, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    lengths = {len(row) for row in rows}
    if len(rows) > 1 and len(lengths) == 1 and lengths != {1}:
        return np.array(rows)
    return np.array(list(chain.from_iterable(rows)))


def _row(line: str, row: int) -> list[float]:
    """The numbers of a line; a line that is not in order is taken apart again to say where."""
    if _ROW.fullmatch(line):
        numbers = list(map(float, _SEPARATOR.split(line.strip())))
        if max(map(abs, numbers)) <= LARGEST:
            return numbers
    return list(_cells(line, row))


def _cells(line: str, row: int) -> Iterator[float]:
    line = line.rstrip()
    start = len(line) - len(line.lstrip())
    for separator in [*_SEPARATOR.finditer(line, start), None]:
        stop = separator.start() if separator else len(line)
        cell = line[start:stop]
        if _NUMBER.fullmatch(cell) is None or not abs(float(cell)) <= LARGEST:
            raise Refusal(NOT_A_NUMBER.format(row=row, column=start + 1, cell=shown(cell)))
        yield float(cell)
        start = separator.end() if separator else stop


def _count(shape: tuple[int, ...]) -> int:
    """Π sides, where that is an allowed count of numbers."""
    if len(shape) > MOST_SIDES:
        raise Refusal(TOO_MANY_SIDES.format(sides=len(shape), most=MOST_SIDES))
    if min(shape, default=1) < 1:
        raise Refusal(EMPTY)
    count = math.prod(map(int, shape))
    if count > MOST_NUMBERS:
        raise Refusal(TOO_MANY.format(count=count, most=MOST_NUMBERS))
    return count


def _check_values(values: np.ndarray) -> None:
    good = np.abs(values) <= LARGEST  # (…,); False for nan
    if not good.all():
        where = int(np.argmin(good.reshape(-1)))
        raise Refusal(NOT_FINITE.format(place=where + 1, value=str(values.reshape(-1)[where])))


_READERS = {".npy": _npy, ".csv": _text, ".txt": _text}
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
_SEPARATOR = re.compile(r"\s*+[,;]\s*+|\s++")
_NUMBER = re.compile(NUMBER)
_ROW = re.compile(rf"\s*+{NUMBER}(?:(?:\s*+[,;]\s*+|\s++){NUMBER})*+\s*+")

TOO_LARGE = Text("{name} has {megabytes} MB; at most 8 MB are taken", "{name}: {megabytes} МБ; принимается не больше 8 МБ")
NO_READER = Text("{name}: a file must end in .npy, .csv or .txt", "{name}: имя файла должно кончаться на .npy, .csv или .txt")
NOT_NPY = Text("the file is not an array in NumPy's .npy format", "файл не является массивом в формате .npy")
NOT_NUMBERS = Text(
    "the array holds {dtype}; real numbers are expected (float or integer)",
    "в массиве {dtype}; нужны вещественные числа (float или целые)",
)
CUT_SHORT = Text(
    "the file does not fit its header: {expected:byte|bytes} of numbers expected, {came} came",
    "файл не соответствует своему заголовку: чисел должно быть на {expected:байт|байта|байт}, а пришло {came}",
)
NOT_TEXT = Text("the file is not text in UTF-8", "файл не является текстом в UTF-8")
NOT_A_NUMBER = Text(
    "line {row}, column {column}: {cell} is not a finite number of magnitude at most 2¹⁰⁰⁰",
    "строка {row}, столбец {column}: {cell} — не конечное число, по модулю не больше 2¹⁰⁰⁰",
)
EMPTY = Text("the file holds no numbers", "в файле нет чисел")
TOO_MANY_SIDES = Text(
    "the array has {sides:side|sides}; at most {most} are taken", "у массива {sides:сторона|стороны|сторон}; принимается не больше {most}"
)
TOO_MANY = Text("{count:number|numbers}; at most {most} are taken", "{count:число|числа|чисел}; принимается не больше {most}")
NOT_FINITE = Text(
    "number {place} is {value}; finite numbers of magnitude at most 2¹⁰⁰⁰ are expected",
    "число № {place} — {value}; нужны конечные числа, по модулю не больше 2¹⁰⁰⁰",
)
