"""The generator: its knob does what the docstring says."""

import numpy as np
import pytest

from ef21lab.datasets.synthetic_classification import SyntheticClassification
from ef21lab.partitions.contiguous import Contiguous


def centres(table, nodes: int) -> np.ndarray:
    """The mean row of each class on each node, (nodes, 2p)."""
    node_of = Contiguous(nodes=nodes).assign(table)
    return np.array(
        [
            np.concatenate([table.features[(node_of == node) & (table.labels == label)].mean(axis=0) for label in (-1.0, 1.0)])
            for node in range(nodes)
        ]
    )


@pytest.mark.parametrize("h", [0.0, 0.5, 1.0])
def test_the_centres_of_two_blocks_correlate_by_one_less_the_heterogeneity(h):
    """With 5000 rows to a class in a block, noise takes 4 % off a correlation of 1000 coordinates (standard error 3 %)."""
    table = SyntheticClassification(rows=20_000, features=500, heterogeneity=h, blocks=2).load()
    first, second = centres(table, 2)
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(1 - h, abs=0.15)


@pytest.mark.parametrize("h", [0.0, 1.0])
def test_blocks_are_equally_hard_whatever_the_heterogeneity(h):
    """The mean square of a coordinate is 1 of the noise plus 1.5²/p of the centres."""
    table = SyntheticClassification(rows=20_000, features=100, heterogeneity=h, blocks=50).load()
    assert np.mean(table.features**2) == pytest.approx(1 + 1.5**2 / 100, abs=0.01)


def test_another_seed_draws_other_rows():
    first, second = (SyntheticClassification(seed=seed).load() for seed in (0, 1))
    assert not np.array_equal(first.features, second.features)


def test_more_classes_are_numbered_from_zero():
    table = SyntheticClassification(classes=5).load()
    assert table.classes == ("0", "1", "2", "3", "4")
    assert table.labels.dtype == np.intp
    assert set(table.labels) == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    "settings", [{"rows": 500, "blocks": 500}, {"rows": 999, "blocks": 500}, {"rows": 500, "features": 1, "classes": 10}]
)
def test_the_smallest_tables_load(settings):
    table = SyntheticClassification(**settings).load()
    assert len(table.labels) == settings["rows"]
    assert np.isfinite(table.features).all()
