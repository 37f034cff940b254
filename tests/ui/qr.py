"""A QR code read from its SVG, module by module, as ISO/IEC 18004 says: for tests, where no camera is. Versions 1 to 10, bytes only.

Nothing here knows how a code is made: format and version come from the code, and every block's check symbols must come out as zero, so a
code with one module amiss is refused as a reader with error correction off refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import numpy as np

ALIGNED = {
    1: (),
    2: (6, 18),
    3: (6, 22),
    4: (6, 26),
    5: (6, 30),
    6: (6, 34),
    7: (6, 22, 38),
    8: (6, 24, 42),
    9: (6, 26, 46),
    10: (6, 28, 50),
}
LEVELS = "MLHQ"  # by the two bits of the format
BLOCKS = {  # version → level → check symbols of a block, and the data symbols of each block (tables 9 and 13 to 22)
    1: {"L": (7, [19]), "M": (10, [16]), "Q": (13, [13]), "H": (17, [9])},
    2: {"L": (10, [34]), "M": (16, [28]), "Q": (22, [22]), "H": (28, [16])},
    3: {"L": (15, [55]), "M": (26, [44]), "Q": (18, [17] * 2), "H": (22, [13] * 2)},
    4: {"L": (20, [80]), "M": (18, [32] * 2), "Q": (26, [24] * 2), "H": (16, [9] * 4)},
    5: {"L": (26, [108]), "M": (24, [43] * 2), "Q": (18, [15] * 2 + [16] * 2), "H": (22, [11] * 2 + [12] * 2)},
    6: {"L": (18, [68] * 2), "M": (16, [27] * 4), "Q": (24, [19] * 4), "H": (28, [15] * 4)},
    7: {"L": (20, [78] * 2), "M": (18, [31] * 4), "Q": (18, [14] * 2 + [15] * 4), "H": (26, [13] * 4 + [14])},
    8: {"L": (24, [97] * 2), "M": (22, [38] * 2 + [39] * 2), "Q": (22, [18] * 4 + [19] * 2), "H": (26, [14] * 4 + [15] * 2)},
    9: {"L": (30, [116] * 2), "M": (22, [36] * 3 + [37] * 2), "Q": (20, [16] * 4 + [17] * 4), "H": (24, [12] * 4 + [13] * 4)},
    10: {"L": (18, [68] * 2 + [69] * 2), "M": (26, [43] * 4 + [44]), "Q": (24, [19] * 6 + [20] * 2), "H": (28, [15] * 6 + [16] * 2)},
}
MASKS = (
    lambda i, j: (i + j) % 2,
    lambda i, j: i % 2,
    lambda i, j: j % 3,
    lambda i, j: (i + j) % 3,
    lambda i, j: (i // 2 + j // 3) % 2,
    lambda i, j: i * j % 2 + i * j % 3,
    lambda i, j: (i * j % 2 + i * j % 3) % 2,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2,
)


def modules(svg: str, border: int = 2) -> np.ndarray:
    """The dark modules (side, side) of an SVG whose dark path is drawn row by row with M, m and h; light ones all around."""
    path = re.search(r'<path[^>]*stroke="#000"[^>]* d="([^"]*)"', svg) or re.search(r'<path[^>]* d="([^"]*)"[^>]*stroke="#000"', svg)
    assert path is not None
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg).group(1))
    dark = np.zeros((size, size), dtype=bool)
    x = y = 0.0
    for letter, numbers in re.findall(r"([Mmh])([^Mmh]*)", path.group(1)):
        amounts = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if letter == "h":
            dark[int(y), int(x) : int(x + amounts[0])] = True
            x += amounts[0]
        else:
            x, y = (amounts[0], amounts[1]) if letter == "M" else (x + amounts[0], y + amounts[1])
    edge = np.ones_like(dark)
    edge[border:-border, border:-border] = False
    assert not dark[edge].any()
    return dark[border:-border, border:-border]


def decoded(dark: np.ndarray) -> bytes:
    """What the code says. Raises AssertionError where it is no code, or a module of it is wrong."""
    side = len(dark)
    version = (side - 17) // 4
    _check_finders(dark)
    level, mask = _format(dark)
    symbols = _symbols(dark, _reserved(side, version), MASKS[mask])
    checks, sizes = BLOCKS[version][level]
    assert len(symbols) == sum(sizes) + checks * len(sizes)
    data = bytes(symbol for block in _blocks(symbols, sizes, checks) for symbol in block)
    bits = "".join(f"{symbol:08b}" for symbol in data)
    assert bits[:4] == "0100"  # bytes
    wide = 8 if version < 10 else 16
    count, at = int(bits[4 : 4 + wide], 2), 4 + wide
    assert bits[at + 8 * count :][:4] in ("0000", "000", "00", "0", "")  # the end
    return bytes(int(bits[at + 8 * place : at + 8 * place + 8], 2) for place in range(count))


def _check_finders(dark: np.ndarray) -> None:
    ring = np.pad(np.pad(np.pad(np.ones((3, 3), bool), 1), 1, constant_values=True), ((0, 1), (0, 1)))
    for corner in (dark, dark[:, ::-1], dark[::-1]):
        assert np.array_equal(corner[:8, :8], ring)
    assert all(dark[6, place] == dark[place, 6] == (place % 2 == 0) for place in range(8, len(dark) - 8))
    assert dark[-8, 8]


def _format(dark: np.ndarray) -> tuple[str, int]:
    """Level and mask: both copies agree, and are a word of the BCH code (15, 5)."""
    first = [dark[8, j] for j in (0, 1, 2, 3, 4, 5, 7, 8)] + [dark[i, 8] for i in (7, 5, 4, 3, 2, 1, 0)]
    second = [dark[-1 - i, 8] for i in range(7)] + [dark[8, j] for j in range(-8, 0)]
    assert first == second
    word = int("".join("01"[int(bit)] for bit in first), 2) ^ 0b101010000010010
    rest = word
    for place in range(14, 9, -1):
        rest ^= (0b10100110111 << place - 10) if rest >> place & 1 else 0
    assert rest == 0
    return LEVELS[word >> 13], word >> 10 & 7


def _reserved(side: int, version: int) -> np.ndarray:
    """Where no data lie: finders with format, timing, alignment, and from version 7 on the version."""
    held = np.zeros((side, side), dtype=bool)
    held[:9, :9] = held[:9, -8:] = held[-8:, :9] = held[6] = held[:, 6] = True
    places = ALIGNED[version]
    corners = {(6, 6), (6, side - 7), (side - 7, 6)}
    for i, j in {*product(places, places)} - corners:
        held[i - 2 : i + 3, j - 2 : j + 3] = True
    if version >= 7:
        held[:6, -11:-8] = held[-11:-8, :6] = True
    return held


def _symbols(dark: np.ndarray, held: np.ndarray, mask: object) -> list[int]:
    """Bytes by columns of two from the right, up and down in turn; without those that are left over at the end."""
    bits, up, side = [], True, len(dark)
    for right in [*range(side - 1, 6, -2), *range(5, 0, -2)]:
        for i in range(side - 1, -1, -1) if up else range(side):
            bits += [bool(dark[i, j]) ^ (mask(i, j) == 0) for j in (right, right - 1) if not held[i, j]]
        up = not up
    return [int("".join("01"[int(bit)] for bit in bits[at : at + 8]), 2) for at in range(0, len(bits) - 7, 8)]


def _blocks(symbols: list[int], sizes: list[int], checks: int) -> Iterator[list[int]]:
    """The data of each block, whose check symbols are as they must be."""
    given = iter(symbols)
    data: list[list[int]] = [[] for _ in sizes]
    for place in range(max(sizes)):
        for block, size in zip(data, sizes, strict=True):
            if place < size:
                block.append(next(given))
    check: list[list[int]] = [[] for _ in sizes]
    for _ in range(checks):
        for block in check:
            block.append(next(given))
    for block, more in zip(data, check, strict=True):
        assert _syndromes([*block, *more], checks) == [0] * checks
        yield block


def _syndromes(word: list[int], checks: int) -> list[int]:
    """The word as a polynomial over GF(256), modulo x⁸ + x⁴ + x³ + x² + 1, at 1, 2, 2², …"""
    found, root = [], 1
    for _ in range(checks):
        value = 0
        for symbol in word:
            value = _times(value, root) ^ symbol
        found.append(value)
        root = _times(root, 2)
    return found


def _times(one: int, other: int) -> int:
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = (one << 1) ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return product
