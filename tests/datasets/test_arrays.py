"""Rows that a program has in memory: equal rows are one dataset, others never are; what would be misread is refused where it is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.datasets import load_breast_cancer, load_iris

import ef21lab as lab
from ef21lab.choices.text import Refusal
from ef21lab.datasets.arrays import Arrays

RNG = np.random.default_rng(5)
ROWS = RNG.normal(size=(40, 6))
SIGNS = np.where(ROWS[:, 0] > 0, 1, -1)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))


def test_equal_rows_are_one_dataset_and_any_other_row_label_class_shape_or_name_is_another() -> None:
    kept = [
        lab.data(ROWS, SIGNS),
        lab.data(ROWS + np.eye(40, 6) * 1e-12, SIGNS),
        lab.data(ROWS, -SIGNS),
        lab.data(ROWS, np.where(SIGNS > 0, "b", "a")),
        lab.data(ROWS, SIGNS, shape=(2, 3)),
        lab.data(ROWS, SIGNS, names="uvwxyz"),
        lab.data(ROWS[::-1], SIGNS[::-1]),
        lab.data(sp.csr_matrix(ROWS), SIGNS),
    ]
    keys = [lab.RunSpec.make({"dataset": one}).key for one in kept]
    assert len(set(keys)) == len(keys)
    assert lab.data(ROWS.tolist(), list(SIGNS)) == lab.data(np.asfortranarray(ROWS), pd.Series(SIGNS, index=range(40, 80))) == kept[0]


@pytest.mark.parametrize(
    "labels", [SIGNS, (SIGNS + 1) // 2, SIGNS > 0, np.where(SIGNS > 0, "yes", "no"), (SIGNS + 3.0) / 2, SIGNS[:, None]]
)
def test_two_classes_are_minus_one_and_one_however_they_are_written(labels: Any) -> None:
    """0/1 taken as they are would leave all rows of class 0 out of a logistic loss."""
    assert np.array_equal(lab.data(ROWS, labels).load().labels, SIGNS)


def test_what_is_loaded_is_what_was_handed_over() -> None:
    features, labels = load_iris(return_X_y=True, as_frame=True)
    table = lab.data(features, labels).load()
    assert table.names == tuple(features.columns)
    assert np.array_equal(table.features, features.to_numpy())
    assert np.array_equal(table.labels, labels)
    assert table.classes == ("0", "1", "2")
    dense, thin = RNG.normal(size=(30, 4)), sp.random_array((30, 9), density=0.2, rng=RNG, format="coo")
    assert np.array_equal(lab.data(dense, dense[:, 0]).load().labels, dense[:, 0])
    kept = lab.data(thin, np.arange(30) % 3).load()
    assert kept.sparse
    assert np.array_equal(kept.features.toarray(), thin.toarray())


def test_a_program_may_change_its_arrays_afterwards_and_nobody_can_change_what_is_kept() -> None:
    rows = ROWS.copy()
    dataset = lab.data(rows, SIGNS)
    rows[:] = 0.0
    table = dataset.load()
    assert np.array_equal(table.features, ROWS)
    assert not table.features.flags.writeable


NAN, FRAME = np.full((40, 6), 1.0), pd.DataFrame(ROWS, columns=list("abcdef"))
NAN[7, 2] = np.nan


@pytest.mark.parametrize(
    ("features", "labels", "options", "words"),
    [
        (NAN, SIGNS, {}, "features[7, 2] is nan"),
        (sp.csr_matrix(NAN), SIGNS, {}, "features[7, 2] is nan"),
        (ROWS * 1e60, SIGNS, {}, "features[0, 0] is"),
        (ROWS + 0j, SIGNS, {}, "real numbers"),
        (ROWS.astype(object), SIGNS, {}, "real numbers"),
        (ROWS[0], SIGNS, {}, "(rows, columns)"),
        (ROWS[:0], SIGNS[:0], {}, "at least one of each"),
        ([[1.0], [1.0, 2.0]], [0, 1], {}, "real numbers"),
        (FRAME.assign(city="Kazan"), SIGNS, {}, "the column city holds no numbers"),
        (FRAME.where(FRAME > -9).mask(FRAME.index.to_series() == 3), SIGNS, {}, "features[3, 0] is nan"),
        (ROWS, SIGNS[:-1], {}, "features hold 40 rows, labels 39 numbers"),
        (ROWS, np.where(SIGNS > 0, 1.0, np.nan), {}, "labels["),
        (ROWS, [None, *["a"] * 20, *["b"] * 19], {}, "labels[0] is NaN"),
        (ROWS, [f"name {number}" for number in range(40)] * 1, {"task": "numbers"}, "labels"),
        (ROWS, ["one"] * 40, {}, "classes are 2..100"),
        (ROWS, SIGNS * 1j, {}, "labels"),
        (ROWS, SIGNS, {"task": "ranking"}, "'ranking'"),
        (ROWS, SIGNS, {"shape": (2, 2)}, "shape=[2, 2]"),
        (ROWS, SIGNS, {"shape": (-2, -3)}, "shape=[-2, -3]"),
        (ROWS, SIGNS, {"names": "uv"}, "2 names for 6 columns"),
    ],
)
def test_what_is_no_table_is_refused_where_it_is_wrong(features: Any, labels: Any, options: dict[str, Any], words: str) -> None:
    with pytest.raises(Refusal, match=re.escape(words)):
        lab.data(features, labels, **options)


def test_a_run_on_arrays_is_that_on_the_dataset_they_come_from() -> None:
    features, labels = load_breast_cancer(return_X_y=True)
    nodes = {"name": "contiguous", "nodes": 5}
    own = lab.run(data=(lab.dataset("breast_cancer").load().features, labels), rounds=6, partition=nodes)
    there = lab.run({"dataset": "breast_cancer", "rounds": 6, "partition": nodes})
    assert all(np.array_equal(own[name], there[name], equal_nan=True) for name in there.columns if name != "seconds")
    assert len(features) == 569


def test_fields_are_said_by_keyword_and_go_before_the_spec() -> None:
    whole = lab.describe({"dataset": "breast_cancer", "compressor": "sign", "partition": {"name": "contiguous", "nodes": 3}})
    assert lab.describe({"compressor": "sign"}, dataset="breast_cancer", partition={"name": "contiguous", "nodes": 3}) == whole
    assert [record.round for record in lab.stream(dataset="breast_cancer", rounds=2)] == [0, 1, 2]
    for arguments, words in (
        ({"data": ROWS}, "data is a pair"),
        ({"data": (ROWS, SIGNS), "dataset": "digits"}, "only one of them"),
        ({"round": 3}, "no field 'round'"),
    ):
        with pytest.raises(Refusal, match=re.escape(words)):
            lab.run(**arguments)


def test_arrays_that_are_gone_or_never_came_are_asked_for_in_words() -> None:
    with pytest.raises(Refusal, match=r"hands arrays over with lab\.data"):
        Arrays().load()
    with pytest.raises(Refusal, match="not kept on this machine"):
        Arrays("0" * 24).load()


def test_numbers_among_words_are_numbers_still() -> None:
    """The column of a table whose others hold words comes as objects: a target must not become classes of its digits."""
    target = [1.5, 2.5, 3.5, 10.0] * 10
    for given in (np.array(target, dtype=object), pd.Series(target, dtype=object), pd.Series(target, dtype="Float64")):
        assert lab.data(ROWS, given) == lab.data(ROWS, target)
    assert lab.data(ROWS, np.array([1, 2, 10, 20] * 10, dtype=object)).load().classes == ("1", "2", "10", "20")


@pytest.mark.parametrize(
    ("features", "labels", "words"),
    [
        (np.ma.array(ROWS, mask=np.eye(40, 6, k=2)), SIGNS, r"features\[0, 2\] is masked"),
        (ROWS, np.ma.array(SIGNS, mask=np.arange(40) == 3), r"labels\[3\] is masked"),
        (ROWS, [[1], [1, 2]] * 20, "one for each row is expected"),
    ],
)
def test_what_a_mask_hides_is_a_gap(features: Any, labels: Any, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        lab.data(features, labels)


@pytest.mark.parametrize("more", [{"names": 5}, {"shape": 6}])
def test_what_is_no_list_is_refused_by_its_name(more: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="a list is expected"):
        lab.data(ROWS, SIGNS, **more)


HOSTILE = ["<b>=1+1", "длина, мм", "two\nlines", "😀", "x" * 300, 'vol; "quoted"']
ANIMALS = pd.DataFrame(
    dict(zip(HOSTILE, ROWS.T, strict=True)) | {"colour": ["red", "blue"] * 20, "animal": np.where(SIGNS > 0, "owl", "cat")}
)


def test_a_data_frame_is_the_table_that_it_would_be_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers to the last bit, words as columns of 0 and 1, names as they are in one line."""
    nodes = {"name": "contiguous", "nodes": 4}
    there = lab.run(data=ANIMALS, label="animal", rounds=3, partition=nodes)
    table = there.spec.dataset.replace(standardise="off").load()
    assert np.array_equal(table.features[:, :6], ROWS)
    assert table.classes == ("cat", "owl")
    assert np.array_equal(table.labels, SIGNS)
    assert table.features[:, 6].tolist() == [1.0, 0.0] * 20
    path = tmp_path / "animals.csv"
    ANIMALS.to_csv(path, index=False)
    monkeypatch.chdir(tmp_path)
    as_file = lab.run({"dataset": {"name": "table", "file": path.name, "label": "animal"}, "rounds": 3, "partition": nodes})
    assert np.array_equal(there["loss"], as_file["loss"])
    assert lab.specs(lab.link(there.spec)) == [there.spec]


def test_the_label_of_a_data_frame_is_guessed_as_that_of_a_file_and_what_is_no_column_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    flowers, _ = load_iris(return_X_y=True, as_frame=True)
    flowers = flowers.assign(species=load_iris().target_names[load_iris().target])
    flowers.iloc[3, 1] = np.nan
    known = lab.describe(data=flowers)
    assert (known["rows"], known["d"]) == (150, 12)  # softmax of three classes
    assert "1 gap in 1 column of numbers filled" in capsys.readouterr().err
    assert lab.describe(data=flowers, label="petal width (cm)")["d"] == 3 + 3  # numbers, and one for each word
    for given, words in (({"data": flowers, "label": "x"}, "no one column x"), ({"data": (ROWS, SIGNS), "label": "x"}, "DataFrame")):
        with pytest.raises(Refusal, match=words):
            lab.describe(**given)
    with pytest.raises(Refusal, match="DataFrame"):
        lab.describe(label="x")
