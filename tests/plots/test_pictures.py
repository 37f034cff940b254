"""Pictures of rows as a page shows them, read back by another library."""

import base64
import html
import io
import re

import numpy as np
import pytest
from PIL import Image

from ef21lab.plots import pictures
from ef21lab.runs.survey import Data, Shares


def classes(names: tuple[str, ...]) -> Data:
    images = np.arange(len(names) * 2 * 3 * 2, dtype=np.float32).reshape(len(names), 2, 3, 2)
    return Data(60, 6, 0.5, False, names, np.arange(1, len(names) + 1), np.empty(0), (), images)


def shares(images: np.ndarray, imaged: list[int]) -> Shares:
    return Shares(np.ones(7), np.ones((7, 2)), np.empty((7, 0)), images, np.array(imaged))


def image_of(page: str) -> np.ndarray:
    """(height, width, 2) lightness and opacity, as Pillow reads the one image of it."""
    source = re.fullmatch('.*<img alt="[^"]+" src="data:image/png;base64,([^"]+)" style="[^"]+">.*', page, re.DOTALL)
    assert source
    image = Image.open(io.BytesIO(base64.b64decode(source[1])))
    image.load()
    assert (image.format, image.mode) == ("PNG", "LA")
    return np.asarray(image)


@pytest.mark.parametrize(("theme", "ink"), [("light", 0), ("dark", 255)])
def test_every_picture_stands_in_the_column_of_its_class(theme, ink):
    data = classes(("c0", "c1", "c2"))
    seen = image_of(pictures.of_classes(data, "en", theme))
    greatest = data.images.max()
    assert seen.shape == (2 * 4, 3 * 3, 2)
    assert (seen[..., 0] == ink).all()
    for place, example, row, column in np.ndindex(*data.images.shape):
        opacity = seen[example * 4 + row, place * 3 + column, 1]
        assert abs(opacity - 255 * data.images[place, example, row, column] / greatest) <= 0.5
    assert (seen[3::4, :, 1] == 0).all()  # gaps show the page
    assert (seen[:, 2::3, 1] == 0).all()


@pytest.mark.parametrize(("language", "node"), [("en", "node"), ("ru", "узел")])
def test_every_picture_stands_in_the_line_of_its_node_which_is_named(language, node):
    images = np.linspace(-1.0, 1.0, 3 * 4 * 3 * 2, dtype=np.float32).reshape(3, 4, 3, 2)
    images[2, 3] = np.nan  # a node with fewer rows
    page = pictures.of_nodes(shares(images, [0, 3, 6]), language)
    seen, greatest = image_of(page), np.nanmax(images)
    for line, example, row, column in np.ndindex(*images.shape):
        value = images[line, example, row, column]
        expected = 0.0 if np.isnan(value) else 255 * (value + 1) / (greatest + 1)
        assert abs(seen[line * 4 + row, example * 3 + column, 1] - expected) <= 0.5 + 1e-4
    assert re.findall("<span>(.*?)</span>", page) == ["0", "3", "6"]
    assert f">{node}<" in page


def test_pictures_of_one_shade_are_empty():
    assert (image_of(pictures.of_nodes(shares(np.ones((1, 1, 2, 2)), [0])))[..., 1] == 0).all()


def test_a_visitors_word_is_no_markup_and_a_hundred_names_are_thinned():
    page = pictures.of_classes(classes(("<b>&", 'say "so"')))
    assert "<b>" not in page
    assert [html.unescape(name) for name in re.findall('title="([^"]*)"', page)] == ["<b>&", 'say "so"']
    assert 0 < pictures.of_classes(classes(tuple(map(str, range(100))))).count("title=") <= 40
