"""The record of runs on the command line: found, shown, deleted, taken out, taken in, opened."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import ef21lab
from ef21lab.cli import main
from ef21lab.jobs import beside
from ef21lab.jobs.catalogue import COMMON
from ef21lab.jobs.marks import Said
from ef21lab.reports import parquet as parquet_files
from ef21lab.runs.spec import RunSpec

SPECS = [
    RunSpec.make({"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 5, "compressor": compressor})
    for compressor in ({"name": "top_k", "k": 1}, {"name": "top_k", "k": 12}, {"name": "st_hosvd", "ranks": 1})
]
KEYS = [spec.key for spec in SPECS]

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ef21(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """A command, where the record of this machine holds the runs of SPECS: its exit code, what it printed, what it said."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for spec in SPECS:
        ef21lab.run(spec, store=True)

    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(arguments)
        told = capsys.readouterr()
        return code, told.out, told.err

    return command


def test_runs_are_listed_the_newest_first_and_filtered(ef21: Command) -> None:
    code, told, said = ef21("runs")
    assert (code, said) == (0, "")
    assert [line.split()[0] for line in told.splitlines()] == [key[:12] for key in reversed(KEYS)]
    assert "Top-k k=12" in told
    for arguments, expected in (
        (["--compressor", "st_hosvd"], KEYS[2:]),
        (["k=1"], KEYS[:1]),
        (["top_k", "--sort", "bits_up", "--up"], KEYS[:2]),
        (["--below", "0"], []),
        (["--since", "2100-01-01"], []),
        (["--before", "2100-01-01", "--dataset", "breast_cancer", "--method", "ef21", "--bits", "1e9"], KEYS[::-1]),
    ):
        found = json.loads(ef21("runs", *arguments, "--json")[1])
        assert [run["key"] for run in found] == expected, arguments


def test_json_says_what_the_record_says_and_a_page_that_there_are_more(ef21: Command) -> None:
    code, told, said = ef21("runs", "--json", "--limit", "1", "--offset", "2")
    [run] = json.loads(told)
    whole = ef21lab.run(SPECS[0])
    assert run["grad_norm_sq"] == whole["grad_norm_sq"][-1]
    assert run["bits_up"] == whole["bits_up"][-1]
    assert "1 of 3 runs" in said


def test_any_number_of_runs_may_be_asked_for_and_a_file_of_ones_own_is_left_alone(ef21: Command, tmp_path: Path) -> None:
    assert len(json.loads(ef21("runs", "--json", "--limit", "9" * 30)[1])) == 3
    assert json.loads(ef21("runs", "--json", "--offset", "9" * 30)[1]) == []
    mine = tmp_path / "mine.csv"
    mine.write_text("a,b\n1,2\n")
    code, told, said = ef21("runs", "--json", "--store", str(mine))
    assert (code, told) == (2, "")
    assert "no record of runs" in said
    assert mine.read_text() == "a,b\n1,2\n"


def test_a_run_is_shown_by_the_beginning_of_its_key(ef21: Command) -> None:
    shown = json.loads(ef21("show", KEYS[0][:9])[1])
    assert shown["key"] == KEYS[0]
    assert RunSpec.make(shown["spec"]) == SPECS[0]
    assert ef21lab.specs(shown["link"]) == [SPECS[0]]


@pytest.mark.parametrize("key", ["0" * 24, "00000", "ab", "%", "x' OR 1"])
@pytest.mark.parametrize("command", ["show", "rm", "export", "report", "open"])
def test_what_names_no_run_is_refused_in_one_line(ef21: Command, command: str, key: str) -> None:
    code, told, said = ef21(command, key)
    assert (code, told) == (2, "")
    assert said.startswith("there is no run")
    assert len(said.splitlines()) == 1


def test_deleted_runs_are_gone_and_what_a_visitor_holds_stays_unless_that_is_said(ef21: Command) -> None:
    with beside.opened(beside.place_of(True)) as store:
        store.marks.put("anna", {KEYS[1]: Said(pinned=True)})
        store.marks.put(COMMON, {KEYS[0]: Said(("mine",))})
    assert [run["tags"] for run in json.loads(ef21("runs", "--tag", "mine", "--json")[1])] == [["mine"]]
    code, _, said = ef21("rm", *KEYS)
    assert code == 2
    assert f"stays, since it is going or a visitor has pinned or tagged it (--held deletes these too): {KEYS[1]}" in said
    assert json.loads(ef21("show", KEYS[1])[1])["state"] == "done"
    assert ef21("rm", "--held", KEYS[1])[0] == 0
    assert json.loads(ef21("runs", "--json")[1]) == []


def test_exported_numbers_are_those_of_the_runs(ef21: Command, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(ef21("export", *KEYS)[1])))
    for spec in SPECS:
        own = [float(row["grad_norm_sq"]) for row in rows if row["key"] == spec.key]
        assert own == ef21lab.run(spec)["grad_norm_sq"].tolist()
    ef21("export", KEYS[0], "--specs", "specs.json")
    assert [RunSpec.make(spec) for spec in json.loads((tmp_path / "specs.json").read_text())] == SPECS[:1]
    ef21("export", KEYS[0], "--csv", "run.csv")
    assert (tmp_path / "run.csv").read_text().startswith("contender,repeat,method")


