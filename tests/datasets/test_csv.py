"""The CSV reader: what the csv module writes comes back, and a Refusal points at the first fault of anything else."""

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.datasets.readers import table as _csv
from ef21lab.datasets.readers.heading import Asked
from ef21lab.datasets.readers.table import read_csv

finite = st.floats(-1e50, 1e50)
words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters=",;"), min_size=1, max_size=8).map(
    lambda word: f"_{word}"
)


def parse_csv(content, target=""):
    """The table alone, its labels in the column of this name or number."""
    return read_csv(content, Asked(target)).table


@st.composite
def tables(draw):
    """Rows of equally many features, and a label of one of two words for each."""
    width = draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(finite, min_size=width, max_size=width), min_size=2, max_size=6))
    names = draw(st.lists(words, min_size=2, max_size=2, unique=True))
    return rows, [names[0], names[1], *(draw(st.sampled_from(names)) for _ in rows[2:])]


def written(rows, separator=",", end="\n", quoting=csv.QUOTE_MINIMAL) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue().encode()


def refused(text: bytes, target: str = "") -> str:
    with pytest.raises(Refusal) as refusal:
        parse_csv(text, target)
    assert any("а" <= letter <= "я" for letter in refusal.value.text.ru)
    return str(refusal.value)


@given(
    tables(),
    st.data(),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n \n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
    st.booleans(),
)
def test_what_the_csv_module_writes_comes_back(table, data, separator, end, quoting, header, bom):
    features, labels = table
    place = data.draw(st.integers(0, len(features[0])))
    rows = [[*map(repr, row[:place]), label, *map(repr, row[place:])] for row, label in zip(features, labels, strict=True)]
    names = [f"name;, {column}\n" if quoting == csv.QUOTE_ALL else f"name {column}" for column in range(len(rows[0]))]
    text = b"\xef\xbb\xbf" * bom + written([names] * header + rows, separator, end, quoting)
    found = parse_csv(text, str(place + 1))
    assert np.array_equal(found.features, features)
    assert [found.classes[int(label > 0)] for label in found.labels] == labels
    assert list(found.classes) == sorted(set(labels))


@given(st.lists(st.lists(st.sampled_from([0.0, 1.5, -2e-7, 3e9]), min_size=3, max_size=3), min_size=1, max_size=5))
def test_a_table_of_numbers_is_read_as_numpy_reads_it(rows):
    text = written(rows)
    found = parse_csv(text, "1")
    expected = np.loadtxt(io.StringIO(text.decode()), delimiter=",", ndmin=2)
    assert np.array_equal(found.features, expected[:, 1:])
    distinct = np.unique(expected[:, 0])
    meant = 2.0 * (expected[:, 0] == distinct[-1]) - 1.0 if len(distinct) == 2 else expected[:, 0]
    if found.classes and len(distinct) > 2:
        meant = np.searchsorted(distinct, expected[:, 0])
    assert np.array_equal(found.labels, meant)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.text(st.sampled_from('01.,;\t"eE+- \r\n\x00naif\x1f\u0661\ufeffx_'), max_size=60).map(str.encode),
        st.lists(st.sampled_from(["1", "", '"', "x", "nan", "-inf", "1e999", "1_0", " 2 ", ",", ",", "\n", "\r\n"]), max_size=24).map(
            lambda parts: "".join(parts).encode()
        ),
    ),
    st.sampled_from(["", "1", "2", "0", "x", "nan", "9" * 80]),
)
@example(b"1,2\n1_0,3", "")
@example(b"\xd9\xa1,2\n1,3", "")
def test_any_bytes_are_a_table_or_a_refusal_and_nothing_else(text, target):
    try:
        table = parse_csv(text, target)
    except Refusal:
        return
    rows, columns = table.features.shape
    assert rows == len(table.labels) > 0
    assert columns > 0
    assert np.all(np.abs(table.features) <= _csv.LARGEST)
    assert np.isfinite(table.labels).all()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a,b,y\n1,2,3\n\n4,x,5\n", "line 4, column 2 ('b'): 'x' is not a finite number"),
        ("1,2,3\r\n4,nan,5\r\n", "line 2, column 2: 'nan' is not a finite number"),
        ("1,2\n-inf,5\n", "line 2, column 1: '-inf' is not a finite number"),
        ("1,2\n1e999,5\n", "line 2, column 1: '1e999' is not a finite number of magnitude at most 10⁵⁰"),
        ("1,2\n2,1e999\n", "line 2, column 2: '1e999' is not a finite number"),
        ("1,2\n0x10,5\n", "line 2, column 1: '0x10'"),
        ("1,2\n1_000,5\n", "line 2, column 1: '1_000'"),
        ("1;2\n1.5;3\n1,5;3\n", "line 3, column 1: '1,5' is not read as a number: here it is written with a point (1.5)"),
        ("1,2,3\n1,,3\n", "line 2, column 2: the cell is empty"),
        ("1,2,3\n1,2,\n", "line 2, column 3: the cell is empty"),
        ("1,2,3\n1,2\n", "line 2: 2 cells, 3 expected"),
        ("1,2,3\n1,2,3,4\n", "line 2: 4 cells, 3 expected"),
        ('"a\nb","c",y\n1,2,3\n1,oops,3\n', "line 4, column 2 ('c'): 'oops'"),
        ('1,2\n3,"4\n5,6\n', "the row that begins in line 2: its quotes"),
        ('1,2\n"3"x,4\n', "the row that begins in line 2: its quotes"),
        ("1,2\n" + '"' + "3" * 140_000 + '",1\n', "the row that begins in line 2: a cell is longer"),
        ("1\n2\n3\n", "line 1: 1 column; a label and 1..20,000 features"),
        ("a,b,c\n", "no rows"),
        ("", "no rows"),
        (" \r\n,,,\n", "no rows"),
        ("1,yes\n2,3\n", "line 2, column 2: the label '3' is a number, and that of line 1 is a word"),
        ("a,y\n1,2\n2,no\n", "line 3, column 2 ('y'): the label 'no' is a word, and that of line 2 is a number"),
        ("1,yes\n2,yes\n", "column 2 holds 1 word;"),
        ("".join(f"1,w{place}\n" for place in range(101)), "column 2 holds 101 different words"),
        ("1,yes\n2," + "n" * 81 + "\n", "line 2, column 2: a label of 81 characters"),
    ],
)
def test_a_fault_is_named_by_line_and_column(text, fault):
    assert refused(text.encode()).startswith(fault) or fault in refused(text.encode())


