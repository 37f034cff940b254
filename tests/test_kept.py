"""What a process keeps is bounded by its bytes: a planted weight, and the bytes that Python itself counts."""

import gc
import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp

from ef21lab.datasets.base import Table
from ef21lab.kept import Kept, array_bytes
from ef21lab.runs import posed
from ef21lab.runs.spec import FAMILIES, RunSpec

MILLION = 10**6


def kept(most, asked):
    """What is still there after these have been asked for, each as heavy as its own number."""
    things, made = Kept(most, weight=lambda value: value), []
    for number in asked:
        things.get(number, lambda number=number: made.append(number) or number)
    return things, made


def test_the_sum_of_weights_stays_within_the_bound_and_those_used_longest_ago_go():
    things, made = kept(10, [4, 3, 4, 5])
    assert things.bytes == 9
    assert made == [4, 3, 5]
    things.get(3, lambda: made.append(3) or 3)
    assert made == [4, 3, 5, 3]


def test_what_is_heavier_than_the_bound_is_kept_alone_so_that_a_run_of_many_chunks_finds_it():
    things, made = kept(10, [4, 90, 90, 90])
    assert (made, things.bytes) == ([4, 90], 90)


def test_an_error_in_the_making_leaves_nothing_behind():
    things = Kept(10, weight=lambda value: value)
    with pytest.raises(ZeroDivisionError):
        things.get("a", lambda: 1 // 0)
    assert things.get("a", lambda: 7) == 7


def many_classes(rows=20_000, classes=40, features=30):
    rng = np.random.default_rng(0)
    matrix = sp.random(rows, features, 0.05, format="csr", random_state=rng)
    return Table(matrix, np.arange(rows) % classes, tuple(map(str, range(classes))), (features,))


def two_classes():
    table = many_classes(60_000, 2)
    return table._replace(labels=2.0 * table.labels - 1.0)


@pytest.mark.parametrize(
    ("objective", "table"),
    [
        ("softmax", many_classes()),
        ("logistic_ridge", two_classes()),
        ("least_squares", Table(np.random.default_rng(1).normal(size=(20_000, 20)), np.linspace(0.0, 1.0, 20_000), (), (20,))),
    ],
)
def test_a_problem_weighs_what_tracemalloc_says_that_it_holds(objective, table):
    nodes = FAMILIES["partition"].make({"name": "shuffled", "nodes": 10}).assign(table)
    chosen = FAMILIES["objective"].make(objective)
    chosen.on(table, nodes, 10)  # what is imported at the first time is not the problem's
    gc.collect()
    tracemalloc.start()
    try:
        problem = chosen.on(table, nodes, 10)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert array_bytes(problem) == pytest.approx(held, rel=0.02)


def test_views_of_one_buffer_count_once():
    whole = np.zeros(MILLION)
    assert array_bytes([whole[:10], whole[5:], {"again": whole}]) == whole.nbytes


def test_a_worker_that_is_asked_for_one_heavy_problem_after_another_does_not_grow(monkeypatch):
    """Eight partitions of one large file with many classes, as a visitor draws them by moving the seed."""
    monkeypatch.setattr(posed, "_problems", Kept(3 * MILLION))
    monkeypatch.setattr(posed, "table_of", lambda dataset, nodes: many_classes())
    gc.collect()
    tracemalloc.start()
    try:
        for seed in range(8):
            partition = {"name": "shuffled", "nodes": 10, "seed": seed}
            weight = array_bytes(posed.problem_of(RunSpec.make({"dataset": "digits", "partition": partition, "objective": "softmax"})))
        gc.collect()
        standing = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert 8 * weight > 6 * MILLION
    assert standing < 4 * MILLION