def test_a_parquet_file_holds_the_same_with_types_of_their_own(ef21: Command, tmp_path: Path) -> None:
    read = pytest.importorskip("pyarrow.parquet").read_table
    assert ef21("export", *KEYS, "--parquet", "runs.parquet")[0] == 0
    table = read(tmp_path / "runs.parquet").to_pydict()
    rows = list(csv.DictReader(io.StringIO(ef21("export", *KEYS)[1])))
    assert list(table) == list(rows[0])
    assert table["bits_up"] == [float(row["bits_up"]) for row in rows]
    assert table["round"] == [int(row["round"]) for row in rows]


def test_without_pyarrow_it_is_said(ef21: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr(parquet_files.util, "find_spec", lambda name: None)
    assert ef21("export", KEYS[0], "--parquet", "runs.parquet") == (2, "", "Parquet files need pyarrow, which is not installed here\n")


def test_a_report_goes_to_another_lab_and_is_the_same_runs_there(ef21: Command, tmp_path: Path) -> None:
    code, told, _ = ef21("report", KEYS[0], KEYS[2][:8])
    assert (code, told) == (0, f"ef21lab-{KEYS[0][:8]}.html\n")
    other = str(tmp_path / "other.db")
    code, _, said = ef21("import", told.strip(), "--store", other)
    assert (code, said) == (0, f"taken in: {KEYS[0]}\ntaken in: {KEYS[2]}\n")
    assert "is here already" in ef21("import", told.strip(), "--store", other)[2]
    for place in (0, 2):
        found, made = ef21lab.run(SPECS[place], store=other), ef21lab.run(SPECS[place], store=True)
        for name, column in made.columns.items():
            np.testing.assert_array_equal(found[name], column)  # seconds too: it was read
        np.testing.assert_array_equal(found.x, made.x)


def test_what_is_no_report_is_refused_with_its_name_and_nothing_is_taken_in(ef21: Command, tmp_path: Path) -> None:
    page = ef21("report", KEYS[0])[1].strip()
    (tmp_path / "odd.html").write_text("<html></html>")
    other = str(tmp_path / "other.db")
    assert ef21("import", page, "odd.html", "--store", other) == (2, "", "odd.html: this is no report of a lab: it holds no runs\n")
    assert ef21("import", "missing.html")[2] == "cannot read missing.html: no such file or directory\n"
    assert json.loads(ef21("runs", "--json", "--store", other)[1]) == []


def test_a_run_is_opened_in_the_browser_and_its_address_printed(ef21: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    (tmp_path / "spec.json").write_text(json.dumps(SPECS[1].json()))
    code, told, _ = ef21("open", KEYS[0], "spec.json", "--base", "http://lab.example/here")
    assert (code, opened) == (0, [told.strip()])
    assert told.startswith("http://lab.example/here/?")
    assert ef21lab.specs(told.strip()) == SPECS[:2]
    assert ef21lab.specs(ef21("open", told.strip() + "#2", "--print")[1].strip()) == SPECS[1:2]
    assert len(opened) == 1


def test_a_date_that_is_none_is_refused(ef21: Command) -> None:
    assert ef21("runs", "--since", "yesterday")[2] == "'yesterday' is no date: 2026-01-31, or 2026-01-31T18:00\n"


NETWORK = RunSpec.make(
    {
        "dataset": "digits",
        "partition": {"name": "contiguous", "nodes": 2},
        "objective": {"name": "network", "network": {"name": "mlp", "width": 2}},
        "rounds": 2,
    }
)


def test_a_network_and_its_layers_are_taken_out_by_the_key(ef21: Command, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    trace = ef21lab.run(NETWORK, store=True)
    assert ef21("export", NETWORK.key[:9], "--network", "network.pt") == (0, "", "")
    parameters = torch.load(tmp_path / "network.pt", weights_only=True)
    assert [*parameters] == [name for name, _ in trace.trained().named_parameters()]
    np.testing.assert_array_equal(torch.cat([each.reshape(-1) for each in parameters.values()]).numpy(), trace.x)
    (tmp_path / "spec.json").write_text(json.dumps(NETWORK.json()))
    assert ef21("run", "spec.json", "--csv", "run.csv", "--network", "again.pt")[0] == 0
    again = torch.load(tmp_path / "again.pt", weights_only=True)
    assert all(torch.equal(again[name], each) for name, each in parameters.items())
    assert ef21("export", NETWORK.key, KEYS[0], "--layers", "layers.csv")[0] == 0
    rows = list(csv.DictReader((tmp_path / "layers.csv").open()))
    assert {row["key"] for row in rows} == {NETWORK.key}  # the other has none
    assert sum(float(row["energy"]) for row in rows if row["round"] == "0") == pytest.approx(trace["grad_norm_sq"][0])
    ef21("report", NETWORK.key, "--out", "report.html")
    assert ef21("import", "report.html", "--store", str(tmp_path / "elsewhere"))[0] == 0
    for name, each in ef21lab.run(NETWORK, store=tmp_path / "elsewhere").layers._asdict().items():
        np.testing.assert_array_equal(each, getattr(trace.layers, name))


def test_what_is_no_network_is_not_taken_out_as_one(ef21: Command, tmp_path: Path) -> None:
    for keys, words in ((KEYS[:2], "--network writes the network of one run, and 2 are named"), (KEYS[:1], "only the objective network")):
        code, told, said = ef21("export", *keys, "--network", "network.pt")
        assert (code, told) == (2, "")
        assert said.startswith(words)
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps(SPECS[0].json()))
    assert "only the objective network" in ef21("run", str(spec), "--network", "network.pt")[2]
    assert not (tmp_path / "network.pt").exists()
