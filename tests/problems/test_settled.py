"""Facts that are known are not computed again, and those of other data are not taken."""

from __future__ import annotations

import numpy as np
import pytest

from ef21lab.jobs.engine import execute, facts_of, messages_of, minimum_of, pace_of
from ef21lab.kept import Kept
from ef21lab.problems import _linear
from ef21lab.runs import posed
from ef21lab.runs.spec import RunSpec

OBJECTIVES = {"logistic_nonconvex": "breast_cancer", "logistic_ridge": "breast_cancer", "softmax": "digits", "least_squares": "diabetes"}


def spec(objective="logistic_ridge", nodes=3, **changes):
    problem = {"dataset": OBJECTIVES[objective], "objective": objective, "partition": {"name": "contiguous", "nodes": nodes}}
    return RunSpec.make({**problem, "rounds": 20, **changes})


@pytest.fixture
def computed(monkeypatch):
    """How often an eigenvalue was computed, by whoever asks: every constant but λ and counts needs one."""
    calls = []
    for name in ("largest_eigenvalue", "extremes"):
        real = getattr(_linear, name)
        monkeypatch.setattr(_linear, name, lambda *given, real=real: calls.append(1) or real(*given))
    return calls


def another_worker(monkeypatch):
    """A process that has posed no problem yet."""
    monkeypatch.setattr(posed, "_problems", Kept(posed.PROBLEMS_KEPT))


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_worker_that_is_told_the_facts_computes_none_and_the_same_run(objective, computed, monkeypatch):
    asked = spec(objective).json()
    another_worker(monkeypatch)
    facts, alone = facts_of(asked), execute(asked, None, 60.0)
    assert len(computed) > 0
    computed.clear()
    another_worker(monkeypatch)
    told = execute(asked, None, 60.0, None, facts)
    assert computed == []
    for name, column in alone.part.columns.items():
        if name != "seconds":
            np.testing.assert_array_equal(told.part[name], column, err_msg=name)
    np.testing.assert_array_equal(told.checkpoint.point(), alone.checkpoint.point())


def test_no_question_about_a_problem_whose_facts_are_known_computes_them(computed, monkeypatch):
    asked = spec().json()
    facts = facts_of(asked)
    for question in (
        lambda: pace_of(asked, facts),
        lambda: messages_of(asked, range(1), 0, facts),
        lambda: minimum_of(asked, facts),
    ):
        another_worker(monkeypatch)
        computed.clear()
        question()
        assert computed == []


def test_facts_of_other_data_are_not_taken(computed, monkeypatch):
    right, other = facts_of(spec(nodes=3).json()), facts_of(spec(nodes=4).json())
    another_worker(monkeypatch)
    computed.clear()
    posed_now = posed.problem_of(spec(), other)
    assert len(computed) > 0
    assert posed_now.facts.smoothness == right.smoothness
    np.testing.assert_array_equal(posed_now.facts.node_smoothness, right.node_smoothness)


def test_a_settled_problem_holds_no_table():
    chosen = spec()
    table = posed.table_of(chosen.dataset, 3)
    for facts in (None, facts_of(chosen.json())):
        problem = chosen.objective.on(table, chosen.partition.assign(table), 3)
        problem.settle(facts)
        assert problem._constants is None
