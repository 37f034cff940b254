"""What a dataset is: rows with labels, and words about where they come from."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np
import scipy.sparse as sp

from ef21lab.choices.answers import REASON, Answer, Failed
from ef21lab.choices.registry import Family
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text

USUAL_NODES = 20
MOST_DRAWN = 50_000_000  # numbers in the rows of all nodes: 400 MB
Features = Any  # np.ndarray (rows, p) float64, or scipy.sparse.csr_matrix of the same shape


class Table(NamedTuple):
    """A dataset in memory.

    `labels` are −1/+1 for two classes (−1 is the smaller original label), 0..C−1 for more, and real numbers for regression
    (`classes` is then empty). `shape` is the natural tensor shape of one row: (8, 8) for an 8×8 image, (p,) otherwise. `names` of the
    features are those of a header, where there was one.
    """

    features: Features  # (rows, p)
    labels: np.ndarray  # (rows,)
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    names: tuple[str, ...] = ()  # (p,) or none

    @property
    def sparse(self) -> bool:
        return bool(sp.issparse(self.features))

    @property
    def columns(self) -> tuple[str, ...]:
        """What the columns are called, (p,): by their numbers from 1 where they have no names."""
        own = self.names or ("",) * self.features.shape[1]
        return tuple(name or str(place) for place, name in enumerate(own, start=1))

    @property
    def places(self) -> np.ndarray:
        """The class of every row as its place in `classes`, (rows,) integers; of no meaning where targets are real."""
        return (self.labels > 0).astype(np.intp) if len(self.classes) == 2 else self.labels.astype(np.intp)

    def read_only(self) -> Table:
        """The same table with its arrays locked, so that one copy can be handed to everyone."""
        features = self.features
        for array in (features.data, features.indices, features.indptr, self.labels) if self.sparse else (features, self.labels):
            array.setflags(write=False)
        return self


class TableFacts(NamedTuple):
    """What can be said of a dataset before it is loaded; None where only loading tells."""

    rows: int | None
    columns: int | None
    classes: int | None  # 0: regression


def _is_table(dataset: Dataset, found: Any, *asked: Any) -> bool:
    rows, columns = found.features.shape
    numbers = found.features.data if found.sparse else found.features
    are_rows = rows > 0 and numbers.dtype == np.float64 and bool(np.isfinite(numbers).all()) and math.prod(found.shape) == columns
    return isinstance(found, Table) and are_rows and _are_labels(found.labels, rows, found.classes)


def _are_labels(labels: Any, rows: int, classes: tuple[str, ...]) -> bool:
    """Coded as a Table says."""
    if np.shape(labels) != (rows,) or len(classes) == 1 or not all(isinstance(one, str) for one in classes):
        return False
    coded = {-1, 1} if len(classes) == 2 else {*range(len(classes))}
    return {*np.unique(labels).tolist()} <= coded if classes else labels.dtype.kind == "f" and bool(np.isfinite(labels).all())


def _are_facts(dataset: Dataset, found: Any) -> bool:
    return isinstance(found, TableFacts) and all(one is None or (isinstance(one, int) and one >= 0) for one in found)


def _nothing_told(dataset: Dataset, failed: Failed) -> TableFacts:
    """Loading will tell: nothing else waits for it."""
    return TableFacts(None, None, None)


A_TABLE = Answer(
    _is_table,
    Text(
        "a Table: float64 features (rows, p) without gaps, a shape of p numbers, and a label for every row, coded as its classes ask for",
        "Table: признаки float64 (rows, p) без пропусков, форма на p чисел и метка для каждой строки в кодировке своих классов",
    ),
)


@dataclass(frozen=True)
class Dataset(Spec):
    """A named source of rows. Loading may raise Refusal: a file that is absent, malformed or not what it should be."""

    answers = MappingProxyType(
        {
            "load": A_TABLE,
            "load_for": A_TABLE,
            "facts": Answer(
                _are_facts,
                Text(
                    "TableFacts, each a whole number or None where only loading tells",
                    "TableFacts из целых чисел (None, если скажет лишь загрузка)",
                ),
                _nothing_told,
            ),
            "notes": Answer(
                lambda dataset, found: isinstance(found, tuple) and all(isinstance(note, Text) for note in found),
                Text("a tuple of Text", "кортеж из Text"),
                lambda dataset, failed: (failed.text,),
            ),
            "absence": REASON,
        }
    )
    origin: ClassVar[Text]  # where it comes from and under which terms

    @abstractmethod
    def load(self) -> Table:
        """The rows, in the dataset's own order."""

    @abstractmethod
    def facts(self) -> TableFacts:
        """Its size, without loading it."""

    def absence(self) -> Text | None:
        """Why it cannot be loaded on this machine as it stands (a file to download first); None where it can."""
        return None

    def notes(self) -> tuple[Text, ...]:
        """What was guessed to load it, in sentences. Raises as `load` does."""
        return ()

    @classmethod
    def at_hand(cls, settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
        """These settings as JSON, after files that they name have been looked for in `folder`, where a person works.

        Raises Refusal where the file there is another one than the settings tell of.
        """
        return dict(settings)


@dataclass(frozen=True)
class PerNode(Dataset):
    """A dataset drawn for a number of nodes: equally many rows for each, node after node, as the contiguous partition deals them."""

    usual_nodes: ClassVar[int] = USUAL_NODES  # for whom it is drawn where nobody says

    @property
    def numbers_of_node(self) -> int:
        """How many numbers the rows of one node hold, about."""
        return 1

    def drawn_for(self, nodes: int) -> Table:
        """`load_for` within what a machine can hold. Raises Refusal where so many nodes are beyond it."""
        if nodes > (most := max(1, MOST_DRAWN // self.numbers_of_node)):
            raise Refusal(TOO_MANY_NODES.format(name=self.name, nodes=nodes, most=most))
        return self.load_for(nodes)

    @abstractmethod
    def load_for(self, nodes: int) -> Table:
        """The rows of `nodes` nodes. Raises Refusal for a number of nodes that it is not defined for."""

    def load(self) -> Table:
        return self.load_for(self.usual_nodes)

    def facts(self) -> TableFacts:
        return TableFacts(None, None, 0)


TOO_MANY_NODES = Text(
    "{name} is drawn for its nodes, and the rows of {nodes:node|nodes} are more than it draws; nodes must be an integer in 1..{most}",
    "{name}: строки порождаются под число узлов, и на {nodes:узел|узла|узлов} их вышло бы слишком много; число узлов — от 1 до {most}",
)

datasets: Family[Dataset] = Family(Dataset, Text("dataset", "набор данных"), package="ef21lab.datasets")


def at_hand(document: Any, folder: Path) -> Any:
    """A run as JSON whose dataset may name a file in `folder`: what is in that file is part of the run from then on."""
    named = document.get("dataset") if isinstance(document, Mapping) else None
    kind = datasets.members.get(str(named.get(datasets.tag))) if isinstance(named, Mapping) else None
    if kind is None or named is None:
        return document
    settings = {key: value for key, value in named.items() if key != datasets.tag}
    return {**document, "dataset": {datasets.tag: kind.name, **kind.at_hand(settings, folder)}}
