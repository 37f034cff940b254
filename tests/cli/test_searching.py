"""`search`: the standings on standard output, a search that goes on, requests that cannot be met in one line."""

import csv
import json

import pytest

import ef21lab as lab
from ef21lab.cli import commands as cli

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "rounds": 30}
GRID = {"compressor": ["top_k", "sign"], "step.multiple": [1, 16, 64]}
EPSILON = 0.05


@pytest.fixture(autouse=True)
def english(monkeypatch, tmp_path):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("EF21LAB_HOME", str(tmp_path / "home"))


@pytest.fixture
def asked(tmp_path):
    """Run the command on this document; its exit code."""

    def run(document, *more):
        (tmp_path / "spec.json").write_text(json.dumps(document), encoding="utf-8")
        return cli.main(["search", str(tmp_path / "spec.json"), *more])

    return run


def test_the_standings_are_those_of_the_library(asked, capsys, tmp_path):
    found = lab.search(SMALL, EPSILON, GRID)
    assert asked({"spec": SMALL, "grid": GRID, "epsilon": EPSILON}, "--json", "--out", str(tmp_path / "out")) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["key"] for row in told["standings"]] == [spec.key for spec in found.standings]
    assert told["standings"][0]["cost"] == found.mark(found.best).cost
    assert lab.RunSpec.make(told["standings"][0]["spec"]) == found.best
    assert lab.specs(told["link"]) == found.first
    with (tmp_path / "out" / "standings.csv").open(encoding="utf-8", newline="") as table:
        assert [row["key"] for row in csv.DictReader(table)] == [spec.key for spec in found.standings]
    assert (tmp_path / "out" / "runs.db").exists()


@pytest.mark.parametrize(("language", "words"), [("C.UTF-8", "bits to ε"), ("ru_RU.UTF-8", "бит до ε")])
def test_the_table_says_it_for_people(asked, capsys, monkeypatch, language, words):
    monkeypatch.setenv("LC_ALL", language)
    assert asked({"spec": SMALL, "grid": GRID}, "--epsilon", str(EPSILON)) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert words in first
    best = lab.search(SMALL, EPSILON, GRID).best
    assert rows[0].endswith(best.key[:12])
    assert len(rows) > 6


@pytest.mark.parametrize(("language", "words"), [("C.UTF-8", "accuracy at least"), ("ru_RU.UTF-8", "точность не меньше")])
def test_a_race_to_an_accuracy_is_that_of_the_library(asked, capsys, monkeypatch, language, words):
    monkeypatch.setenv("LC_ALL", language)
    found = lab.search({**SMALL, "held_out": 0.2}, 0.8, GRID, metric="accuracy")
    how = ("--epsilon", "0.8", "--metric", "accuracy", "--set", "held_out=0.2")
    assert asked({"spec": SMALL, "grid": GRID}, *how) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert words in first
    assert rows[0].endswith(found.best.key[:12])
    assert asked({"spec": SMALL, "grid": GRID}, *how, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    best = told["standings"][0]
    assert (told["metric"], told["epsilon"], best["key"], best["level"]) == ("accuracy", 0.8, found.best.key, found.frame()["level"][0])


def test_asked_again_it_computes_nothing(asked, capsys, monkeypatch):
    from ef21lab.searches import computing

    assert asked({"spec": SMALL, "grid": GRID}, "--epsilon", str(EPSILON)) == 0
    once = capsys.readouterr().out
    monkeypatch.setattr(computing, "advance", lambda *args, **more: pytest.fail("computed again"))
    assert asked({"spec": SMALL, "grid": GRID}, "--epsilon", str(EPSILON)) == 0
    assert capsys.readouterr().out == once


def test_all_operators_race_where_no_grid_is_given(asked, capsys):
    quick = {"rule": "tuned", "octaves": 0}
    assert asked({**SMALL, "rounds": 2, "step": quick}, "--epsilon", "1e9", "--by", "seconds", "--network", "star", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["axis"] == "network"
    assert told["candidates"] == len(lab.search({**SMALL, "rounds": 2, "step": quick}, 1e9, network="star").specs) > 40


@pytest.mark.parametrize(
    ("words", "more"),
    [
        ("--epsilon 1e-6", ()),
        ("--epsilon", ("--epsilon", "small")),
        ("epsilon=-1.0", ("--epsilon", "-1")),
        ("metric='loss'", ("--epsilon", "1", "--metric", "loss")),
        ("held_out must be above 0", ("--epsilon", "0.9", "--metric", "accuracy")),
        ("on which network", ("--epsilon", "1", "--by", "seconds")),
        ("counts no seconds", ("--epsilon", "1", "--by", "bits", "--network", "star")),
        ("--network", ("--epsilon", "1", "--network", "{")),
        ("cannot write", ("--epsilon", "1", "--out", "/dev/null/here")),
    ],
)
def test_what_cannot_be_met_is_said_in_one_line(asked, capsys, words, more):
    assert asked(SMALL, *more) == cli.REFUSED
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1
