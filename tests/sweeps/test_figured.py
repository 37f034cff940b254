"""A figure over the record of runs: computed once, gone on with, and all its cases beside each other."""

from __future__ import annotations

from pathlib import Path

import pytest

import ef21lab as lab
from ef21lab.choices.text import Refusal
from ef21lab.figures import base
from ef21lab.figures.base import figures
from ef21lab.jobs import beside
from ef21lab.runs.posed import problem_of

SMALL = {"name": "talk", "rounds": 20, "beginnings": 1, "per_octave": 1}


def runs(given):
    one = figures.make(given)
    return one.runs(problem_of(one.problem()).facts)


def spoken(outcome):
    return [(claim.expected, claim.measured, claim.holds) for claim in outcome.claims]


def test_what_is_known_is_not_computed_again_and_what_is_new_is_kept(tmp_path: Path) -> None:
    asked = runs("divergence")
    lab.run(asked[3], store=tmp_path)
    told: list[tuple[int, int]] = []
    first = lab.figure("divergence", store=tmp_path, watch=lambda done, of: told.append((done, of)))
    assert told[0] == (1, len(asked))
    assert told[-1] == (len(asked), len(asked))
    again: list[tuple[int, int]] = []
    second = lab.figure("divergence", store=tmp_path, watch=lambda done, of: again.append((done, of)))
    assert again == [(len(asked), len(asked))]
    assert spoken(first) == spoken(second) == spoken(base.figure("divergence"))
    with beside.opened(beside.place_of(tmp_path)) as record:
        assert {record.status(run.key).state for run in asked} == {"done"}
        assert record.snapshot_rounds(asked[0].key)  # pages show messages of it


def test_an_overview_reads_the_record_says_what_is_missing_and_computes_it_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EF21LAB_DATA", str(tmp_path))
    monkeypatch.setenv("EF21LAB_CACHE", str(tmp_path))
    monkeypatch.setattr("ef21lab.figures.talk.ON", ("mushrooms", "phishing"))
    first, second = runs(SMALL), runs({**SMALL, "ranks": 2})
    lab.run(second[0], store=tmp_path)
    outcome = lab.figure(SMALL, store=tmp_path)
    found = lab.overview(SMALL, store=tmp_path)
    one, two, *absent = found.cases
    assert (one.runs, one.missing) == (first, ())
    assert [factor.each for factor in one.factors] == [factor.each for factor in outcome.compared.factors]
    assert (two.outcome, two.missing) == (None, second[1:])
    assert two.seconds > 0.0
    assert [case.absence for case in absent] == [figures.make({"name": "talk", "dataset": "phishing"}).absence()] * 2
    whole = lab.overview(SMALL, store=tmp_path, compute=True)
    assert not any(case.missing for case in whole.cases)
    assert whole.frame()["ranks"].tolist() == [1, 1, 1, 2, 2, 2]
    assert whole.frame()["factor"].tolist()[3:] == [one.middle for one in lab.figure({**SMALL, "ranks": 2}).compared.factors]


def test_a_figure_of_one_case_has_no_overview(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="divergence: there is only one case"):
        lab.overview("divergence", store=tmp_path)
