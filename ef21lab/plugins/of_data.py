"""What every dataset and every partition promises."""

from __future__ import annotations

import math

import numpy as np

from ef21lab.choices.text import Text
from ef21lab.datasets.base import Dataset, Table, TableFacts, datasets
from ef21lab.partitions.base import Partition, partitions
from ef21lab.plugins.promises import Promise, claim, drawn, of_every_member, refusing


def dense(table: Table) -> np.ndarray:
    """Its features as an ordinary array."""
    rows: np.ndarray = table.features.toarray() if table.sparse else table.features
    return rows


def is_a_table(dataset: Dataset) -> None:
    """Rows are finite float64, of the natural shape that is said; sparse ones canonical CSR."""
    table = dataset.load()
    rows, columns = table.features.shape
    claim(rows > 0, "there are no rows")
    claim(table.labels.shape == (rows,), f"{rows} rows, labels of shape {table.labels.shape}")
    claim(math.prod(table.shape) == columns, f"rows of {columns} numbers have the natural shape {table.shape}")
    claim(table.features.dtype == np.float64, f"features are {table.features.dtype}")
    claim(np.isfinite(dense(table)).all(), "features are not finite")
    if table.sparse:
        features = table.features
        claim(features.format == "csr" and features.has_canonical_format, "sparse rows are no canonical CSR")
        claim(features.indices.dtype == np.int32 and np.all(features.data != 0), "sparse rows hold zeros, or indices that are not int32")


def labels_are_coded(dataset: Dataset) -> None:
    """−1 and +1 for two classes, 0 … C−1 for more, finite numbers for regression."""
    table = dataset.load()
    labels, classes = table.labels, table.classes
    if len(classes) == 2:
        claim(labels.dtype == np.float64 and set(labels) == {-1.0, 1.0}, f"two classes are coded by {sorted(set(labels))[:4]}")
    elif classes:
        claim(
            labels.dtype == np.intp and set(labels) == set(range(len(classes))),
            f"{len(classes)} classes are not coded by 0 … {len(classes) - 1}",
        )
    else:
        claim(labels.dtype == np.float64 and np.isfinite(labels).all(), "targets are no finite numbers")


def tells_its_size(dataset: Dataset) -> None:
    """What is said before loading is what is loaded."""
    table = dataset.load()
    rows, columns = table.features.shape
    found = TableFacts(rows, columns, len(table.classes))
    claim(all(said is None or said == real for said, real in zip(dataset.facts(), found, strict=True)), f"{dataset.facts()} and {found}")


def is_the_same_twice(dataset: Dataset) -> None:
    """Loading twice gives the same rows, and nobody can change them."""
    first, second = dataset.load(), type(dataset)(**dataset.settings()).load()
    claim(np.array_equal(dense(first), dense(second)) and np.array_equal(first.labels, second.labels), "other rows the second time")
    locked = not first.labels.flags.writeable and not (first.features.data if first.sparse else first.features).flags.writeable
    claim(locked, "its arrays can be changed: end load() with .read_only()")


def rows_for(partition: Partition, rows: int) -> Table:
    """A table with so many rows of two classes."""
    return Table(np.zeros((rows, 1)), np.where(np.arange(rows) % 3, 1.0, -1.0), ("-1", "1"), (1,))


def shares_all_rows(partition: Partition) -> None:
    """Every row has a node, every node a row, and the same every time; as many nodes as rows are possible."""
    for nodes, extra in ((1, 0), (1, 50), (7, 0), (7, 3), (20, 1000), (500, 17), (3000, 0)):
        shares_among(partition, nodes, nodes + extra)


def shares_among(partition: Partition, nodes: int, rows: int) -> None:
    """Of so many rows every one has a node, and every node has one."""
    asked = partition.replace(nodes=nodes)
    node_of = asked.assign(rows_for(asked, rows))
    claim(node_of.shape == (rows,) and np.issubdtype(node_of.dtype, np.integer), f"{nodes} nodes: no node for every row")
    claim(set(node_of) == set(range(nodes)), f"{nodes} nodes, {rows} rows: some node has none")
    claim(np.array_equal(node_of, asked.assign(rows_for(asked, rows))), "other nodes the second time")


def shares_targets(partition: Partition) -> None:
    """Regression targets are shared out too."""
    table = Table(np.zeros((100, 1)), drawn(0).normal(size=100), (), (1,))
    claim(set(partition.replace(nodes=7).assign(table)) == set(range(7)), "some node has no row")


def refuses_too_few(partition: Partition) -> None:
    """Fewer rows than nodes are refused in words."""
    asked = partition.replace(nodes=20)
    refusing(lambda: asked.assign(rows_for(asked, 19)), "19", "20 nodes, 19 rows")


OF_DATASETS = (
    *of_every_member(datasets),
    Promise(Text("its rows are finite, of the shape that is said", "строки конечны и той формы, какая названа"), is_a_table),
    Promise(Text("labels are coded as its task needs", "метки закодированы так, как нужно задаче"), labels_are_coded),
    Promise(Text("what is said before loading is what is loaded", "заранее сказано то же, что загружено"), tells_its_size),
    Promise(
        Text("loading twice gives the same rows, and nobody can change them", "загрузка повторяется, и строки никто не изменит"),
        is_the_same_twice,
    ),
)
OF_PARTITIONS = (
    *of_every_member(partitions),
    Promise(Text("every row has a node, every node a row", "у каждой строки есть узел, у каждого узла — строка"), shares_all_rows),
    Promise(Text("regression targets are shared out too", "цели регрессии тоже делятся"), shares_targets),
    Promise(Text("fewer rows than nodes are refused in words", "если строк меньше, чем узлов, — отказ словами"), refuses_too_few),
)
