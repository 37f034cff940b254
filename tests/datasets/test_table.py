"""A table is taken rightly, or refused with the true reason: what was guessed is said, and the recipe belongs to the run."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import json
import lzma
import os
import zipfile

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.datasets.base import at_hand, datasets
from ef21lab.datasets.readers.features import LEVEL
from ef21lab.datasets.readers.grid import Cut, _names
from ef21lab.datasets.readers.understanding import Recipe, Understood, understood
from ef21lab.datasets.table import TableFile, keep
from ef21lab.runs import experiment
from ef21lab.runs.document import changed
from ef21lab.runs.spec import RunSpec

SIZES = [1.5, 2.5, 1.25, 3.5, 3.25, 2.25]
KINDS = ["cat", "dog", "cat", "dog", "dog", "cat"]
CSV = "size,kind\n" + "".join(f"{size},{kind}\n" for size, kind in zip(SIZES, KINDS, strict=True))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("EF21LAB_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path


def read(text: str | bytes, **recipe: object) -> Understood:
    return understood(text.encode() if isinstance(text, str) else text, Recipe()._replace(**recipe))


def dense(found: Understood) -> list[list[float]]:
    features = found.table.features
    return (features.toarray() if sp.issparse(features) else features).tolist()


def named(found: Understood) -> list[str]:
    return [found.table.classes[place] for place in found.table.places]


def said(found: Understood) -> str:
    return " ".join(note.en for note in found.notes).replace("\u00a0", " ")


ANIMALS = {"cat": "кошка", "dog": "собака"}
RUSSIAN = "рост;вид\n" + "".join(f"{str(size).replace('.', ',')};{ANIMALS[kind]}\n" for size, kind in zip(SIZES, KINDS, strict=True))
WRITTEN = {
    "utf-8": RUSSIAN.encode(),
    "utf-8 with a mark": b"\xef\xbb\xbf" + RUSSIAN.encode(),
    "utf-16": RUSSIAN.encode("utf-16"),
    "utf-16 big-endian without a mark": CSV.encode("utf-16-be"),
    "cp1251": RUSSIAN.encode("cp1251"),
    "koi8-r": RUSSIAN.encode("koi8-r"),
    "cp866": RUSSIAN.encode("cp866"),
    "capitals in cp1251": RUSSIAN.upper().encode("cp1251"),
    "tabs": CSV.replace(",", "\t").encode(),
    "bars": CSV.replace(",", "|").encode(),
    "blanks and quotes": CSV.replace("cat", '"a cat"').replace(",", "   ").encode(),
    "Windows lines": CSV.replace("\n", "\r\n").encode(),
    "a last separator": CSV.replace("\n", ",\n").encode(),
    "remarks": b"# from a field book\n# 2020\n" + CSV.encode(),
    "row names of R": b"size,kind\n" + b"".join(f"r{at},{row}\n".encode() for at, row in enumerate(CSV.splitlines()[1:])),
    "gzip": gzip.compress(CSV.encode()),
    "bzip2": bz2.compress(CSV.encode()),
    "xz": lzma.compress(CSV.encode()),
    "the end of DOS": CSV.encode() + b"\x1a",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_however_a_table_is_written_it_is_the_same_table(name):
    found = read(WRITTEN[name])
    assert dense(found) == [[size] for size in SIZES]
    assert [{"кошка": "cat", "собака": "dog", "a cat": "cat"}.get(word.lower(), word) for word in named(found)] == KINDS


def test_accents_are_no_cyrillic():
    text = "taille;espèce\n" + "".join(f"{size};{'chèvre' if kind == 'cat' else 'âne'}\n" for size, kind in zip(SIZES, KINDS, strict=True))
    found = read(text.encode("latin-1"))
    assert found.found["encoding"] == "latin-1"
    assert set(found.table.classes) == {"chèvre", "âne"}


def test_a_zip_of_one_table_is_opened_and_of_several_refused():
    def packed(*names):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name in names:
                archive.writestr(name, CSV)
        return out.getvalue()

    assert dense(read(packed("a.csv"))) == [[size] for size in SIZES]
    with pytest.raises(Refusal, match="ZIP archive of 2 files"):
        read(packed("a.csv", "b.csv"))


MIXED = """id,name,size,colour,tame,born,day,kind,empty,always,weight
7,Ann,1.5,red,yes,2020-01-05,Mon,cat,,x,$1 200
3,Bob,2.5,blue,no,2020-02-11,Tue,dog,,x,$800
9,Cyd,,red,no,2021-03-01,Tue,cat,,x,"$1,500"
1,Dan,3.5,green,yes,2019-07-30,Mon,dog,,x,$90
4,Eve,3.25,,no,2018-12-24,Mon,dog,,x,$100
5,Fay,2.25,red,yes,2020-05-05,Tue,cat,,x,$300
"""


def test_columns_of_every_kind_are_told_apart():
    found = read(MIXED, label="kind", standardise="off")
    levels = ["colour=blue", "colour=green", "colour=red", f"colour={LEVEL}"]
    assert found.table.names == ("size", "weight", "tame", *levels, "day=Tue")
    rows = dense(found)
    assert [row[0] for row in rows] == [1.5, 2.5, 2.5, 3.5, 3.25, 2.25]  # the median of 1.5, 2.25, 2.5, 3.25, 3.5
    assert [row[1] for row in rows] == [1200, 800, 1500, 90, 100, 300]
    assert [row[2] for row in rows] == [1, 0, 0, 1, 0, 1]
    assert all(sum(row[3:7]) == 1 for row in rows)
    assert named(found) == ["cat", "dog", "cat", "dog", "dog", "cat"]
    assert found.found["ignored"] == "id, name, born, empty, always"
    words = said(found)
    for one in ("number of the row", "names or free text", "dates", "empty", "one value throughout", "1 gap in 1 column of numbers filled"):
        assert one in words
    assert "2 columns of words became 5 columns of 0 and 1" in words
    assert "1 gap in 1 column of words became a level of their own" in words


def test_rows_with_gaps_can_be_dropped_or_a_gap_be_a_fault():
    found = read(MIXED, label="kind", gaps="drop", standardise="off")
    assert [row[0] for row in dense(found)] == [1.5, 2.5, 3.5, 2.25]
    assert named(found) == ["cat", "dog", "dog", "cat"]
    assert "2 rows with gaps dropped" in said(found)
    with pytest.raises(Refusal, match=r"line 4, column 3 \('size'\): a missing value"):
        read(MIXED, label="kind", gaps="refuse")


def test_a_row_without_a_label_is_dropped_and_counted():
    found = read(CSV + "9,\n8,NA\n")
    assert named(found) == KINDS
    assert "2 rows without a label dropped" in said(found)


WAITING = "a,b,c,label\n1.5,,x,yes\n2,,x,no\n3.5,,x,yes\n4,,x,no\n" + "5,7,y,\n6,8,z,\n" * 3


@pytest.mark.parametrize("gaps", ["fill", "drop"])
def test_a_column_is_judged_by_the_rows_that_have_a_label(gaps):
    """Most rows wait for theirs; b has no number in the others, and c one word, so neither tells them apart."""
    found = read(WAITING, gaps=gaps)
    assert (dense(found), found.table.names) == ([[1.5], [2], [3.5], [4]], ("a",))
    assert named(found) == ["yes", "no", "yes", "no"]
    for what in (
        "'label'), by its name",
        "Left out (empty): 2 ('b')",
        "Left out (one value throughout): 3 ('c')",
        "6 rows without a label",
    ):
        assert what in said(found)


CELLS = st.sampled_from(["", "0", "1", "2.5", "x", "y"])


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=4, max_size=9), st.sampled_from(["fill", "drop"]))
def test_every_feature_has_its_name_and_tells_some_rows_apart(rows, gaps):
    """Whatever is missing, the label too."""
    text = "a,b,c,label\n" + "".join(",".join(row) + "\n" for row in rows)
    try:
        table = read(text, gaps=gaps, standardise="off").table
    except Refusal:
        return
    features = table.features.toarray() if sp.issparse(table.features) else table.features
    assert len(table.names) == features.shape[1]
    assert np.isfinite(features).all()
    assert all(np.ptp(column) > 0 for column in features.T)


def test_columns_are_standardised_as_asked_and_an_intercept_stays_one():
    text = "a,b,y\n" + "".join(f"{1000 * size},{size * size},{kind}\n" for size, kind in zip(SIZES, KINDS, strict=True))
    plain = np.array(dense(read(text, standardise="off")))
    assert plain.tolist() == [[1000 * size, size * size] for size in SIZES]
    even = np.array(dense(read(text, standardise="on", intercept=True)))
    np.testing.assert_allclose(even[:, :2], (plain - plain.mean(axis=0)) / plain.std(axis=0))
    assert even[:, 2].tolist() == [1.0] * 6
    assert dense(read(text)) == dense(read(text, standardise="on"))
    assert "standardised" in said(read(text))


HEADERS = {
    "years under an empty corner": (",1940,1945,1950\nFood,1,2.5,3\nDrink,4,5,6\n", True),
    "years beside words": ("land,code,1960,1961,1962,1963\nAruba,ABW,1,2.5,3,1\nZimbabwe,ZWE,4,5,6,4\n", True),
    "a scale under an empty corner": ('"",16.5,16.75,17.25,17.5\na,1,0,3,1\nb,4,5,6,4\n', True),
    "a row that lacks its first number": (",1.5,2,0\n1,1.25,2.5,1\n2,0.5,1,0\n", False),
    "a row that happens to rise": ("x,1,2,3,4\ny,2,2,5,1\nx,4,1,2,3\ny,1,1,2,5\n", False),
    "words that come again": ("a,b\nb,a\na,a\nb,b\na,b\n", False),
}


@pytest.mark.parametrize("why", HEADERS)
def test_a_header_is_told_from_a_row(why):
    text, is_header = HEADERS[why]
    assert (read(text).found["header"] == "yes") is is_header


LABELS = {
    "by its name": ("species,a,b\nx,1,2\ny,2,1\nx,3,5\n", "species"),
    "a sure name before a likely one": ("price,target,b\n3.5,0,2\n2,1,1\n1,0,5\n", "target"),
    "two values last before a likely name of numbers": ("income,a,bought_it\n10,2,1\n20,1,0\n30,5,1\n", "bought_it"),
    "the only one of words": ("a,who,b\n1,x,2\n2,y,1\n3,x,5\n", "who"),
    "the last one": ("a,b,c\n1.5,2,2.5\n2,1,1\n3,5,5\n", "c"),
    "in Russian": ("вид,рост\nкот,1\nпёс,2\nкот,3\n", "вид"),
    "before an empty last column": ("a,b,c\n1.5,2,\n2,1,\n3,5,\n", "b"),
}


@pytest.mark.parametrize("why", LABELS)
def test_the_label_is_found(why):
    text, label = LABELS[why]
    assert read(text).found["label"] == label


def test_the_label_is_chosen_by_name_or_number_and_its_task_too():
    text = "a,stars,b\n" + "".join(f"{at % 7},{2 + at % 4},{at % 5 + 0.5}\n" for at in range(40))
    assert read(text).table.classes == ()
    assert read(text, label="stars").table.classes == ("2", "3", "4", "5")
    assert read(text, label="2", task="regression").table.labels[:4].tolist() == [2, 3, 4, 5]
    assert read(text, label="STARS").table.classes == ("2", "3", "4", "5")
    assert read(text, label="b", task="classes").table.classes == ("0.5", "1.5", "2.5", "3.5", "4.5")


REFUSED = {
    "a word among numbers": ("a,b\n1,x\n2,y\noops,x\n4,y\n", {"label": "b"}, r"line 4, column 1 \('a'\): 'oops' is not a number"),
    "a ragged row": ("a,b\n1,2\n3\n", {}, "line 3: 1 cell, 2 expected"),
    "a row too long": ("a,b\n1,2\n3,4,5\n", {}, "line 3: 3 cells, 2 expected"),
    "one class": ("a,y\n1,x\n2,x\n3,x\n", {"label": "y"}, "cannot be the label .one value"),
    "one class is left": ("a,y\n1,x\n2,x\n,z\n", {"label": "y", "gaps": "drop"}, "the rows have one label, 'x'"),
    "no such column": ("a,y\n1,x\n2,z\n", {"label": "q"}, "names no column 'q'; it has 'a', 'y'"),
    "a date as the label": ("a,d\n1,2020-01-01\n2,2020-01-02\n", {"label": "d"}, "cannot be the label .dates"),
    "words to predict": (CSV, {"task": "regression"}, "holds words, and numbers are to be predicted"),
    "the label left out": (CSV, {"label": "kind", "ignored": "kind"}, "is the label and cannot be left out"),
    "no feature": (CSV, {"label": "kind", "ignored": "size"}, "no feature is left"),
    "a huge number": ("a,y\n1,x\n1e60,z\n", {}, r"line 3, column 1 \('a'\): 10⁶⁰"),
    "an open quote": ('a,y\n1,x\n"2,z\n', {}, "the row that begins in line 3"),
    "one column": ("a\n1\n2\n", {}, "line 1 has one column"),
    "a zero byte": ("a,b\n1,\x002\n", {}, "line 2 holds a zero byte"),
    "JSON": ('[{"a": 1}]', {}, "this is JSON, not a table"),
    "a page": ("<!doctype html><table>", {}, "this is HTML or XML"),
    "a PDF": ("%PDF-1.7", {}, "this is a PDF"),
    "nothing": ("", {}, "the file has no rows"),
    "a header alone": ("a,b\n", {}, "the file has no rows|one value"),
    "the wrong encoding": (b"a,y\n1,\xff\n", {"cut": Cut(encoding="utf-8")}, "line 2: byte 0xff is not UTF-8"),
    "too wide": (",".join(["1"] * 30_000), {}, "30,000 columns; at most 20,000"),
    "a thousand columns of words": (
        "\n".join(",".join(f"{'xy'[(at + row) % 2]}" for at in range(1100)) for row in range(8)),
        {"cut": Cut(header="no")},
        "1,099 columns of words; .* at most 1,000",
    ),
    "a bomb": (gzip.compress(bytes(61_000_000), mtime=0), {}, "more than 60 MB"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_a_table_is_refused_with_the_reason(why):
    content, recipe, words = REFUSED[why]
    with pytest.raises(Refusal, match=words):
        read(content, **recipe)


def test_names_of_a_header_are_told_apart_and_nothing_in_them_is_lost():
    found = read('x,x,"a\nb","=cmd()",y\n1,2,3,4,p\n2,1,5,3,q\n3,3,4,7,p\n', standardise="off")
    assert found.table.names == ("x", "x (2)", "a b", "=cmd()")
    unseen = read("x,x\u200b,x (2),y\n1,2,3,p\n2,1,5,q\n3,3,4,p\n", standardise="off")
    assert unseen.table.names == ("x", "x (2)", "x (2) (2)")  # what cannot be seen sets no two apart


def test_a_header_that_calls_all_columns_alike_takes_no_time():
    names = _names(["x"] * 200_000)
    assert (len(set(names)), names[-1]) == (200_000, "x (200000)")


def test_a_scale_beside_nothing_is_infinitely_uneven_without_a_warning():
    found = read("x,z,y\n" + "".join(f"{at}e-320,{at},{'ab'[at % 2]}\n" for at in range(1, 9)))
    assert "were standardised" in said(found)


@pytest.mark.parametrize(
    ("text", "column"),
    [("1 qid:1 1:2\n-1 qid:1 1:3\n", 3), ("1 -1:2\n-1 1:1\n", 3), ("1 1:nan\n-1 1:1\n", 3), ("1,2 1:2\n3 1:1\n", 1)],
)
def test_a_libsvm_file_of_another_kind_is_no_table_of_words(text, column):
    with pytest.raises(Refusal, match=f"LIBSVM, line 1, column {column}"):
        read(text)


def test_a_first_row_that_counts_from_one_above_words_is_a_header():
    found = read("1,2,3\n" + "".join(f"{size},{at % 3},{kind}\n" for at, (size, kind) in enumerate(zip(SIZES, KINDS, strict=True))))
    assert (found.table.classes, len(found.table.labels), found.table.names) == (("cat", "dog"), 6, ("1", "2"))
    assert "was taken for the names of the columns" in said(found)
    assert len(read("1,2,3\n4,5,7\n1,3,7\n2,2,3\n").table.labels) == 4  # above numbers it may be a row
    assert "'9' never comes again" in said(read("7,8,9\n" + "".join(f"{at},{at % 5},{'ab'[at % 2]}\n" for at in range(12))))


def test_cyrillic_words_in_utf_16_need_no_mark():
    words = "вид;цвет;ответ\n" + "кот;чёрный;да\nпёс;белый;нет\nпёс;чёрный;да\nкот;белый;нет\n" * 3
    found = read(words.encode("utf-16-le"))
    assert found.found["encoding"] == "utf-16"
    assert found.table.classes == ("да", "нет")


def test_a_word_that_stands_for_a_gap_is_said_and_digits_make_levels():
    rows = "".join(f"{'unknown' if at % 5 == 0 else at},{'3+' if at % 4 == 3 else at % 4},{'ab'[at % 2]}\n" for at in range(40))
    found = read("a,n,y\n" + rows, standardise="off")
    assert "'unknown' stands among numbers 8 times" in said(found)
    assert {"n=0", "n=1", "n=2", "n=3+"} <= set(found.table.names)


def test_a_wide_table_of_words_stays_sparse_and_is_the_same():
    rows = "".join(f"{at % 40}q,{at % 37}w,{at % 2}\n" for at in range(15_000))
    found = read("a,b,y\n" + rows)
    assert sp.issparse(found.table.features)
    assert found.table.features.shape == (15_000, 77)
    assert (np.asarray(found.table.features.sum(axis=1)) == 2).all()


def test_a_workbook_is_read_as_it_shows():
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in [["size", "kind"], *map(list, zip(SIZES, KINDS, strict=True)), [None, "cat"]]:
        book.active.append(row)
    book.create_sheet("other")
    out = io.BytesIO()
    book.save(out)
    found = read(out.getvalue())
    assert dense(found)[:6] == [[size] for size in SIZES]
    assert dense(found)[6] == [2.375]
    assert named(found) == [*KINDS, "cat"]
    assert "Only the first sheet was read" in said(found)
    book.active["A3"] = "=A2+1"
    book.save(out := io.BytesIO())
    with pytest.raises(Refusal, match="line 3, column 1: a formula whose value was not saved"):
        read(out.getvalue())


@given(st.one_of(st.binary(max_size=60), st.text(max_size=80).map(str.encode), st.text('ab1,;. \n\t"-', max_size=80).map(str.encode)))
@example(b"++0;")
def test_any_bytes_are_a_table_or_a_refusal_and_nothing_else(content):
    with contextlib.suppress(Refusal):
        table = understood(content, Recipe()).table
        assert len(table.labels) > 0
        assert np.isfinite(table.features.toarray() if table.sparse else table.features).all()


ROWS = st.lists(st.lists(st.floats(-1e50, 1e50), min_size=3, max_size=3), min_size=2, max_size=20, unique_by=tuple)


@settings(max_examples=40)
@given(ROWS, st.sampled_from(",;\t|"))
def test_numbers_are_read_to_the_last_bit(rows, separator):
    text = "".join(separator.join(map(repr, row)) + "\n" for row in rows)
    recipe = Recipe(cut=Cut(header="no"), ignored="-", label="3", task="regression", standardise="off")
    with contextlib.suppress(Refusal):  # constant columns
        kept = [at for at in (0, 1) if len({row[at] for row in rows}) > 1]
        assert dense(understood(text.encode(), recipe)) == [[row[at] for at in kept] for row in rows]


def test_the_recipe_is_part_of_the_run_and_its_key_of_the_content(home):
    folder = home / "mine"
    folder.mkdir()
    (folder / "wine.csv").write_text("a,quality,b\n" + "".join(f"{at % 7},{3 + at % 4},{at % 5}\n" for at in range(40)))
    written = {
        "dataset": {"name": "table", "file": "wine.csv", "label": "quality", "task": "regression", "standardise": True},
        "objective": "least_squares",
        "partition": {"name": "contiguous", "nodes": 2},
        "rounds": 3,
    }
    spec = RunSpec.make(at_hand(written, folder))
    again = RunSpec.make(json.loads(json.dumps(spec.json())))
    assert again == spec
    assert again.key == spec.key
    trace = experiment.run(again)
    assert len(trace["loss"]) == 4
    by_name = RunSpec.make(at_hand(changed({**written, "dataset": {"name": "table", "file": "wine.csv"}}, ["dataset.label=a"]), folder))
    assert by_name.dataset.load().names == ("quality", "b")
    (folder / "wine.csv").write_text("a,quality,b\n1,2,3\n4,5,7\n7,8,2\n")
    assert RunSpec.make(at_hand(written, folder)).key != spec.key
    assert experiment.run(again)["loss"].tolist() == trace["loss"].tolist()  # what it was is kept


def test_a_run_on_an_upload_is_repeated_at_home_from_the_file(home, monkeypatch):
    uploaded = keep(CSV.encode(), "zoo.csv")
    written = {"dataset": datasets.json(uploaded)}
    monkeypatch.setenv("EF21LAB_HOME", str(home / "another machine"))
    dataset = datasets.make(written["dataset"])
    with pytest.raises(Refusal, match=r"zoo\.csv is not here; put the file beside the run"):
        dataset.load()
    (home / "zoo.csv").write_text(CSV + "1,dog\n")
    with pytest.raises(Refusal, match=r"zoo\.csv here is not the one"):
        at_hand(written, home)
    (home / "zoo.csv").write_text(CSV)
    assert datasets.make(at_hand(written, home)["dataset"]).load().classes == ("cat", "dog")


def test_every_setting_of_the_recipe_reaches_the_reader():
    dataset = keep(("a;b;y\n" + "".join(f"{at},5;{at % 3 or ''};{at % 2 + 1}\n" for at in range(20))).encode("cp1251"), "t.csv")
    settings = {
        "target": "b",
        "task": "regression",
        "ignore": "a",
        "gaps": "drop",
        "standardise": "on",
        "intercept": "on",
        "header": "no",
        "encoding": "koi8-r",
        "separator": "comma",
        "decimal": "point",
    }
    assert {"file", "content", *settings} == set(dataset.settings())
    cut = Cut("koi8-r", "comma", "point", "no")
    assert dataset.replace(**settings).recipe == Recipe(cut, "b", "regression", "a", "drop", "on", True)


def test_a_file_of_the_operator_is_found_by_its_name_and_its_content_is_filled_in(home):
    (home / "data" / "zoo.csv").write_text(CSV)
    dataset = TableFile(file="zoo.csv")
    assert dataset.content == keep(CSV.encode(), "zoo.csv").content
    (home / "data" / "zoo.csv").write_text(CSV + "1.5,dog\n")
    os.utime(home / "data" / "zoo.csv", ns=(1, 1))
    assert TableFile(file="zoo.csv").content != dataset.content
