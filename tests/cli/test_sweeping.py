"""`sweep`: a table and traces in a folder, each computed once; requests that cannot be met in one line."""

import csv
import json

import pytest

import ef21lab as lab
from ef21lab.cli import commands as cli

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 3}
SWEEP = {"spec": SMALL, "grid": {"compressor": ["top_k", "sign"], "step.multiple": [1, 2]}, "epsilon": [1e9, 1e-9]}


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def asked(tmp_path):
    """Run the command on this sweep; its exit code."""

    def run(content=SWEEP, *more):
        (tmp_path / "sweep.json").write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return cli.main(["sweep", str(tmp_path / "sweep.json"), "--out", str(tmp_path / "out"), "--workers", "1", *more])

    return run


def rows(tmp_path):
    with (tmp_path / "out" / "runs.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_the_table_has_a_row_for_every_run_and_every_trace_its_files(asked, tmp_path, capsys):
    assert asked() == 0
    assert capsys.readouterr().out == f"{tmp_path / 'out' / 'runs.csv'}\n"
    found = rows(tmp_path)
    assert [(row["compressor"], row["step.multiple"]) for row in found] == [("top_k", "1"), ("top_k", "2"), ("sign", "1"), ("sign", "2")]
    for row in found:
        spec = {**SMALL, "compressor": row["compressor"], "step": {"rule": "theory", "multiple": float(row["step.multiple"])}}
        trace = lab.run(spec)
        assert float(row["grad_norm_sq"]) == trace["grad_norm_sq"][-1]
        assert (float(row["bits_to_1e+09"]), row["bits_to_1e-09"]) == (trace["bits_up"][0], "inf")
        told = (tmp_path / "out" / "traces" / f"{row['key']}.csv").read_text(encoding="utf-8").splitlines()
        assert [line.rsplit(",", 1)[0] for line in told] == [line.rsplit(",", 1)[0] for line in trace.to_csv().splitlines()]


def test_a_sweep_that_overlaps_computes_only_what_is_new(asked, tmp_path):
    assert asked() == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "traces").iterdir()}
    assert asked({**SWEEP, "grid": {"compressor": ["sign", "natural"], "step.multiple": [1, 2]}}) == 0
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "traces").iterdir()}
    assert after.items() > before.items()
    assert len(after) == len(before) + 2 * 2
    assert len(rows(tmp_path)) == 4


def test_set_changes_the_run_under_the_grid(asked, tmp_path):
    assert asked({"grid": {"compressor.k": [1, 2]}}, "--set", "dataset=breast_cancer", "--set", "rounds=2") == 0
    assert [row["round"] for row in rows(tmp_path)] == ["2", "2"]


def test_a_run_that_the_problem_does_not_allow_is_said_and_has_a_row_without_numbers(asked, tmp_path, capsys):
    assert asked({"spec": SMALL, "grid": {"compressor.k": [1, 31]}}) == 0
    assert "1..30" in capsys.readouterr().err
    assert [row["loss"] == "" for row in rows(tmp_path)] == [False, True]
    assert "1..30" in rows(tmp_path)[1]["error"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "a sweep is a JSON object"),
        ("{}", "a sweep is a JSON object"),
        ({"grid": {}, "grids": 1}, "a sweep is a JSON object"),
        ({"grid": {"compressor.size": [1]}}, "compressor.size=1"),
        ({"grid": {"compressor": "top_k"}}, "at least one value"),
        ({"grid": {}, "epsilon": "small"}, "epsilon"),
        ({"grid": {}, "epsilon": [True]}, "epsilon"),
        ({"spec": 3, "grid": {}}, "a run is a JSON object"),
        ("{", "JSON"),
    ],
)
def test_what_is_no_sweep_is_refused_in_one_line(asked, capsys, content, words):
    assert asked(content) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words in err


@pytest.mark.parametrize("workers", ["0", "two", "-1", "1.5"])
def test_a_number_of_workers_that_is_none_is_refused(asked, capsys, workers):
    assert asked(SWEEP, f"--workers={workers}") == 2
    assert "--workers" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_refused(asked, tmp_path, capsys):
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    assert asked() == 2
    assert "cannot write" in capsys.readouterr().err
