"""The text in the bytes of a file: unpacked within a bound, a byte-order mark passed over."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Any

from ef21lab.choices.text import Refusal, Text

MOST_UNPACKED = 60_000_000  # bytes: a small archive may hold a text of any length
_PIECE = 1 << 20

_ARCHIVES: dict[bytes, Any] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(wbits=31),
    b"BZh": bz2.BZ2Decompressor,
    b"\xfd7zXZ\x00": lzma.LZMADecompressor,
}
BOM = b"\xef\xbb\xbf"


def unpacked(content: bytes) -> bytes:
    """What is in a gzip, bzip2 or xz archive, known by its first bytes; any other content as it is, without a byte-order mark."""
    opener = next((made for start, made in _ARCHIVES.items() if content.startswith(start)), None)
    return (content if opener is None else _inside(opener, content)).removeprefix(BOM)


def _inside(opener: Any, content: bytes) -> bytes:
    """Every member of the archive, one after another."""
    out, left = bytearray(), content
    try:
        while left:
            opened, fed = opener(), left
            while not opened.eof:
                piece = opened.decompress(fed, _PIECE)
                fed = getattr(opened, "unconsumed_tail", b"")
                out += piece
                if len(out) > MOST_UNPACKED:
                    raise Refusal(TOO_LARGE)
                if not piece and not fed and not opened.eof:
                    raise Refusal(CUT_SHORT)
            left = opened.unused_data
    except (zlib.error, lzma.LZMAError, OSError, EOFError):
        raise Refusal(DAMAGED) from None
    return bytes(out)


def decoded(content: bytes) -> str:
    """The text. Raises a Refusal that names the first line that is not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refusal(NOT_UTF8.format(line=line, byte=f"0x{content[error.start]:02x}")) from None


TOO_LARGE = Text(
    "unpacked the file has more than {megabytes} MB; no more are taken", "распакованный файл больше {megabytes} МБ; столько не принимается"
).format(megabytes=MOST_UNPACKED // 10**6)
CUT_SHORT = Text("the archive is cut short: its end is missing", "архив обрывается: конца нет")
DAMAGED = Text("the archive is damaged and cannot be unpacked", "архив повреждён, распаковать его нельзя")
NOT_UTF8 = Text(
    "line {line}: byte {byte} is not UTF-8 text; save the table as CSV UTF-8",
    "строка {line}: байт {byte} не из текста в UTF-8; сохраните таблицу как CSV UTF-8",
)
