"""Uploads: every refusal is in words, nothing else escapes, and what is kept is what was brought."""

import io
import os
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from ef21lab.choices.text import Refusal
from ef21lab.vectors import _uploads as uploads
from ef21lab.vectors.base import vectors
from ef21lab.vectors.uploaded import UploadedVector, store_upload

numbers = st.floats(-1e300, 1e300)


def npy(array, **options):
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def forged(shape, descr="<f8", data=b""):
    """A .npy file with a header of one's own."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file.getvalue() + data


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    return tmp_path


@given(arrays(np.float64, array_shapes(max_dims=5, max_side=4), elements=numbers), st.booleans())
def test_an_array_comes_back_in_its_shape(array, fortran):
    assert np.array_equal(uploads.parsed("x.npy", npy(np.asfortranarray(array) if fortran else array)), array)


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f8", "i1", "u2", "<i4", ">i8", "u8", "g"])
def test_every_real_width_is_read_as_float64(dtype):
    array = np.arange(6).astype(dtype).reshape(2, 3)
    parsed = uploads.parsed("X.NPY", npy(array))
    assert parsed.dtype == np.float64
    assert parsed.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_single_number_is_a_vector_of_length_one():
    assert uploads.parsed("x.npy", npy(np.float64(3))).tolist() == [3]


@given(st.lists(st.lists(numbers, min_size=3, max_size=3), min_size=2, max_size=5), st.sampled_from([",", ";", " ", "\t", " , "]))
def test_a_table_of_text_is_the_matrix_that_numpy_reads(rows, separator):
    text = "\n".join(separator.join(map(repr, row)) for row in rows)
    expected = np.array(rows)
    assert np.array_equal(uploads.parsed("x.csv", text.encode()), expected)
    if separator.isspace():
        assert np.array_equal(np.loadtxt(io.StringIO(text), ndmin=2), expected)


def test_ragged_text_one_line_and_one_column_are_plain_vectors():
    for text in ("1 2\n3\n4 5 6", "1,2;3 4,5 6", "1\n2\n\n3\r\n4\n5\n6\n", "\ufeff 1 2 3 4 5 6 "):
        assert uploads.parsed("x.txt", text.encode()).tolist() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2\n3,x\n", "line 2, column 3: 'x'"),
        ("1,,2", "line 1, column 3: ''"),
        ("1,2,", "line 1, column 5: ''"),
        ("\n\n  7 oops", "line 3, column 5: 'oops'"),
        ("1 nan", "line 1, column 3: 'nan' is not a finite number"),
        ("inf", "'inf' is not a finite"),
        ("1e999", "'1e999' is not a finite"),
        ("1_000", "'1_000'"),
        ("0x10", "'0x10'"),
        ("", "no numbers"),
        (" \n \n", "no numbers"),
    ],
)
def test_bad_text_is_refused_where_it_is_bad(text, words):
    with pytest.raises(Refusal, match=words):
        uploads.parsed("x.csv", text.encode())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (npy(np.array([{}], dtype=object), allow_pickle=True), "the array holds 'object'"),
        (pickle.dumps([1.0]), "not an array"),
        (npy(np.ones(3, complex)), "complex128"),
        (npy(np.ones(3, bool)), "bool"),
        (forged((1,) * 33, data=bytes(8)), "33 sides; at most 32"),
        (forged((1,) * 65, data=bytes(8)), "65 sides; at most 32"),
        (npy(np.array(["a"])), "U1"),
        (npy(np.zeros(2, [("a", "f8")])), "real numbers are expected"),
        (npy(np.array([1.0, np.nan])), "number 2 is nan"),
        (npy(np.array([[1.0, 1.0], [-np.inf, 1.0]])), "number 3 is -inf"),
        (npy(np.array([1e302])), "2¹⁰⁰⁰"),
        (npy(np.zeros((3, 0))), "no numbers"),
        (npy(np.ones(9))[:-1], "72 bytes of numbers expected, 71 came"),
        (npy(np.ones(9)) + b"x", "72 bytes of numbers expected, 73 came"),
        (forged((10**12,)), "1,000,000,000,000 numbers; at most 1,000,000"),
        (forged((10**9, 0)), "no numbers"),
        (forged((-1, -8)), "no numbers"),
        (npy(np.ones(1_000_001, "f4")), "1,000,001 numbers"),
        (b"PK\x03\x04", "not an array"),
        (b"\x93NUMPY\x09\x00", "not an array"),
        (b"\x93NUMPY\x01\x00\x08\x00((((((((", "not an array"),
        (b"", "not an array"),
    ],
)
def test_a_bad_array_is_refused_in_words(content, words):
    with pytest.raises(Refusal, match=words):
        uploads.parsed("x.npy", content)


@given(st.binary(max_size=200), st.sampled_from(["x.npy", "x.csv", "x.txt", "x", "x.pkl", ""]), st.booleans())
def test_any_bytes_are_numbers_or_a_refusal(content, name, honest_magic):
    content = (b"\x93NUMPY\x01\x00" if honest_magic else b"") + content
    try:
        values = uploads.parsed(name, content)
    except Refusal:
        return
    assert 1 <= values.size <= uploads.MOST_NUMBERS
    assert np.all(np.abs(values) <= uploads.LARGEST)


@given(st.text(st.sampled_from("0123456789.,; eE+-\n\tnaif"), max_size=40))
def test_any_text_is_numbers_or_a_refusal(text):
    try:
        values = uploads.parsed("x.csv", text.encode())
    except Refusal:
        return
    assert np.array_equal(values.reshape(-1), [float(cell) for cell in text.replace(",", " ").replace(";", " ").split()])


def test_more_than_eight_megabytes_are_refused_unread():
    with pytest.raises(Refusal, match=r"9\.0 MB; at most 8 MB"):
        uploads.parsed("x.csv", b"1" * 9_000_000)


def test_what_was_brought_can_be_looked_at_in_its_shape():
    array = np.arange(24.0).reshape(2, 3, 4)
    uploaded = store_upload("mine.npy", npy(array))
    sample = vectors.make(vectors.json(uploaded)).sample()
    assert np.array_equal(sample.values, array.reshape(-1))
    assert sample.layout == ((2, 3, 4),)


def test_the_same_numbers_are_one_file_and_another_shape_is_another():
    square = store_upload("a.npy", npy(np.ones((2, 2))))
    assert store_upload("b.csv", b"1 1\n1 1") == square
    assert store_upload("c.csv", b"1 1 1 1") != square


def test_the_file_used_longest_ago_gives_way(home, monkeypatch):
    monkeypatch.setattr(uploads, "FILES_KEPT", 3)
    brought = []
    for age, value in enumerate(b"12345"):
        brought.append(store_upload("x.txt", bytes([value])))
        os.utime(home / "vectors" / f"{brought[-1].content}.npy", (age, age))
        if age == 2:
            brought[0].sample()  # used just now
    assert len(list((home / "vectors").iterdir())) == 3
    assert brought[0].sample().values.tolist() == [1]
    with pytest.raises(Refusal, match="no longer kept"):
        brought[1].sample()


def test_before_an_upload_one_is_asked_for():
    with pytest.raises(Refusal, match="upload a .npy"):
        UploadedVector().sample()


@pytest.mark.parametrize("content", ["../../etc/passwd", "a" * 23, "G" * 24, "a" * 24 + "\n", 5, None])
def test_a_name_that_is_no_hash_is_refused(content):
    with pytest.raises(Refusal, match="24 hexadecimal digits"):
        UploadedVector(content)


def test_a_damaged_file_counts_as_gone(home):
    uploaded = store_upload("x.txt", b"1 2 3")
    (home / "vectors" / f"{uploaded.content}.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(Refusal, match="no longer kept"):
        uploaded.sample()


def test_as_many_numbers_as_are_taken_can_be_looked_at():
    uploaded = store_upload("x.npy", npy(np.ones(uploads.MOST_NUMBERS, "f4")))
    assert uploaded.sample().values.shape == (uploads.MOST_NUMBERS,)
