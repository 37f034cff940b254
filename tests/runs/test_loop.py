"""The loop: which rounds are recorded, what the clock says, when it ends."""

import itertools

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.runs.loop import optimize
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec


@pytest.fixture
def problem():
    parts = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "objective": "least_squares"}
    return problem_of(RunSpec.make(parts))


def run(problem, rounds=10, gamma=1e-3, **settings):
    chosen = algorithms.make("ef21"), compressors.make("top_k")
    return optimize(problem, *chosen, x0=np.ones((1, problem.d)), gammas=[gamma], seeds=[0], rounds=rounds, **settings)


def ticking():
    """A clock that is read once a second."""
    seconds = itertools.count()
    return lambda: float(next(seconds))


@pytest.mark.parametrize(
    ("rounds", "every", "recorded"), [(0, 1, [0]), (3, 1, [0, 1, 2, 3]), (10, 4, [0, 4, 8, 10]), (2, 5, [0, 2]), (10, 5, [0, 5, 10])]
)
def test_round_0_every_so_many_and_the_last_are_recorded(problem, rounds, every, recorded):
    assert [record.round for record in run(problem, rounds, record_every=every)] == recorded


def test_what_is_recorded_does_not_change_the_run(problem):
    all_of_them = {record.round: record for record in run(problem)}
    for record in run(problem, record_every=3):
        assert record.loss == all_of_them[record.round].loss
        assert record.bits_up == all_of_them[record.round].bits_up


def test_seconds_count_the_rounds_and_not_the_waiting_between_them(problem):
    assert [record.seconds for record in run(problem, 3, clock=ticking())] == [1.0, 2.0, 3.0, 4.0]


def test_seconds_go_on_after_a_checkpoint(problem):
    first = run(problem, clock=ticking())
    early = [next(first) for _ in range(4)]
    later = run(problem, clock=ticking(), checkpoint=first.checkpoint())
    assert [record.seconds for record in [*early, *later]] == [float(second) for second in range(1, 12)]


def test_there_is_nothing_to_check_in_before_the_first_record(problem):
    with pytest.raises(RuntimeError, match="no round"):
        run(problem).checkpoint()


def test_a_finished_run_stays_finished(problem):
    going = run(problem, 2)
    assert len(list(going)) == 3
    assert list(going) == []
    assert list(run(problem, 2, checkpoint=going.checkpoint())) == []


def test_a_run_that_overflows_stops_there_with_a_record_of_it(problem):
    records = list(run(problem, 100_000, gamma=1e6, record_every=1000))
    assert records[-1].round < 100_000
    assert not np.isfinite(records[-1].grad_norm_sq[0] + records[-1].distortion[0])


def test_a_checkpoint_is_not_touched_by_the_run_that_goes_on(problem):
    going = run(problem)
    next(going)
    kept = going.checkpoint()
    before = {name: array.copy() for name, array in {**kept.state, **kept.bill}.items()}
    list(going)
    assert all(np.array_equal(array, before[name]) for name, array in {**kept.state, **kept.bill}.items())


def test_one_round_asks_for_the_gradients_once(problem, monkeypatch):
    calls, at = [], problem.at
    monkeypatch.setattr(type(problem), "at", lambda self, x: calls.append(1) or at(x))
    assert len(list(run(problem, 10))) == len(calls) == 11
