"""Tables on the command line: found beside the run, understood aloud, and run by themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import ef21lab as lab
from ef21lab import cli

ROWS = "".join(f"{at % 7},5;{3 + at % 4};{at % 11}\n" for at in range(60))


@pytest.fixture
def wine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C")
    (tmp_path / "wine.csv").write_text("acid;quality;sugar\n" + ROWS)
    return tmp_path / "wine.csv"


def test_a_run_finds_its_table_beside_it_and_says_what_was_guessed(wine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = {"name": "table", "file": "wine.csv", "label": "quality", "task": "regression", "standardise": True}
    spec = wine.with_name("spec.json")
    spec.write_text(json.dumps({"dataset": table, "objective": "least_squares", "rounds": 2}))
    assert cli.main(["describe", str(spec)]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["d"] == 2
    assert "The comma was read as the decimal sign." in told.err
    assert cli.main(["run", str(spec)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_a_table_stands_for_the_usual_run_on_it(wine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.main(["describe", str(wine), "--set", "dataset.label=quality", "--set", "dataset.task=regression"]) == 0
    by_command = json.loads(capsys.readouterr().out)
    monkeypatch.chdir(wine.parent)
    dataset = {"name": "table", "file": "wine.csv", "label": "quality", "task": "regression"}
    assert by_command == lab.describe(dataset=dataset, objective="least_squares")
    assert by_command["rows"] == 60
    assert cli.main(["link", str(wine), "--set", "dataset.label=2"]) == 0
    assert "dataset.table.content=" in capsys.readouterr().out


def test_a_table_that_cannot_be_read_is_refused_in_one_line(wine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wine.write_text("acid;quality\n1;2\n3\n")
    assert cli.main(["run", str(wine)]) == cli.commands.REFUSED
    assert capsys.readouterr().err == "line 3: 1 cell, 2 expected as in the first row\n"
