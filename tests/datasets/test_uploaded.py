"""Tables that visitors bring: kept under a hash, read as any dataset, gone in words."""

import bz2
import contextlib
import gzip
import hashlib
import lzma
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.datasets import uploaded as module
from ef21lab.datasets.base import datasets
from ef21lab.datasets.uploaded import Uploaded, store_upload
from ef21lab.runs import experiment

CSV = b"a,b,kind\n1,2,red\n3,4,blue\n5,7,red\n"
LIBSVM = b"+1 1:1 3:2\n-1 2:0.5\n+1 1:3\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    return tmp_path


PACKED = {"as it is": lambda content: content, "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("pack", PACKED)
@pytest.mark.parametrize("content", [CSV, LIBSVM, b"\xef\xbb\xbf" + CSV, b"\xef\xbb\xbf" + LIBSVM])
def test_what_was_brought_is_a_dataset_like_any_other(content, pack):
    brought = store_upload(PACKED[pack](content))
    dataset = datasets.make(datasets.json(brought.dataset))
    table = dataset.load()
    assert dataset.absence() is None
    assert np.array_equal(table.labels, brought.table.labels)
    assert table.classes == brought.table.classes
    assert table.features.shape == brought.table.features.shape


@pytest.mark.parametrize("content", [CSV, LIBSVM])
def test_an_upload_can_be_run_by_its_hash(content):
    brought = store_upload(content)
    spec = {"dataset": datasets.json(brought.dataset), "partition": {"name": "contiguous", "nodes": 3}, "rounds": 2}
    assert len(experiment.run(spec)["loss"]) == 3


def test_the_target_is_chosen_after_the_upload():
    dataset = store_upload(b"1,2,3\n4,5,6\n7,8,10\n").dataset
    assert dataset.replace(target="1").load().features.tolist() == [[2, 3], [5, 6], [8, 10]]
    with pytest.raises(Refusal, match="no column 9"):
        dataset.replace(target="9").load()


def test_a_libsvm_file_has_no_other_label():
    with pytest.raises(Refusal, match="the label comes first"):
        store_upload(LIBSVM).dataset.replace(target="2").load()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"1,2\n1,x\n3,y,4\n", "line 3: 3 cells"),
        (b"1 1:1\n1 1:x\n", "LIBSVM, line 2, column 3"),
        (b"1 20001:1\n", "20,001 columns; at most 20,000"),
        (b"1 1:1\n2 1:-1e60\n", "row 2 holds −10⁶⁰"),
        (b"0.5 1:1\n2e60 1:1\n1 1:1\n", "row 2 holds 2·10⁶⁰"),
        (gzip.compress(CSV, mtime=0)[:-9], "the archive is"),
        (b"\x1f\x8b" + bytes(50), "the archive is damaged"),
        (bz2.compress(CSV)[:20], "the archive is cut short"),
        (gzip.compress(bytes(61_000_000), mtime=0), "more than 60 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(content, words):
    with pytest.raises(Refusal, match=words):
        store_upload(content)


def test_an_archive_of_several_members_is_one_text():
    assert store_upload(gzip.compress(CSV[:14], mtime=0) + gzip.compress(CSV[14:], mtime=0)).table.features.tolist() == [
        [1, 2],
        [3, 4],
        [5, 7],
    ]


def test_a_file_that_is_too_large_is_refused_unread():
    with pytest.raises(Refusal, match=r"20 MB; at most 20 MB"):
        store_upload(b"1" * 20_000_001)


def test_rows_times_classes_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "MOST_SCORES", 5)
    with pytest.raises(Refusal, match="rows times classes make 6; at most 5"):
        store_upload(CSV)


@given(st.one_of(st.binary(max_size=60), st.binary(max_size=60).map(gzip.compress), st.text(max_size=60).map(str.encode)))
def test_any_bytes_are_a_table_or_a_refusal_and_nothing_else(content):
    with contextlib.suppress(Refusal):
        assert len(store_upload(content).table.labels) > 0


def test_the_same_bytes_are_the_same_table():
    assert store_upload(CSV).dataset == store_upload(CSV).dataset != store_upload(LIBSVM).dataset


def test_the_table_used_longest_ago_gives_way(home, monkeypatch):
    monkeypatch.setattr(module, "FILES_KEPT", 2)
    first, second, third = (b"1,2\n2,%d\n" % place for place in range(3))
    kept = [store_upload(content).dataset for content in (first, second)]
    for age, dataset in enumerate(kept):
        os.utime(home / "tables" / f"{dataset.content}.table", (age, age))
    kept[0].load()
    store_upload(third)
    assert kept[0].absence() is None
    assert kept[1].absence() is not None
    with pytest.raises(Refusal, match="no longer kept"):
        kept[1].load()


