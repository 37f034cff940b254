"""Dirichlet: every class is shared out among the nodes by random shares, even or lopsided as the concentration says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ef21lab.choices.spec import real, seed_of
from ef21lab.choices.text import Text
from ef21lab.datasets.base import Table
from ef21lab.partitions.base import Partition, check_enough
from ef21lab.streams import Stream, generator

RANGES = 10  # a regression target is cut into so many ranges of equally many rows


@dataclass(frozen=True)
class Dirichlet(Partition):
    """Of class c node i gets the share p_ci, (p_c1, …, p_cn) ~ Dirichlet(β, …, β) (Yurochkin et al. 2019), β the concentration.

    The rows of a class are shuffled and cut at the cumulated shares, each cut rounded to the nearest row. Then every node that is left with
    nothing takes one row from the node that has most. Both the labels and the sizes of the nodes become uneven: as β → ∞ all nodes
    look alike, as β → 0 each class falls to one node. Regression targets are cut into ten ranges, treated as classes.
    """

    concentration: float = real(
        0.3,
        1e-3,
        1e3,
        Text("Concentration β", "Концентрация β"),
        Text(
            "Small: a class falls to a few nodes; large: all nodes look alike.",
            "Малая: класс достаётся немногим узлам; большая: все узлы похожи.",
        ),
        logarithmic=True,
    )
    seed: int = seed_of(
        Text("Seed of the shares", "Зерно долей"),
        Text("Another seed draws other shares.", "С другим зерном выпадут другие доли."),
    )

    name = "dirichlet"
    label = Text("Dirichlet", "Дирихле")
    about = Text(
        "Each class is shared among the nodes by random Dirichlet shares: uneven labels and uneven sizes at once.",
        "Каждый класс делится между узлами случайными долями Дирихле: неравны сразу и метки, и объёмы.",
    )
    order = 30

    def assign(self, table: Table) -> np.ndarray:
        rows = len(table.labels)
        check_enough(rows, self.nodes)
        rng, kinds = generator(Stream.DIRICHLET, self.seed), _kinds(table)
        node_of = np.empty(rows, dtype=np.intp)  # (rows,)
        for kind in range(kinds.max() + 1):
            members = rng.permutation(np.flatnonzero(kinds == kind))
            node_of[members] = self._dealt(rng, len(members))
        return _without_empty(node_of, self.nodes)

    def _dealt(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """The nodes of `count` rows in turn, (count,)."""
        shares = rng.dirichlet(np.full(self.nodes, self.concentration))
        cuts = np.rint(np.cumsum(shares)[:-1] * count)
        return np.searchsorted(cuts, np.arange(count), side="right")


def _kinds(table: Table) -> np.ndarray:
    """The class 0, 1, … of every row; of a regression target, its range. (rows,)"""
    if table.classes:
        return np.unique(table.labels, return_inverse=True)[1]
    kinds = np.empty(len(table.labels), dtype=np.intp)
    kinds[np.argsort(table.labels, kind="stable")] = np.arange(len(kinds)) * RANGES // len(kinds)
    return kinds


def _without_empty(node_of: np.ndarray, nodes: int) -> np.ndarray:
    """Each empty node takes the last row of the largest node."""
    sizes = np.bincount(node_of, minlength=nodes)
    for node in np.flatnonzero(sizes == 0):
        largest = sizes.argmax()
        node_of[np.flatnonzero(node_of == largest)[-1]] = node
        sizes[[largest, node]] += [-1, 1]
    return node_of
