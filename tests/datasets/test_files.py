"""Datasets that are read from files: where they are looked for, what is checked, what is kept."""

import os

import numpy as np
import pytest

from ef21lab.choices.text import Refusal
from ef21lab.datasets.base import datasets
from ef21lab.datasets.libsvm import Libsvm
from ef21lab.datasets.phishing import Phishing
from ef21lab.datasets.readers import parsed as _parsed
from ef21lab.datasets.readers.content import content
from ef21lab.datasets.readers.parsed import read

GOOD = b"-1 1:0.5 3:2\n+1 2:1\n-1 3:1\n"


@pytest.mark.parametrize("name", ["phishing", "a9a", "w8a"])
def test_the_file_at_hand_is_the_published_one(libsvm_file, name):
    libsvm_file(name)
    dataset = datasets.make(name)
    assert content(dataset.load()) == dataset.content


@pytest.mark.parametrize(
    ("text", "difference"),
    [(GOOD, "rows 3, expected 11,055"), (b"1 68:1\n" * 11055, r"rows by label \(\), expected \(\('0', 4898\), \('1', 6157\)\)")],
)
def test_another_file_under_a_published_name_is_refused(data, text, difference):
    (data / "phishing.txt").write_bytes(text)
    with pytest.raises(Refusal, match=difference):
        Phishing().load()


def test_a_named_file_is_found_with_and_without_its_ending_and_in_the_cache(data, cache):
    (data / "mine.txt").write_bytes(GOOD)
    cache.mkdir()
    (cache / "yours").write_bytes(GOOD)
    for name in ("mine", "mine.txt", "yours"):
        assert Libsvm(file=name).absence() is None
        assert Libsvm(file=name).load().features.shape == (3, 3)


def test_the_directory_a_person_named_comes_before_the_cache(data, cache):
    cache.mkdir()
    (cache / "mine").write_bytes(b"1 1:1\n")
    (data / "mine.txt").write_bytes(GOOD)
    assert len(Libsvm(file="mine").load().labels) == 3


def test_a_missing_file_is_answered_with_what_there_is(data):
    for name in ("b.txt", "a", ".hidden"):
        (data / name).write_bytes(GOOD)
    with pytest.raises(Refusal, match="name a LIBSVM file; .* hold: a, b.txt$"):
        Libsvm().load()
    with pytest.raises(Refusal, match="there is no LIBSVM file c; .* hold: a, b.txt$"):
        Libsvm(file="c").load()


def test_an_empty_directory_is_said_to_be_empty(data):
    assert "hold: nothing yet" in Libsvm().absence().en


@pytest.mark.parametrize(
    "file", ["../etc/passwd", "/etc/passwd", "a\\b", "C:x", "..", ".hidden", "a" * 81, "a\nb", "a\0b", "\ud800", 3, None, ["a"]]
)
def test_only_a_plain_file_name_is_taken(file):
    with pytest.raises(Refusal, match="file must be a file name of at most 80 characters, without a path"):
        datasets.make({"name": "libsvm", "file": file})


def test_a_name_too_long_for_the_file_system_is_just_absent(data):
    assert "there is no LIBSVM file" in Libsvm(file="𝔘" * 80).absence().en


def kept(cache):
    return list((cache / "parsed").iterdir())


def forget_memory():
    _parsed._tables.clear()


def test_a_second_reading_takes_the_kept_arrays_and_not_the_text(data, cache, monkeypatch):
    path = data / "mine"
    path.write_bytes(GOOD)
    first = read(path)
    forget_memory()
    monkeypatch.setattr(_parsed, "read_libsvm", lambda _: pytest.fail("the text was parsed again"))
    second = read(path)
    assert (first.features != second.features).nnz == 0
    assert np.array_equal(first.labels, second.labels)
    assert (first.classes, first.shape, first.labels.dtype) == (second.classes, second.shape, second.labels.dtype)


def test_a_changed_file_is_read_anew(data):
    path = data / "mine"
    path.write_bytes(GOOD)
    read(path)
    path.write_bytes(GOOD + b"1 1:1\n")
    assert len(read(path).labels) == 4


@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b.replace(b"\x00\x00\xe0\x3f", b"\x00\x00\xe1\x3f"), lambda b: b[::-1]]
)
def test_a_damaged_cache_is_read_around(data, cache, damage):
    path = data / "mine"
    path.write_bytes(GOOD)
    read(path)
    (file,) = kept(cache)
    assert damage(file.read_bytes()) != file.read_bytes()
    file.write_bytes(damage(file.read_bytes()))
    forget_memory()
    assert read(path).features[0, 0] == 0.5


def test_a_cache_that_cannot_be_written_is_done_without(data, cache):
    cache.write_bytes(b"a file where the directory should be")
    path = data / "mine"
    path.write_bytes(GOOD)
    assert read(path).features.shape == (3, 3)


def test_nothing_half_written_stays_in_the_cache(data, cache):
    path = data / "mine"
    path.write_bytes(GOOD)
    read(path)
    assert [os.path.splitext(file)[1] for file in kept(cache)] == [".npz"]