def test_a_damaged_table_counts_as_gone(home):
    dataset = store_upload(CSV).dataset
    (home / "tables" / f"{dataset.content}.table").write_bytes(b"table\n1,2\n3,4\n")
    with pytest.raises(Refusal, match="no longer kept"):
        dataset.load()


def test_before_an_upload_the_data_page_is_named():
    with pytest.raises(Refusal, match="on the Data page first"):
        Uploaded().load()
    assert "«Данные»" in Uploaded().absence().ru


@pytest.mark.parametrize("content", ["../../etc/passwd", "a" * 23, "G" * 24, "a" * 24 + "\n", 5, None])
def test_a_name_that_is_no_hash_is_refused(content):
    with pytest.raises(Refusal, match="24 hexadecimal digits"):
        Uploaded(content)


@pytest.mark.parametrize("target", ["x" * 81, "a\nb", 3, None])
def test_a_target_that_is_no_column_is_refused(target):
    with pytest.raises(Refusal, match="a column of the table"):
        Uploaded("", target)


@pytest.mark.parametrize(("kind", "content"), [("csv", CSV), ("libsvm", LIBSVM)])
def test_a_table_that_version_0_1_0_has_kept_is_read(home, kind, content):
    stored = f"{kind}\n".encode() + content
    name = hashlib.sha256(stored).hexdigest()[:24]
    (home / "tables").mkdir()
    (home / "tables" / f"{name}.table").write_bytes(stored)
    assert np.array_equal(Uploaded(name).load().labels, store_upload(content).table.labels)


BLANK = [[5.0, 5.3, 4.7], [4.1, 4.5, 4.0], [5.1, 6.3, 4.5], [4.4, 5.5, 5.4], [5.1, 4.1, 5.0], [5.7, 3.7, 4.5]]
GRADES = ["low", "low", "high", "low", "high", "high"]


def lines(*rows, separator=","):
    return "".join(separator.join(map(str, row)) + "\n" for row in rows).encode()


def sparse(first, colon=":"):
    return b"".join(
        f"{int(grade == 'high')} {' '.join(f'{at + first}{colon}{value}' for at, value in enumerate(row))}\n".encode()
        for row, grade in zip(BLANK, GRADES, strict=True)
    )


GRADED = [[*row, grade] for row, grade in zip(BLANK, GRADES, strict=True)]
NUMBERED = [[*row, int(grade == "high")] for row, grade in zip(BLANK, GRADES, strict=True)]
MISREAD = {
    "int_header_words": (lines(["0", "1", "2", "grade"], *GRADED), "counts the columns"),
    "int_header_numbers": (lines([0, 1, 2, 3], *NUMBERED), "counts the columns"),
    "label_first_words": (lines(["grade", "a", "b", "c"], *([row[3], *row[:3]] for row in GRADED)), "only one of words"),
    "index_column": (lines(["", "a", "b", "c", "grade"], *([at, *row] for at, row in enumerate(GRADED))), "was left out"),
    "blanks": (lines(*(["", *row] for row in NUMBERED), separator="   "), None),
    "commas": (lines(*NUMBERED), None),
    "no_ending": (sparse(1), None),
    "byte_order_mark": (b"\xef\xbb\xbf" + sparse(1), None),
    "space_after_colon": (sparse(1, ": "), None),
    "zero_based": (sparse(0), "counted from 0"),
    "decimal_commas": (lines(*([str(cell).replace(".", ",") for cell in row] for row in NUMBERED), separator=";"), "decimal sign"),
}


@pytest.mark.parametrize("name", MISREAD)
def test_a_table_is_taken_rightly_and_what_was_guessed_is_said(name):
    content, guess = MISREAD[name]
    read = store_upload(content).dataset.read()
    features = read.table.features.toarray() if read.table.sparse else read.table.features
    assert features.tolist() == BLANK
    named = [read.table.classes[int(label > 0)] for label in read.table.labels]
    meant = GRADES if "low" in read.table.classes else [str(int(grade == "high")) for grade in GRADES]
    assert named == meant
    assert ([guess in said.en for said in read.guesses] == [True]) if guess else read.guesses == ()


def test_a_gap_in_the_first_row_does_not_make_it_a_header():
    with pytest.raises(Refusal, match="line 1, column 1: 'NA' stands for a missing value"):
        store_upload(lines(["NA", 5.3, 4.7, 0], *NUMBERED))


def test_one_feature_with_decimal_commas_keeps_its_fractions():
    read = store_upload(b"0,5;0\n1,5;1\n" * 6).dataset.read()
    assert read.table.features[:2].tolist() == [[0.5], [1.5]]
    assert read.table.classes == ("0", "1")


