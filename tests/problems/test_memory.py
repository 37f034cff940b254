"""A large dense table: what a problem on it takes is one copy, laid out, and passing pieces."""

import tracemalloc

import numpy as np
import pytest

from ef21lab.datasets.base import Table
from ef21lab.partitions.base import partitions
from ef21lab.problems import _products, _spectrum
from ef21lab.problems.base import objectives

ROWS, P = 2000, 500


@pytest.fixture
def table(monkeypatch):
    """A table that is as large for the pieces and bounds of the code as one of a gigabyte is."""
    monkeypatch.setattr(_spectrum, "PIECE", ROWS * P // 20)
    monkeypatch.setattr(_products, "LARGE_TABLE", ROWS * P // 20)
    rng = np.random.default_rng(0)
    return Table(rng.normal(size=(ROWS, P)), rng.choice([-1.0, 1.0], ROWS), ("no", "yes"), (P,))


def peak_in_copies(table, objective, partition):
    """The peak of memory beyond the table itself, while the problem is made."""
    node_of_row = partitions.make({"name": partition, "nodes": 20}).assign(table)
    tracemalloc.start()
    try:
        objectives.make(objective).on(table, node_of_row, 20)
        return tracemalloc.get_traced_memory()[1] / table.features.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("partition", partitions.members)
@pytest.mark.parametrize("objective", [name for name, member in objectives.members.items() if member().absence() is None])
def test_a_dense_table_is_never_held_three_times(table, objective, partition):
    assert peak_in_copies(table, objective, partition) < 2.0
