"""Rows of a dataset as the pictures that they are, for a page: as wide as there is room, and no wider than they are clear."""

from __future__ import annotations

import html
import struct
import zlib
from base64 import b64encode

import numpy as np

from ef21lab.choices.markup import shortened
from ef21lab.choices.text import Language, Text
from ef21lab.plots.data import CLASS
from ef21lab.plots.figures import NODE, Theme
from ef21lab.runs.survey import Data, Shares

WIDE = {"class": 64, "node": 34}  # pixels of one picture, where there is room
MOST_NAMES = 40  # of columns
INK = {"light": 0, "dark": 255}  # a picture is drawn on the page itself, in its text's lightness


def of_classes(data: Data, language: Language = "en", theme: Theme = "light") -> str:
    """A column of pictures for each class under its name, as HTML."""
    if data.images is None:
        raise AssertionError("only asked for where rows are pictures")
    every = -(-len(data.classes) // MOST_NAMES)
    names = [_name(name) if place % every == 0 else "<span></span>" for place, name in enumerate(data.classes)]
    pictures = data.images.swapaxes(0, 1)  # (lines, classes, height, width)
    columns = f"display: grid; grid-template-columns: repeat({len(names)}, minmax(0, 1fr)); text-align: center;"
    said = OF_CLASSES.format(n=len(names))(language)
    head = f'<div style="text-align: center;">{CLASS(language)}</div><div style="{columns}">{"".join(names)}</div>'
    return f'<div style="{TEXT} max-width: {WIDE["class"] * len(names)}px;">{head}{_image(pictures, said, theme)}</div>'


def of_nodes(shares: Shares, language: Language = "en", theme: Theme = "light") -> str:
    """A line of pictures for each node beside its number, in the order of their classes, as HTML."""
    if shares.images is None:
        raise AssertionError("only asked for where rows are pictures")
    lines = "position: absolute; inset: 0 auto 0 0; width: 2rem; display: grid; align-items: center; text-align: end; line-height: 1;"
    lines += f" grid-template-rows: repeat({len(shares.imaged)}, minmax(0, 1fr)); font-size: 0.7rem;"
    numbers = "".join(f"<span>{node}</span>" for node in shares.imaged)
    image = _image(shares.images, OF_NODES.format(n=len(shares.imaged))(language), theme)
    beside = f'<div style="position: relative; padding-inline-start: 2.5rem;"><div style="{lines}">{numbers}</div>{image}</div>'
    return f'<div style="{TEXT} max-width: {40 + WIDE["node"] * shares.images.shape[1]}px;">{NODE(language)}{beside}</div>'


def _name(name: str) -> str:
    """A class over its column: cut where it is wider, whole under the pointer."""
    cut = "overflow: hidden; text-overflow: ellipsis; white-space: nowrap;"
    return f'<span style="{cut}" title="{html.escape(shortened(name, 200))}">{html.escape(shortened(name, 24))}</span>'


def _image(pictures: np.ndarray, said: str, theme: Theme) -> str:
    """All of them (lines, columns, height, width) as one image, which grows and shrinks with its place."""
    source = b64encode(png(stitched(pictures), INK[theme])).decode()
    size = "display: block; width: 100%; height: auto; image-rendering: pixelated;"
    return f'<img alt="{html.escape(said)}" src="data:image/png;base64,{source}" style="{size}">'


def stitched(pictures: np.ndarray) -> np.ndarray:
    """(lines · (height + 1), columns · (width + 1)) of 0..1, the least to the greatest number of all: a gap of 0 after each, 0 for nan."""
    lines, columns, height, width = pictures.shape
    known = pictures[np.isfinite(pictures)]
    least, greatest = (known.min(), known.max()) if known.size else (0.0, 0.0)
    shades = np.nan_to_num((pictures - least) / ((greatest - least) or 1.0))
    framed = np.pad(shades, ((0, 0), (0, 0), (0, 1), (0, 1)))
    return framed.swapaxes(1, 2).reshape(lines * (height + 1), columns * (width + 1))


def png(shades: np.ndarray, ink: int) -> bytes:
    """A PNG file of (height, width) shades in 0..1, each as the opacity of a grey `ink` in 0..255.

    Greyscale with alpha, 8 bits each, rows unfiltered (W3C, "Portable Network Graphics", third edition, sections 7 to 11).
    """
    height, width = shades.shape
    opacity = np.rint(255 * shades).astype(np.uint8)
    rows = np.zeros((height, 1 + 2 * width), dtype=np.uint8)  # each begins with its filter: 0 for none
    rows[:, 1::2], rows[:, 2::2] = ink, opacity
    header = struct.pack(">IIBBBBB", width, height, 8, 4, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


TEXT = "font-size: 0.8rem; line-height: 1.4;"
OF_CLASSES = Text(
    "Rows as pictures, a column for each of {n:class|classes}",
    "Строки в виде картинок; столбцов, по одному на класс: {n}",
)
OF_NODES = Text(
    "Rows as pictures, a line for each of {n:node|nodes}",
    "Строки в виде картинок; рядов, по одному на узел: {n}",
)
