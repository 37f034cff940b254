"""The coordinates of x have the names of the columns and classes that they are weights of: hostile ones too, in every file and tooltip."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

import ef21lab as lab
from ef21lab import cli
from ef21lab.datasets.base import Table
from ef21lab.datasets.mushrooms import LEVELS, _letters
from ef21lab.problems.base import Coordinate, objectives
from ef21lab.runs.coordinates import HEAD, LONGEST_TOLD, MOST_TOLD, told, x_csv
from ef21lab.runs.fitting import fitting

HOSTILE = ("<img src=x onerror=alert(1)>", "длина, мм", "two\nlines", '"quoted"; =1+1', "😀" * 200, "same", "same", "", "\u202eabc")
THEIRS = {"breast_cancer": load_breast_cancer, "diabetes": load_diabetes, "digits": load_digits}


@pytest.mark.parametrize("name", THEIRS)
def test_bundled_tables_have_the_names_that_their_library_gives_them(name: str) -> None:
    table, theirs = lab.dataset(name).load(), THEIRS[name]()
    assert list(table.names) == list(theirs.feature_names)
    assert list(table.classes) == list(map(str, getattr(theirs, "target_names", [])))


def test_a_column_of_the_mushrooms_is_called_by_its_attribute_and_letter() -> None:
    table, letters, attributes = lab.dataset("mushrooms").load(), _letters()[:, 1:], list(LEVELS)
    for place, name in enumerate(table.names):
        attribute, letter = name.split("=")
        marked = letters[:, attributes.index(attribute)] == ord(letter)
        assert np.array_equal(table.features[:, [place]].toarray()[:, 0], marked)
    assert len(table.names) == 112


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_a_coordinate_weighs_the_column_that_it_is_called_by_for_its_class(classes: int) -> None:
    """A row that is zero but for one column, and an x that is zero but for one coordinate: the loss sees x there alone."""
    names = ("a", "", "c")
    labels = np.array([0.3, -1.2, 2.0]) if not classes else np.array([-1.0, 1.0, 1.0]) if classes == 2 else np.arange(3)
    table = Table(np.eye(3), labels, tuple("xyz"[:classes]), (3,), names)
    for objective in map(objectives.make, fitting(classes)):
        found = objective.coordinates(table)
        if objective.trains:
            assert found == ()
            continue
        d = objective.on(table, np.zeros(3, dtype=int), 1).d
        assert len(found) == d
        for place, (column, of_class) in enumerate(found):
            x = np.zeros(d)
            x[place] = 5.0
            for row in range(3):
                seen = (
                    abs(
                        objective.literal(x, np.eye(3)[row], labels[row], classes)
                        - objective.literal(-x, np.eye(3)[row], labels[row], classes)
                    )
                    > 1e-9
                )
                assert seen == (("a", "2", "c")[row] == column)
            if of_class and classes > 2:
                tells = objective.classifier(table)
                row = ("a", "2", "c").index(column)
                assert table.classes[int(tells(x[None, :])[0, row])] == of_class


def test_x_as_csv_has_hostile_names_and_every_number_to_the_last_bit() -> None:
    x = np.random.default_rng(1).normal(size=len(HOSTILE)) * 1e-7
    lines = [*csv.reader(io.StringIO(x_csv([Coordinate(name, "cl,ass") for name in HOSTILE], x), newline=""))]
    assert tuple(lines[0]) == HEAD
    assert [line[:3] for line in lines[1:]] == [[str(place), name, "cl,ass"] for place, name in enumerate(HOSTILE, start=1)]
    assert [float(line[3]) for line in lines[1:]] == x.tolist()
    assert x_csv((), x[:1]).splitlines()[1] == f"1,,,{float(x[0])!r}"


def test_a_browser_is_told_short_names_in_one_line_and_not_too_many() -> None:
    names = told([Coordinate(name, "class") for name in HOSTILE])
    assert all(name.isprintable() and len(name) <= LONGEST_TOLD for name in names)
    assert names[0] == "<img src=x onerror=alert(1)> · class"  # words: nothing on a page reads them as anything else
    assert names[2] == "two lines · class"
    assert told([Coordinate("a")] * (MOST_TOLD + 1)) == []


def test_the_command_line_writes_x_with_the_names_of_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path / "home"))
    rng = np.random.default_rng(0)
    rows = "".join(f"{rng.normal()},{rng.normal()},{('owl', 'cat', 'elk')[at % 3]}\n" for at in range(60))
    (tmp_path / "zoo.csv").write_text('"length, mm",вес,kind\n' + rows, encoding="utf-8")
    assert (
        cli.main(
            ["run", str(tmp_path / "zoo.csv"), "--set", "rounds=2", "--csv", str(tmp_path / "run.csv"), "--x", str(tmp_path / "x.csv")]
        )
        == 0
    )
    lines = [*csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text(encoding="utf-8")))]
    assert [(line["column"], line["class"]) for line in lines] == [
        (column, kind) for kind in ("cat", "elk", "owl") for column in ("length, mm", "вес")
    ]
    monkeypatch.chdir(tmp_path)
    assert [str(name) for name in lab.coordinates({"dataset": {"name": "table", "file": "zoo.csv"}, "objective": "softmax"})][
        0
    ] == "length, mm · cat"
