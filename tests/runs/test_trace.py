"""Records as columns, and as CSV that reads back to the same numbers."""

import csv
import io

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.runs.experiment import run, start_run
from ef21lab.runs.posed import problem_of
from ef21lab.runs.record import kept_names
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import csv_header, csv_line, joined, trace_of

SPEC = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "rounds": 9}


def assert_same(one, other):
    assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in kept_names())
    assert np.array_equal(one.contraction, other.contraction, equal_nan=True)
    assert list(one.snapshots) == list(other.snapshots)


def test_csv_reads_back_to_the_same_numbers():
    trace = trace_of(start_run(SPEC))
    rows = list(csv.DictReader(io.StringIO(trace.to_csv())))
    assert list(rows[0]) == ["round", "loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "seconds"]
    for name in rows[0]:
        assert np.array_equal(np.array([float(row[name]) for row in rows]), trace[name])


def test_line_by_line_is_the_same_csv():
    records = list(start_run(SPEC))
    assert csv_header() + "".join(csv_line(record) for record in records) == trace_of(records).to_csv()


def test_parts_join_to_the_whole():
    records = list(start_run(SPEC))
    assert_same(joined([trace_of(records[:1]), trace_of(records[1:4]), trace_of(records[4:])]), trace_of(records))


def test_no_records_make_an_empty_trace():
    for empty in (joined([]), trace_of([])):
        assert len(empty) == 0
        assert not empty.diverged
        assert empty.to_csv() == csv_header()


def test_a_run_whose_numbers_overflow_has_diverged_and_another_has_not():
    least_squares = {**SPEC, "objective": "least_squares", "rounds": 1000}
    assert trace_of(start_run({**least_squares, "step": {"rule": "fixed", "gamma": 1e6}})).diverged
    assert not trace_of(start_run(SPEC)).diverged


def test_x_of_gradient_descent_is_that_of_its_recursion():
    spec = RunSpec.make({**SPEC, "algorithm": "gd", "step": {"rule": "fixed", "gamma": 0.01}})
    problem = problem_of(spec)
    x = spec.start.point(problem)
    for _ in range(9):
        x = x - 0.01 * problem.gradients(x[None, :])[0].mean(axis=0)
    np.testing.assert_allclose(run(spec).x, x, rtol=1e-6)  # messages travel as float32


@pytest.mark.parametrize("name", list(algorithms.members))
def test_the_last_loss_of_every_method_is_that_of_its_x(name):
    spec = RunSpec.make({**SPEC, "algorithm": name, "compressor": {"name": "rand_k", "scaling": "unbiased"}})
    trace = run(spec)
    x = trace.x[None, :]
    problem = problem_of(spec)
    assert trace.x.shape == (30,)
    assert problem.loss(x) + spec.algorithm.penalty(x) == trace["loss"][-1]


def test_x_of_the_last_part_is_that_of_the_whole():
    records = list(start_run(SPEC))
    assert joined([trace_of(records[:4], x=np.zeros(30)), trace_of(records[4:], x=np.ones(30))]).x.tolist() == [1.0] * 30
    assert trace_of(records).x is None