def test_a_byte_that_is_not_utf8_is_found():
    assert refused("1,да\n2,".encode() + "нет".encode("cp1251")).startswith("line 2: byte 0xed is not UTF-8")


@pytest.mark.parametrize(
    ("target", "features", "labels"),
    [
        ("", [[1, 2], [4, 5]], [-1, 1]),
        ("3", [[1, 2], [4, 5]], [-1, 1]),
        ("1", [[2, 3], [5, 6]], [-1, 1]),
        ("width", [[1, 3], [4, 6]], [-1, 1]),
    ],
)
def test_the_label_is_the_column_that_was_asked_for(target, features, labels):
    table = parse_csv(b"length,width, kind \n1,2,3\n4,5,6\n", target)
    assert table.features.tolist() == features
    assert table.labels.tolist() == labels


def test_a_header_of_numbers_is_one_where_it_names_the_target():
    assert parse_csv(b"0,1,kind\n5,6,2\n7,8,3\n", "kind").features.tolist() == [[5, 6], [7, 8]]


@pytest.mark.parametrize(
    ("asked", "names"),
    [(Asked("kind"), ("a", "b", "c")), (Asked("kind", omit="b"), ("a", "c")), (Asked("a", omit="kind"), ("b", "c"))],
)
def test_features_keep_their_names_in_their_order(asked, names):
    table = read_csv(b"a,b,kind,c\n1,2,0,3\n4,5,1,6\n", asked).table
    assert table.names == names
    assert table.features.shape[1] == len(names)
    assert parse_csv(b"1,cat,3\n2,dog,4\n").names == ()


def test_words_are_classes_in_the_order_of_the_alphabet():
    table = parse_csv("x,вид\n1,чёрный\n2,белый\n3,чёрный\n4,алый\n".encode())
    assert table.classes == ("алый", "белый", "чёрный")
    assert table.labels.tolist() == [2, 1, 2, 0]
    assert table.labels.dtype == np.intp


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("4", "there is no column 4; there are 3"),
        ("0", "no column 0"),
        ("z", "names no column 'z'"),
        ("a", "several columns are named 'a'"),
    ],
)
def test_a_target_that_is_not_there_is_refused(target, words):
    assert words in refused(b"a,b,a\n1,2,3\n4,5,6\n", target)


def test_more_numbers_than_are_taken_are_refused(monkeypatch):
    monkeypatch.setattr(_csv, "MOST_NUMBERS", 5)
    assert "more than" in refused(b"1,2,3\n" * 3)
    assert parse_csv(b"1,2,3\n" * 2).features.shape == (2, 2)
