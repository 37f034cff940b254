"""A run that is to stop at a ‖∇f‖² is the whole run up to its first record that is there: alone, as a lane, resumed, tuned and kept."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ef21lab as lab
from ef21lab import cli
from ef21lab.reports.data import Reported
from ef21lab.reports.page import report
from ef21lab.reports.read import runs_in
from ef21lab.runs.experiment import start_run
from ef21lab.runs.trace import Trace, trace_of

SPEC = lab.RunSpec.make(
    {
        "dataset": "breast_cancer",
        "objective": "logistic_ridge",
        "partition": {"name": "contiguous", "nodes": 4},
        "rounds": 90,
        "step": {"rule": "theory", "multiple": 16},
    }
)
STEPS = [replace(SPEC, step=lab.step({"rule": "theory", "multiple": multiple})) for multiple in (0.5, 4, 16, 1e9)]  # the last diverges
WHOLE = lab.run_many(STEPS)
EPSILON = float(WHOLE[2]["grad_norm_sq"][20])


def up_to(trace: Trace, epsilon: float) -> int:
    """How many records there are up to the first at ε; all where none is."""
    there = np.flatnonzero(trace["grad_norm_sq"] <= epsilon)
    return int(there[0]) + 1 if len(there) else len(trace)


def assert_beginning(part: Trace, whole: Trace, records: int) -> None:
    assert len(part) == records
    for name in whole.names:
        if name != "seconds":
            np.testing.assert_array_equal(part[name], whole[name][:records])


def test_every_lane_ends_with_its_own_first_record_that_is_there() -> None:
    found = lab.run_many([replace(spec, stop_at=EPSILON) for spec in STEPS])
    lengths = [up_to(whole, EPSILON) for whole in WHOLE]
    assert 1 < lengths[2] < lengths[0] == 91  # the shortest step never gets there
    assert found[3].diverged
    for part, whole, records in zip(found, WHOLE, lengths, strict=True):
        assert_beginning(part, whole, records)


def test_only_records_end_a_run_and_x0_may_be_one() -> None:
    spec = replace(SPEC, record_every=7)
    whole = lab.run(spec)
    epsilon = float(whole["grad_norm_sq"][2])
    assert_beginning(lab.run(spec, stop_at=epsilon), whole, up_to(whole, epsilon))
    at_once = lab.run(SPEC, stop_at=1e9)
    assert at_once["round"].tolist() == [0]
    assert len(lab.run(SPEC, stop_at=0.0)) == 91


def test_one_that_is_resumed_ends_where_it_would_have_ended() -> None:
    spec = replace(SPEC, stop_at=EPSILON)
    first = start_run(spec)
    begun = [next(first) for _ in range(9)]
    rest = [*start_run(spec, first.checkpoint())]
    assert_beginning(trace_of([*begun, *rest]), WHOLE[2], up_to(WHOLE[2], EPSILON))


def test_a_tuned_step_is_told_by_where_its_candidates_stop() -> None:
    """By the usual ε below that, which nobody reaches, the one that happens to end lowest would win."""
    spec = replace(SPEC, step=lab.step({"rule": "tuned"}), stop_at=EPSILON)
    found = lab.tune(spec)
    assert found.epsilon == EPSILON
    costs = [one.bits_to(EPSILON, stays=False) for one in lab.run_many([replace(one, stop_at=0.0) for one in found.candidates])]
    assert found.chosen.place == int(np.argmin(costs))
    assert lab.run(spec)["grad_norm_sq"][-1] <= EPSILON


def test_it_belongs_to_the_key_to_the_link_and_to_the_record(tmp_path: Path) -> None:
    spec = replace(SPEC, stop_at=EPSILON)
    assert "stop_at" not in SPEC.json()
    assert len({SPEC.key, spec.key, replace(spec, stop_at=2 * EPSILON).key}) == 3
    assert lab.specs(lab.link(spec)) == [spec] == [lab.RunSpec.make(json.loads(json.dumps(spec.json())))]
    kept, again = (lab.run(spec, store=tmp_path) for _ in range(2))
    assert kept["seconds"].tolist() == again["seconds"].tolist()
    assert_beginning(again, WHOLE[2], up_to(WHOLE[2], EPSILON))


def test_a_report_of_it_is_whole_and_one_that_is_cut_before_is_none() -> None:
    spec = replace(SPEC, stop_at=EPSILON)
    whole = lab.run(spec)

    def told(trace: Trace) -> list[Reported]:
        return runs_in(report([Reported(spec, trace)], "en", "today"))

    assert len(told(whole)[0].trace) == len(whole) < 91
    short = Trace({name: column[:-1] for name, column in whole.columns.items()}, whole.contraction[:-1], {}, whole.x)
    for wrong in (short, WHOLE[2]):
        with pytest.raises(lab.Refusal, match="is no whole run"):
            told(wrong)


@pytest.mark.parametrize("words", [["--stop-at", repr(EPSILON)], ["--set", f"stop_at={EPSILON!r}"]])
def test_the_command_line_stops_there(words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(SPEC.json()).encode())))
    assert cli.main(["run", "-", *words]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1 + up_to(WHOLE[2], EPSILON)


def test_a_decaying_step_is_to_be_had_on_the_page_and_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    spec = replace(SPEC, rounds=3, step=lab.step({"rule": "decaying", "gamma": 0.3, "power": 0.5, "after": 2}))
    assert lab.specs(lab.link(spec)) == [spec]
    decaying = ["--set", "step.rule=decaying", "--set", "step.gamma=0.3", "--set", "step.after=2", "--set", "rounds=3"]
    assert cli.main(["run", lab.link(SPEC), *decaying]) == 0
    last = capsys.readouterr().out.splitlines()[-1].split(",")
    assert float(last[1]) == lab.run(spec)["loss"][-1]
