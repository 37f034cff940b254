"""What every partition promises, and what each one is."""

import itertools
import time

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import Refusal
from ef21lab.datasets.base import Table
from ef21lab.partitions.base import partitions
from ef21lab.plugins.of_data import OF_PARTITIONS, shares_among

MOST_NODES = 500  # of those that are tried at random


def table(rows: int) -> Table:
    return Table(np.zeros((rows, 1)), np.where(np.arange(rows) % 3, 1.0, -1.0), ("-1", "1"), (1,))


@pytest.mark.parametrize("name", partitions.members)
@given(nodes=st.integers(1, MOST_NODES), extra=st.integers(0, 1000))
def test_every_row_has_a_node_and_every_node_a_row(name, nodes, extra):
    shares_among(partitions.make(name), nodes, nodes + extra)


@pytest.mark.parametrize("promise", OF_PARTITIONS, ids=lambda promise: promise.says.en)
@pytest.mark.parametrize("name", partitions.members)
def test_a_partition_keeps_what_its_family_promises(name, promise):
    promise.check(partitions.make(name))


@pytest.mark.parametrize("name", partitions.members)
def test_the_refusal_of_too_few_rows_names_both_numbers(name):
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


def labelled(counts: list[int], seed: int = 0) -> Table:
    """So many rows of each class, mixed."""
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    return Table(np.zeros((len(labels), 1)), labels, tuple(map(str, range(len(counts)))), (1,))


def regression(rows: int, seed: int = 0) -> Table:
    return Table(np.zeros((rows, 1)), np.random.default_rng(seed).normal(size=rows), (), (1,))


def label_counts(table: Table, node_of: np.ndarray) -> np.ndarray:
    """How many rows of each class every node has, (nodes, classes)."""
    counts = np.zeros((node_of.max() + 1, len(table.classes)), dtype=int)
    np.add.at(counts, (node_of, table.labels), 1)
    return counts


@pytest.mark.parametrize("name", partitions.members)
def test_the_largest_files_are_dealt_in_well_under_a_second(name):
    """As many rows as w8a over the most nodes, ten classes."""
    given, chosen = labelled([4975] * 10), partitions.make({"name": name, "nodes": MOST_NODES})
    began = time.process_time()
    chosen.assign(given)
    assert time.process_time() - began < 0.5


def test_by_label_mixes_neighbouring_classes_on_at_most_one_node_each():
    given = labelled([50, 7, 120, 23])
    node_of = partitions.make({"name": "by_label", "nodes": 10}).assign(given)
    assert np.bincount(node_of).tolist() == [20] * 10
    classes_seen = (label_counts(given, node_of) > 0).sum(axis=1)
    assert classes_seen.sum() <= 10 + 4 - 1


def test_by_label_gives_each_node_one_class_where_the_sizes_allow_it():
    given = labelled([40] * 5)
    counts = label_counts(given, partitions.make({"name": "by_label", "nodes": 10}).assign(given))
    assert np.all(np.count_nonzero(counts, axis=1) == 1)


def test_by_label_gives_each_node_one_range_of_a_regression_target():
    given = regression(100)
    node_of = partitions.make({"name": "by_label", "nodes": 10}).assign(given)
    ranges = [(given.labels[node_of == node].min(), given.labels[node_of == node].max()) for node in range(10)]
    assert all(below[1] <= above[0] for below, above in itertools.pairwise(ranges))


@pytest.mark.parametrize("seed", range(5))
def test_a_large_concentration_gives_every_node_the_shares_of_the_whole(seed):
    """A share has mean 1/n = 0.05 and standard deviation √((1/n)(1 − 1/n)/(nβ + 1)) = 0.0015; a cut is rounded to a row."""
    given = labelled([3000, 1000, 6000])
    node_of = partitions.make({"name": "dirichlet", "nodes": 20, "concentration": 1e3, "seed": seed}).assign(given)
    shares = label_counts(given, node_of) / [3000, 1000, 6000]
    assert np.all(np.abs(shares - 1 / 20) < 5 * 0.0015 + 0.001)


def test_a_tiny_concentration_leaves_a_class_to_one_node():
    """A share is Beta(β, (n − 1)β), and at most one is above 0.8: so often, over 300 seeds, a class has a node with that much of it."""
    given, n, beta = labelled([1000, 1000, 1000]), 10, 1e-3
    deals = [partitions.make({"name": "dirichlet", "nodes": n, "concentration": beta, "seed": seed}).assign(given) for seed in range(300)]
    left_to_one = np.array([label_counts(given, node_of).max(axis=0) > 800 for node_of in deals])  # (seeds, classes)
    probability = n * scipy.stats.beta.sf(0.8, beta, (n - 1) * beta)
    assert probability > 0.97
    assert left_to_one.mean() == pytest.approx(probability, abs=4 * np.sqrt(probability * (1 - probability) / left_to_one.size))


def test_a_share_of_a_class_has_the_variance_of_the_dirichlet_law():
    """Var p = (1/n)(1 − 1/n)/(nβ + 1), over 2000 seeds; the standard error of a variance is about 5 % of it."""
    given, n, beta = labelled([1000, 1000]), 5, 0.6
    deals = [partitions.make({"name": "dirichlet", "nodes": n, "concentration": beta, "seed": seed}).assign(given) for seed in range(2000)]
    shares = [np.mean(node_of[given.labels == 1] == 2) for node_of in deals]
    assert np.mean(shares) == pytest.approx(1 / n, abs=0.02)
    assert np.var(shares) == pytest.approx((1 / n) * (1 - 1 / n) / (n * beta + 1), rel=0.2)


@pytest.mark.parametrize("name", ["dirichlet", "unequal"])
def test_another_seed_deals_otherwise(name):
    first, second = (partitions.make({"name": name, "seed": seed}).assign(table(1000)) for seed in (0, 1))
    assert not np.array_equal(first, second)


@given(nodes=st.integers(1, MOST_NODES), extra=st.integers(0, 5000), power=st.floats(0, 4))
def test_unequal_shares_follow_the_power_law_to_a_row(nodes, extra, power):
    node_of = partitions.make({"name": "unequal", "nodes": nodes, "power": power}).assign(table(nodes + extra))
    weights = np.arange(1, nodes + 1) ** -power
    assert np.all(np.abs(np.bincount(node_of) - 1 - extra * weights / weights.sum()) <= 1 + 1e-9)


@given(nodes=st.integers(1, MOST_NODES), counts=st.lists(st.integers(1, 400), min_size=1, max_size=10), beta=st.floats(1e-3, 1e3))
def test_every_node_has_a_row_at_any_concentration(nodes, counts, beta):
    given = labelled([*counts, nodes])
    node_of = partitions.make({"name": "dirichlet", "nodes": nodes, "concentration": beta}).assign(given)
    assert np.bincount(node_of, minlength=nodes).min() >= 1
