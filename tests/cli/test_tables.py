"""Tables on the command line: found beside the run, understood aloud, and run by themselves."""

from __future__ import annotations

import csv
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


SWEPT = {
    "dataset": {"name": "table", "file": "wine.csv", "label": "quality", "task": "regression"},
    "objective": "least_squares",
    "rounds": 3,
}


def test_every_command_finds_a_table_beside_the_run_that_it_is_given(
    wine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that is named by the grid alone, whose content is another's."""
    monkeypatch.chdir(wine.parent.parent)
    spec, swept = wine.with_name("spec.json"), wine.with_name("sweep.json")
    spec.write_text(json.dumps(SWEPT))
    wine.with_name("other.csv").write_text("acid;quality;sugar\n" + ROWS.replace("0,5", "1,5"))
    grid = {"dataset.file": ["wine.csv", "other.csv"], "compressor": ["top_k", "sign"]}
    swept.write_text(json.dumps({"spec": SWEPT, "grid": grid, "epsilon": 1e-3}))
    assert cli.main(["sweep", str(swept), "--out", str(wine.with_name("out")), "--workers", "1"]) == 0
    told = capsys.readouterr()
    assert "The comma was read as the decimal sign." in told.err
    assert "no trace" not in told.err
    rows = [*csv.DictReader((wine.with_name("out") / "runs.csv").read_text().splitlines())]
    assert len({row["loss"] for row in rows}) == len({row["key"] for row in rows}) == 4
    assert cli.main(["search", str(swept), "--out", str(wine.with_name("searched"))]) == 0
    assert "decimal sign" in capsys.readouterr().err
    assert cli.main(["open", str(spec), "--print"]) == 0
    assert cli.main(["link", str(spec)]) == 0
    opened, linked = capsys.readouterr().out.splitlines()
    assert opened == linked
    assert "dataset.table.content=" in linked


def test_a_program_finds_a_table_where_it_works(wine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wine.parent)
    runs = [*lab.sweep(SWEPT, {"compressor": ["top_k", "sign"]}).specs, *lab.repeats(SWEPT, 1), lab.tune({**SWEPT, "step": "tuned"}).spec]
    assert len({run.dataset.content for run in runs} | {lab.run_many([SWEPT])[0].spec.dataset.content}) == 1
    assert lab.search(SWEPT, 1e9, grid={"compressor": ["top_k"]}).best.dataset.content
    assert lab.specs(lab.link(SWEPT))[0].dataset == runs[0].dataset


def test_what_was_guessed_is_said_once(wine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("describe", "run"):
        assert cli.main([command, str(wine), "--set", "rounds=1"]) == 0
        said = capsys.readouterr().err.splitlines()
        assert said
        assert len(said) == len({*said})
