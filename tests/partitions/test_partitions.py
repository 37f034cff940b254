"""What every partition promises, and what each one is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.datasets.base import Table
from ef21lab.partitions.base import MOST_NODES, partitions
from ef21lab.text import Refusal


def table(rows: int) -> Table:
    return Table(np.zeros((rows, 1)), np.where(np.arange(rows) % 3, 1.0, -1.0), ("-1", "1"), (1,))


@pytest.mark.parametrize("name", partitions.members)
@given(nodes=st.integers(1, MOST_NODES), extra=st.integers(0, 1000))
def test_every_row_has_a_node_and_every_node_a_row(name, nodes, extra):
    node_of = partitions.make({"name": name, "nodes": nodes}).assign(table(nodes + extra))
    assert node_of.shape == (nodes + extra,)
    assert np.issubdtype(node_of.dtype, np.integer)
    assert set(node_of) == set(range(nodes))


@pytest.mark.parametrize("name", partitions.members)
def test_the_same_settings_deal_the_same_rows(name):
    assert np.array_equal(partitions.make(name).assign(table(100)), partitions.make(name).assign(table(100)))


@pytest.mark.parametrize("name", partitions.members)
def test_fewer_rows_than_nodes_are_refused_in_words(name):
    with pytest.raises(Refusal, match=r"20 nodes cannot share 19 rows") as refusal:
        partitions.make({"name": name, "nodes": 20}).assign(table(19))
    assert "19" in refusal.value.text.ru


def test_contiguous_is_the_split_of_the_ef21_authors():
    """⌊8124/20⌋ = 406 rows each in file order, the remaining 4 on the last node."""
    node_of = partitions.make("contiguous").assign(table(8124))
    assert np.all(np.diff(node_of) >= 0)
    assert np.bincount(node_of).tolist() == [406] * 19 + [410]


def test_shuffled_gives_the_sizes_of_contiguous():
    node_of = partitions.make("shuffled").assign(table(8124))
    assert np.bincount(node_of).tolist() == [406] * 19 + [410]


def test_shuffled_follows_its_seed():
    first, second = (partitions.make({"name": "shuffled", "seed": seed}).assign(table(1000)) for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_shuffled_spreads_each_node_over_the_file():
    """The mean row number of a node of 500 among 10000 rows is 5000 ± 5 · 10000/√(12·500)."""
    node_of = partitions.make("shuffled").assign(table(10_000))
    means = [np.flatnonzero(node_of == node).mean() for node in range(20)]
    assert np.all(np.abs(np.array(means) - 5000) < 5 * 10_000 / np.sqrt(12 * 500))
