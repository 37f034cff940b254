"""Reads LIBSVM's text format, and where a file is malformed says in which line and column.

    label index:value index:value …     # comment

One row a line; whole indices from 1, increasing; finite decimal numbers; blank lines and comments are skipped. As in LIBSVM's own reader
blanks may follow a colon. A file in which an index is 0 counts from 0, as scikit-learn writes them. It may be packed by gzip, bzip2 or xz.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from ef21lab.choices.text import Refusal, Text
from ef21lab.choices.written import NUMBER
from ef21lab.datasets.base import Table
from ef21lab.datasets.readers.labels import coded
from ef21lab.datasets.readers.raw import unpacked

MOST_BYTES = 256 * 2**20
MOST_COLUMNS = 9_999_999

_NUMBER = NUMBER.encode()
_LABEL = re.compile(_NUMBER)
_PAIR = re.compile(rb"([0-9]++):(" + _NUMBER + rb")")
_ROW = re.compile(rb"[ \t\r]*+" + _NUMBER + rb"(?:[ \t\r]++[0-9]{1,7}+:" + _NUMBER + rb")*+[ \t\r]*+")
_ALIKE = re.compile(rb"[ \t\r]*+[^\s:]++(?:[ \t\r]++(?:qid|-?[0-9]++):[^\s:]++)++[ \t\r]*+")
_AFTER_COLON = re.compile(rb":[ \t]++")
_ZERO = re.compile(rb"[ \t]0++:")
_TOKEN = re.compile(rb"[^ \t\r]+")


def read_libsvm(path: Path) -> Table:
    """The table in a LIBSVM file; a Refusal names the file, and the line and column of its first fault."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _too_large(path.name, size)
        return parse_libsvm(path.read_bytes(), path.name)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refusal(
            Text("{file} cannot be read: {reason}", "{file} не читается: {reason}").format(file=path.name, reason=reason)
        ) from None


def parse_libsvm(content: bytes, file: str, task: str = "auto") -> Table:
    """The table in the bytes of a LIBSVM file called `file`; explicit zeros are dropped."""
    text = plain(content)
    labels, lengths, indices, values = array("d"), array("l"), array("i"), array("d")
    for _, line in _lines(text):
        if not _ROW.fullmatch(line):
            raise _first_fault(text, file)
        label, *pairs = line.replace(b":", b" ").split()
        labels.append(float(label))
        lengths.append(len(pairs) // 2)
        indices.extend(map(int, pairs[0::2]))
        values.extend(map(float, pairs[1::2]))
    if not indices:
        raise _empty(file)
    return _table(text, file, task, *(np.array(column) for column in (labels, lengths, indices, values)))


def plain(content: bytes) -> bytes:
    """The lines of a file as they are read: unpacked, no blanks after a colon."""
    text = unpacked(content)
    return _AFTER_COLON.sub(b":", text) if b": " in text or b":\t" in text else text


def is_libsvm(content: bytes) -> bool:
    """Whether the first row with content is one of LIBSVM's, with a feature at least."""
    row = next(_lines(plain(content)), (0, b""))[1]
    return b":" in row and _ROW.fullmatch(row) is not None


def resembles_libsvm(content: bytes) -> bool:
    """Whether the first row with content is a label and nothing but pairs, though not as LIBSVM's are: numbered queries, several labels,
    a value that is none. As a table of words set apart by blanks it would be another one."""
    row = next(_lines(plain(content)), (0, b""))[1]
    return _ALIKE.fullmatch(row) is not None


def counts_from_zero(content: bytes) -> bool:
    """Whether an index of the file is 0."""
    return any(_ZERO.search(line) for _, line in _lines(plain(content)))


def unreadable(file: str, error: OSError) -> Refusal:
    """What to say of a file that the system will not let us read."""
    reason = error.strerror or type(error).__name__
    return Refusal(Text("{file} cannot be read: {reason}", "{file} не читается: {reason}").format(file=file, reason=reason))


def _table(text: bytes, file: str, task: str, labels: np.ndarray, lengths: np.ndarray, indices: np.ndarray, values: np.ndarray) -> Table:
    first = min(1, int(indices.min()))
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)  # (rows + 1,)
    rising = np.diff(indices, prepend=0) > 0  # (pairs,)
    begins = starts[:-1][lengths > 0]
    rising[begins] = True
    if not (rising.all() and np.isfinite(labels).all() and np.isfinite(values).all()):
        raise _first_fault(text, file)
    columns = int(indices.max()) + 1 - first
    features = sp.csr_matrix((values, indices.astype(np.int32) - first, starts), shape=(len(labels), columns))
    features.eliminate_zeros()
    return Table(features, *coded(labels, task), (columns,)).read_only()


def _lines(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Every line that holds a row, with its number from 1, its comment cut off."""
    for number, line in enumerate(text.split(b"\n"), 1):
        row = line.partition(b"#")[0]
        if row.strip(b" \t\r"):
            yield number, row


def _first_fault(text: bytes, file: str) -> Refusal:
    for number, line in _lines(text):
        for column, expected, token in _faults(line):
            return Refusal(
                Text(
                    "{file}, line {number}, column {column}: expected {expected}, got {token}",
                    "{file}, строка {number}, столбец {column}: ожидается {expected}, а получено {token}",
                ).format(file=file, number=number, column=column, expected=expected, token=_shown(token))
            )
    raise AssertionError(f"{file}: the fast reader refused a file in which the slow one finds no fault")


def _faults(line: bytes) -> Iterable[tuple[int, Text, bytes]]:
    """What is wrong in one line, from the left: the column from 1, what was expected there and the token that came."""
    label, *pairs = _TOKEN.finditer(line)
    if not (_LABEL.fullmatch(label[0]) and np.isfinite(float(label[0]))):
        yield label.start() + 1, Text("a label (a finite number)", "метка (конечное число)"), label[0]
    previous = -1
    for pair in pairs:
        expected = _pair_fault(pair[0], previous)
        if expected is not None:
            yield pair.start() + 1, expected, pair[0]
            return
        previous = int(pair[0].partition(b":")[0])


def _pair_fault(token: bytes, previous: int) -> Text | None:
    """What the token should have been where it cannot follow the index `previous`; None where it can."""
    if token.startswith(b"qid:"):
        return Text("index:value (ranking files with qid are not read)", "index:value (файлы ранжирования с qid не читаются)")
    pair = _PAIR.fullmatch(token)
    if pair is None:
        return Text("index:value", "index:value")
    if len(pair[1]) > 7:
        return Text("an index in 0..{most}", "индекс от 0 до {most}").format(most=MOST_COLUMNS)
    if int(pair[1]) <= previous:
        words = Text("an index above {previous} (indices increase along a line)", "индекс больше {previous} (индексы в строке возрастают)")
        return words.format(previous=previous)
    if not np.isfinite(float(pair[2])):
        return Text("a finite value", "конечное значение")
    return None


def _shown(token: bytes) -> str:
    words = token.decode("utf-8", "backslashreplace")
    return repr(words if len(words) <= 40 else words[:37] + "...")


def _empty(file: str) -> Refusal:
    return Refusal(
        Text(
            "{file} has no rows with features: expected lines such as '-1 3:0.5 7:1'",
            "в {file} нет строк с признаками: нужны строки вида «-1 3:0.5 7:1»",
        ).format(file=file)
    )


def _too_large(file: str, size: int) -> Refusal:
    return Refusal(
        Text(
            "{file} has {size:byte|bytes}; at most {most} are read", "{file} занимает {size:байт|байта|байт}; читается не больше {most}"
        ).format(file=file, size=size, most=MOST_BYTES)
    )
