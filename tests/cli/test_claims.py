"""`figure` says of every claim whether it holds, and its exit code says so too."""

import json

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


@pytest.mark.parametrize(
    ("words", "why"),
    [("mona_lisa", "mona_lisa"), ('{"name": "talk", "ranks": 0}', "ranks"), ('{"name": "talk"', "JSON"), ('{"nom": 1}', "name")],
)
def test_what_is_no_figure_is_refused_in_words(words, why, capsys):
    assert main(["figure", words]) == 2
    assert why in capsys.readouterr().err
