"""`figure` says of every claim whether it holds, and its exit code says so too."""

import json
import shlex

import pytest

from ef21lab.cli.commands import main
from ef21lab.figures.base import figure


def test_a_figure_whose_claims_hold(capsys):
    assert main(["figure", "divergence"]) == 0
    outcome = figure("divergence")
    assert capsys.readouterr().out.splitlines() == [f"holds: {claim.expected.en} ({claim.measured.en})" for claim in outcome.claims]


def test_a_claim_that_fails_is_an_exit_code(capsys):
    """Within twenty rounds nobody is lowest at a longer step than EF14."""
    given = {"name": "step_tolerance", "rounds": 20}
    outcome = figure(given)
    assert not outcome.holds
    assert main(["figure", json.dumps(given)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.startswith("holds: ") for line in said] == [claim.holds for claim in outcome.claims]


def test_an_overview_says_what_is_known_and_how_to_compute_the_rest(capsys, tmp_path, monkeypatch):
    for name in ("EF21LAB_DATA", "EF21LAB_CACHE"):
        monkeypatch.setenv(name, str(tmp_path))
    given = {"name": "talk", "rounds": 20, "beginnings": 1, "per_octave": 1}
    assert main(["figure", json.dumps(given), "--store", str(tmp_path)]) in (0, 1)
    capsys.readouterr()
    assert main(["figure", json.dumps(given), "--overview", "--store", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    factors = figure(given).compared.factors
    (row,) = [line.split(" | ") for line in said.splitlines() if line.startswith("Mushrooms, ranks 1 | ")]
    assert row[1:] == [f"{one.shown.en}, {one.sign.en}" for one in factors]
    commands = [shlex.split(line) for line in said.splitlines() if line.startswith("ef21lab ")]
    asked = [json.loads(words[2]) for words in commands]
    assert [(one["dataset"]["name"], one["ranks"], one["rounds"]) for one in asked] == [
        ("mushrooms", 2, 20),
        ("digits", 1, 20),
        ("digits", 2, 20),
    ]


def test_computing_without_an_overview_is_refused_in_words(capsys):
    assert main(["figure", "divergence", "--compute"]) == 2
    assert "--overview" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "why"),
    [("mona_lisa", "mona_lisa"), ('{"name": "talk", "ranks": 0}', "ranks"), ('{"name": "talk"', "JSON"), ('{"nom": 1}', "name")],
)
def test_what_is_no_figure_is_refused_in_words(words, why, capsys):
    assert main(["figure", words]) == 2
    assert why in capsys.readouterr().err
