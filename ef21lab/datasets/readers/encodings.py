"""Which letters the bytes of a text stand for: UTF-8 and UTF-16 prove themselves, the old one-byte alphabets are told by their words."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from ef21lab.choices.text import Refusal, Text, same

AUTO = "auto"
ENCODINGS = {
    AUTO: Text("as it looks", "как похоже"),
    "utf-8": same("UTF-8"),
    "utf-16": same("UTF-16"),
    "cp1251": Text("Windows-1251 (Cyrillic)", "Windows-1251 (кириллица)"),
    "koi8-r": Text("KOI8-R (Cyrillic)", "KOI8-R (кириллица)"),
    "cp866": Text("CP866 (Cyrillic, DOS)", "CP866 (кириллица, DOS)"),
    "latin-1": Text("Latin-1 (Western Europe)", "Latin-1 (Западная Европа)"),
}
_CYRILLIC = ("cp1251", "koi8-r", "cp866")
_COMMON = frozenset("оеаинтсрвлкмдпуя")  # nine of ten letters of a Russian text
_SAMPLE = 200_000  # bytes by which an alphabet is judged
_HIGH = re.compile(rb"[\x80-\xff]+")


class Decoded(NamedTuple):
    text: str
    encoding: str
    proved: bool  # it can be nothing else


def decoded(content: bytes, asked: str = AUTO) -> Decoded:
    """The text in these bytes. Raises a Refusal that names the first line that is none."""
    encoding, proved = (asked, True) if asked != AUTO else _looks_like(content)
    text = _strictly(content, encoding).removeprefix("\ufeff").rstrip("\x1a")  # with which DOS ended a file
    if (nul := text.find("\x00")) >= 0:
        raise Refusal(BINARY.format(line=text.count("\n", 0, nul) + 1))
    return Decoded(text, encoding, proved)


def _looks_like(content: bytes) -> tuple[str, bool]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _every_other_is_zero(content):
        return "utf-16", True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _one_byte(content[:_SAMPLE]), False
    return "utf-8", True


def _every_other_is_zero(content: bytes) -> bool:
    """UTF-16 without its mark: of Latin letters, digits and separators one byte is 0, of Cyrillic letters it is 4."""
    return len(content) % 2 == 0 and (_zeros(content, 1) or _zeros(content, 0))


def _zeros(content: bytes, first: int) -> bool:
    sample = content[first:_SAMPLE:2]
    zeros, cyrillic = sample.count(0), sample.count(4)
    return (zeros > 0.4 * len(sample) or (zeros > 0 and zeros + cyrillic > 0.9 * len(sample))) and content[1 - first : _SAMPLE : 2].count(
        0
    ) == 0


def _one_byte(content: bytes) -> str:
    """Cyrillic words are runs of high bytes; of Latin ones only the letters with accents are high, and these stand alone."""
    runs = _HIGH.findall(content)
    if sum(len(run) for run in runs if len(run) >= 3) <= 0.5 * sum(map(len, runs)):
        return "latin-1"
    letters = b" ".join(runs)
    return max(_CYRILLIC, key=lambda encoding: _russian(letters.decode(encoding, "replace")))


def _russian(text: str) -> float:
    """How far it reads as Russian: common letters, and capitals only where words begin."""
    letters = [letter for letter in text if letter != " "]
    common = sum(letter.lower() in _COMMON for letter in letters)
    inverted = sum(before.islower() and after.isupper() for before, after in zip(text, text[1:], strict=False))
    return (common - inverted) / max(1, len(letters))


def _strictly(content: bytes, encoding: str) -> str:
    if encoding == "utf-16" and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le" if content[1::2].count(0) >= content[::2].count(0) else "utf-16-be"
    for spelt in ("cp1252", "latin-1") if encoding == "latin-1" else (encoding,):
        try:
            return content.decode(spelt)
        except UnicodeDecodeError as error:
            fault = error
    line = content.count(b"\n", 0, fault.start) + 1
    raise Refusal(NOT_SO.format(line=line, byte=f"0x{content[fault.start]:02x}", encoding=encoding.upper()))


NOT_SO = Text(
    "line {line}: byte {byte} is not {encoding} text; choose another encoding",
    "строка {line}: байт {byte} не из текста в {encoding}; выберите другую кодировку",
)
BINARY = Text("line {line} holds a zero byte: this is no table in text", "в строке {line} — нулевой байт: это не таблица в виде текста")
