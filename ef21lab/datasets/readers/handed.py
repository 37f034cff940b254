"""Rows that a program hands over, kept so that a run on them can be named, repeated and shown."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Dataset, Table, datasets
from ef21lab.datasets.readers.memory import table_of, taken_apart
from ef21lab.datasets.readers.places import home
from ef21lab.datasets.readers.shelf import Shelf

ARRAYS_KEPT = 200  # of all programs of this machine; those used longest ago give way


def data(
    features: Any, labels: Any, *, task: str = "auto", shape: Sequence[int] | None = None, names: Sequence[str] | None = None
) -> Dataset:
    """A dataset of these rows, kept on this machine under the hash of what they hold: equal rows make equal runs, others never do.

    `features` are (rows, p): an array, a SciPy sparse matrix, or a DataFrame, whose columns keep their names; `labels` (rows,): numbers,
    words, truth values, a Series, or the name of the column of the DataFrame that holds them. Two different labels become −1 (the
    smaller) and +1, whichever they are; three to a hundred whole numbers or words the classes 0..C−1; anything else is a target of
    regression. `task` "classes" or "numbers" says so where that would be guessed wrong. `shape` is the natural tensor shape of a row,
    such as (8, 8).

    Raises Refusal, which names the place: for a gap (NaN), for what is no number, for lengths that differ.

    >>> import numpy as np
    >>> rows = np.array([[0.0, 1.0], [2.0, 0.5], [1.0, 1.0]])
    >>> data(rows, ["no", "yes", "no"]).load().labels.tolist()
    [-1.0, 1.0, -1.0]
    """
    if isinstance(labels, str):
        features, labels = taken_apart(features, labels)
    table = table_of(features, labels, task, _listed("shape", shape), _listed("names", names))
    return datasets.make({"name": "arrays", "content": shelf().keep(_packed(table), ARRAYS_KEPT)})


def _listed(name: str, given: Any) -> tuple[Any, ...] | None:
    """A list as it is given, or None. Raises Refusal for anything else."""
    try:
        return None if given is None else tuple(given)
    except TypeError:
        raise Refusal(NO_LIST.format(name=name, given=shown(given))) from None


def _packed(table: Table) -> bytes:
    """The same bytes for the same table, on every machine."""
    features = table.features
    rows = (
        {"dense": features}
        if not table.sparse
        else {"data": features.data, "indices": features.indices.astype(np.int64), "indptr": features.indptr.astype(np.int64)}
    )
    out = io.BytesIO()
    np.savez(
        out,
        **rows,
        size=np.array(features.shape),
        labels=table.labels,
        classes=np.array(table.classes, dtype=str),
        shape=np.array(table.shape),
        names=np.array(table.names, dtype=str),
    )
    return out.getvalue()


def unpacked(content: bytes) -> Table:
    """The inverse of what `data` keeps."""
    with np.load(io.BytesIO(content)) as kept:
        words = {name: tuple(map(str, kept[name])) for name in ("classes", "names")}
        shape = tuple(map(int, kept["shape"]))
        if "dense" in kept:
            return Table(kept["dense"], kept["labels"], words["classes"], shape, words["names"])
        features = sp.csr_matrix((kept["data"], kept["indices"], kept["indptr"]), shape=tuple(kept["size"]))
        return Table(features, kept["labels"], words["classes"], shape, words["names"])


def shelf() -> Shelf:
    """Where arrays are kept."""
    return Shelf(home() / "arrays", ".npz")


NO_LIST = Text(
    "{name}={given}: a list is expected, one for each column or side", "{name}={given}: нужен список, по одному на столбец или сторону"
)
