"""The LIBSVM reader: the same numbers as scikit-learn's where a file is well formed, and a Refusal that points where it is not."""

import io

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.datasets.readers import libsvm as _libsvm
from ef21lab.datasets.readers.libsvm import parse_libsvm, read_libsvm

finite = st.floats(allow_nan=False, allow_infinity=False)
rows = st.tuples(st.integers(-3, 3), st.dictionaries(st.integers(1, 60), finite, max_size=8))
ends = st.sampled_from(["\n", "\r\n", " \n", " # a comment: 7:7\n", "\n\n", "\n# 1 2:3\n"])


def written(table, end: str) -> bytes:
    lines = (" ".join([str(label), *(f"{index}:{value!r}" for index, value in sorted(pairs.items()))]) for label, pairs in table)
    return end.join([*lines, ""]).encode()


@given(st.lists(rows, min_size=1, max_size=8).filter(lambda table: any(pairs for _, pairs in table)), ends)
def test_a_written_table_is_read_as_scikit_learn_reads_it(table, end):
    datasets = pytest.importorskip("sklearn.datasets", reason="scikit-learn is the oracle here")
    text = written(table, end)
    ours = parse_libsvm(text, "ours")
    theirs, labels = datasets.load_svmlight_file(io.BytesIO(text), n_features=ours.features.shape[1])
    assert np.array_equal(ours.features.toarray(), theirs.toarray())
    assert np.array_equal(given_labels(ours), labels)


def given_labels(table) -> np.ndarray:
    """The labels of the file again, from their coding."""
    if not table.classes:
        return table.labels
    places = (table.labels > 0).astype(int) if len(table.classes) == 2 else table.labels
    return np.array([float(name) for name in table.classes])[places]


@given(st.lists(rows, min_size=1, max_size=4), st.data())
def test_a_broken_file_is_read_or_refused_and_nothing_else(table, data):
    text = bytearray(written(table, "\n"))
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.sampled_from([b"", b":", b" ", b"-", b"e", b"9", b"x", b"\n", b"\x00", b"#"])
        )
    reads_or_refuses(bytes(text))


@given(st.one_of(st.binary(max_size=40), st.text("0123456789+-.eE: \t\r\n#qidnaf_x", max_size=40).map(str.encode)))
@example(b"1 1:1\x0b2:2")
@example(b"1 \xd9\xa1:1")
@example(b"1 1:1_0")
@example(b"\r0")
@example(b"nan 1:1")
@example(b"1 1:1 1e2:3")
def test_any_bytes_are_read_or_refused_and_nothing_else(text):
    reads_or_refuses(text)


def reads_or_refuses(text: bytes) -> None:
    try:
        table = parse_libsvm(text, "any")
    except Refusal:
        return
    assert np.isfinite(table.features.data).all()
    assert len(table.labels) == table.features.shape[0] > 0


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"1 3;1", "column 3: expected index:value, got '3;1'"),
        (b"-1  2:1 3", "column 9: expected index:value, got '3'"),
        (b"one 1:1", "column 1: expected a label (a finite number), got 'one'"),
        (b"  nan 1:1", "column 3: expected a label (a finite number), got 'nan'"),
        (b"1,2 1:1", "column 1: expected a label (a finite number), got '1,2'"),
        (b"1e999 1:1", "column 1: expected a label (a finite number), got '1e999'"),
        (b"1 -2:1", "column 3: expected index:value, got '-2:1'"),
        (b"1 10000000:1", "column 3: expected an index in 0..9,999,999, got '10000000:1'"),
        (b"1 1:1\t1:2", "column 7: expected an index above 1 (indices increase along a line), got '1:2'"),
        (b"1 5:1 3:2", "column 7: expected an index above 5 (indices increase along a line), got '3:2'"),
        (b"1 1:nan", "column 3: expected index:value, got '1:nan'"),
        (b"1 1:-1e999", "column 3: expected a finite value, got '1:-1e999'"),
        (b"1 qid:3 1:2", "column 3: expected index:value (ranking files with qid are not read), got 'qid:3'"),
        (b"1 " + b"x" * 99, "column 3: expected index:value, got '" + "x" * 37 + "...'"),
    ],
)
def test_a_fault_is_named_by_file_line_and_column(line, fault):
    text = b"1 1:1\n\n# heading\r\n-1 2:1 \r\n" + line + b"\n1 broken too\n"
    with pytest.raises(Refusal) as refusal:
        parse_libsvm(text, "w8a.txt")
    assert str(refusal.value) == f"w8a.txt, line 5, {fault}"
    assert refusal.value.text.ru.startswith("w8a.txt, строка 5, столбец ")


@pytest.mark.parametrize("text", [b"", b"\n \r\n", b"# only words\n", b"1\n-1\n"])
def test_a_file_without_features_is_refused(text):
    with pytest.raises(Refusal, match="empty.txt has no rows with features"):
        parse_libsvm(text, "empty.txt")


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(_libsvm, "MOST_BYTES", 3)
    (tmp_path / "big").write_bytes(b"1 1:1\n")
    with pytest.raises(Refusal, match="big has 6 bytes; at most 3 are read"):
        read_libsvm(tmp_path / "big")


@pytest.mark.parametrize("name", ["absent", "."])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path, name):
    with pytest.raises(Refusal, match="cannot be read"):
        read_libsvm(tmp_path / name)


@pytest.mark.parametrize(
    ("labels", "coded", "classes"),
    [
        ("2 1 2", [1.0, -1.0, 1.0], ("1", "2")),
        ("+1 -1 -1", [1.0, -1.0, -1.0], ("-1", "1")),
        ("0.5 1.5 0.5", [-1.0, 1.0, -1.0], ("0.5", "1.5")),
        ("7 3 5 3", [2, 0, 1, 0], ("3", "5", "7")),
        ("0.5 1 2", [0.5, 1.0, 2.0], ()),
        ("4 4", [4.0, 4.0], ()),
        (" ".join(map(str, range(101))), list(range(101)), ()),
    ],
)
def test_labels_are_two_signs_or_classes_or_a_target(labels, coded, classes):
    table = parse_libsvm("".join(f"{label} 1:1\n" for label in labels.split()).encode(), "labels")
    assert table.labels.tolist() == coded
    assert table.labels.dtype == (np.intp if len(classes) > 2 else np.float64)
    assert table.classes == classes


def test_zeros_that_are_written_out_are_dropped():
    assert parse_libsvm(b"1 1:0 2:3 4:-0.0\n", "zeros").features.nnz == 1
    assert parse_libsvm(b"1 1:0 2:3 4:-0.0\n", "zeros").features.shape == (1, 4)