def test_a_column_that_counts_the_rows_is_pointed_at_and_can_be_left_out():
    dataset = store_upload(lines(["id", "grade", "a", "b", "c"], *([1000 + at, row[3], *row[:3]] for at, row in enumerate(GRADED)))).dataset
    assert dataset.read().table.features.shape == (6, 4)
    assert any("('id') counts the rows" in said.en for said in dataset.read().guesses)
    for omit in ("id", "1", " 1 ,"):
        assert dataset.replace(omit=omit).load().features.tolist() == BLANK
    assert dataset.replace(omit="id, a").load().features.tolist() == [row[1:] for row in BLANK]


def test_an_unnamed_index_comes_back_when_asked_for():
    dataset = store_upload(MISREAD["index_column"][0]).dataset
    assert dataset.replace(omit="-").load().features.shape == (6, 4)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"omit": "grade"}, "is the label and cannot be left out"),
        ({"omit": "1,2,3", "target": "4"}, "no feature would be left"),
        ({"omit": "9"}, "columns to leave out: there is no column 9"),
        ({"omit": "nothing"}, "names no column 'nothing'"),
        ({"task": "numbers"}, "numbers are to be predicted"),
        ({"header": "no"}, "line 1, column 1: 'a' is not a finite number"),
    ],
)
def test_what_cannot_be_asked_of_a_table_is_refused(settings, words):
    dataset = store_upload(lines(["a", "b", "c", "grade"], *GRADED)).dataset
    with pytest.raises(Refusal, match=words):
        dataset.replace(**{"target": "grade", **settings} if "omit" in settings else settings).load()


def test_a_header_can_be_said_to_be_one_and_not_to_be():
    dataset = store_upload(lines([0, 1, 2, 3], *NUMBERED)).dataset
    assert dataset.replace(header="no").load().features.tolist() == [[0, 1, 2], *BLANK]
    assert store_upload(lines([7, 8, 9, 1], *NUMBERED)).dataset.replace(header="yes").load().features.tolist() == BLANK


def test_whole_numbers_can_be_a_quantity_and_any_numbers_classes():
    stars = store_upload(lines(*([at % 5, at % 7, 2 + at % 4] for at in range(40)))).dataset
    assert stars.load().classes == ("2", "3", "4", "5")
    assert stars.replace(task="numbers").load().classes == ()
    assert stars.replace(task="numbers").load().labels[:4].tolist() == [2, 3, 4, 5]
    halves = store_upload(lines(*([at % 5, at % 7, 0.5 * (at % 3)] for at in range(40)))).dataset
    assert halves.load().classes == ()
    assert halves.replace(task="classes").load().classes == ("0", "0.5", "1")
    both = store_upload(LIBSVM).dataset
    assert both.load().classes == ("-1", "1")
    assert both.replace(task="numbers").load().labels.tolist() == [1, -1, 1]


def test_uneven_columns_are_pointed_at_and_standardised_ones_converge():
    rng = np.random.default_rng(5)
    features = rng.normal(size=(200, 3)) * [300, 1, 0.01] + [1000, 0, 0]
    labels = (features @ [0.003, 1, 80] + rng.normal(size=200) > 3).astype(int)
    dataset = store_upload(lines(*([*row, label] for row, label in zip(features, labels, strict=True)))).dataset
    assert any("standardised" in said.en for said in dataset.read().guesses)
    even = dataset.replace(standardise="yes")
    assert even.read().guesses == ()
    np.testing.assert_allclose(even.load().features.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(even.load().features.std(axis=0), 1)

    def last(chosen):
        spec = {"dataset": datasets.json(chosen), "partition": {"name": "contiguous", "nodes": 4}, "rounds": 400}
        return experiment.run(spec)["grad_norm_sq"][-1]

    assert last(even) < 1e-7
    assert last(dataset) > 1e-3


@pytest.mark.skipif("EF21LAB_DATA" not in os.environ, reason="no directory of data is named")
def test_the_small_tables_that_use_has_brought():
    folder = Path(os.environ["EF21LAB_DATA"]).parent / "cases"
    if not folder.is_dir():
        pytest.skip("there are no such tables beside the data")
    shapes = {
        path.name: store_upload(path.read_bytes()).dataset
        for path in folder.iterdir()
        if path.name != "first_row_missing.csv" and path.suffix not in (".md",) and path.name != "README.txt"
    }
    found = {name: (dataset.load().features.shape, len(dataset.load().classes)) for name, dataset in shapes.items()}
    unlike = {
        "decimal_comma_one_feature.csv": ((12, 1), 2),
        "label_second_after_id.csv": ((12, 4), 2),
        "unscaled.csv": ((200, 3), 2),
        "integer_target.csv": ((200, 3), 19),
    }
    assert found == {name: unlike.get(name, ((12, 3), 2)) for name in found}
    assert len(found) == 14
