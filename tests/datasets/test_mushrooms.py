"""The shipped mushrooms are LIBSVM's mushrooms, row by row and column by column."""

import hashlib
import lzma
from importlib import resources

import numpy as np

from ef21lab.datasets.mushrooms import Mushrooms
from ef21lab.datasets.readers.content import content
from ef21lab.datasets.readers.libsvm import read_libsvm


def test_the_table_is_the_published_one():
    assert content(Mushrooms().load()._replace(classes=("1", "2"))) == Mushrooms.content  # as LIBSVM calls them


def test_every_row_and_column_is_that_of_the_libsvm_file(libsvm_file):
    ours, theirs = Mushrooms().load(), read_libsvm(libsvm_file("mushrooms"))
    assert (ours.features != theirs.features).nnz == 0
    assert np.array_equal(ours.labels, theirs.labels)
    assert dict(zip(theirs.classes, ours.classes, strict=True)) == {"1": "poisonous", "2": "edible"}


def test_every_row_has_one_level_of_each_of_the_21_attributes():
    assert np.all(np.diff(Mushrooms().load().features.indptr) == 21)


def test_the_shipped_file_holds_the_bytes_its_note_promises():
    folder = resources.files("ef21lab.datasets") / "_mushrooms"
    unpacked = lzma.decompress((folder / "agaricus-lepiota.data.xz").read_bytes())
    assert hashlib.sha256(unpacked).hexdigest() in (folder / "ORIGIN.md").read_text(encoding="utf-8")
