"""What there is to see of a dataset and of its partition before any run, in a few small arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Features, Table
from ef21lab.runs.posed import problem_of, rows_of, table_of
from ef21lab.runs.spec import RunSpec

PREVIEW_ROWS = 8
PREVIEW_ENTRIES = 10  # of one row
IMAGES_PER_CLASS = 4
IMAGES_PER_NODE, IMAGED_NODES = 10, 20
IMAGE_NUMBERS = 200_000  # in all images together
BINS = 30
QUARTILES = (0.0, 0.25, 0.5, 0.75, 1.0)
MOST_COORDINATES = 20_000_000  # of all node gradients together: 160 MB

TOO_LARGE = Text(
    "{nodes:gradient|gradients} of length {d} are too much to compare here; take fewer nodes",
    "{nodes:градиент|градиента|градиентов} длины {d} — слишком много, чтобы сравнить их здесь; возьмите меньше узлов",
)


class PreviewRow(NamedTuple):
    """A row of the preview: its first entries, zeros left out where the table is sparse."""

    place: int  # in the table, from 0
    label: str
    columns: np.ndarray  # (entries,) from 0
    values: np.ndarray  # (entries,)
    left_out: int  # how many entries more the row has


class Data(NamedTuple):
    """A dataset."""

    rows: int
    columns: int
    density: float  # share of entries that are not zero
    sparse: bool
    classes: tuple[str, ...]  # empty for regression
    counts: np.ndarray  # rows of each class, (classes,); for regression of each bin of targets, (bins,)
    edges: np.ndarray  # of the bins, (bins + 1,); empty where there are classes
    preview: tuple[PreviewRow, ...]
    images: np.ndarray | None  # (classes, IMAGES_PER_CLASS, height, width), nan where a class has fewer; None where rows are no images
    names: tuple[str, ...] = ()  # of the features, as a header has them; none without a header


class Shares(NamedTuple):
    """What each node has."""

    sizes: np.ndarray  # (nodes,) mᵢ
    counts: np.ndarray  # (nodes, classes) rows of each class
    quartiles: np.ndarray  # (nodes, 5) of the targets, least to greatest; (nodes, 0) where there are classes
    images: np.ndarray | None = None  # (some nodes, IMAGES_PER_NODE, height, width), nan where one has fewer; None where rows are no images
    imaged: np.ndarray = np.empty(0, dtype=int)  # (some nodes,) whose these are
    held_out: int = 0  # rows that no node has


class SmoothnessLevels(NamedTuple):
    """How smooth f and the nodes' functions are."""

    smoothness: float  # L
    arithmetic: float  # L̄
    quadratic: float  # L̃
    of_nodes: np.ndarray  # (nodes,) Lᵢ


class Slopes(NamedTuple):
    """How the nodes' functions differ. `levels` is None where no L is known, `apart` where ∇f(x⁰) = 0."""

    levels: SmoothnessLevels | None
    apart: np.ndarray | None  # (nodes,) ‖∇fᵢ(x⁰) − ∇f(x⁰)‖ / ‖∇f(x⁰)‖

    @property
    def disagreement(self) -> float | None:
        """(1/n) Σ ‖∇fᵢ(x⁰) − ∇f(x⁰)‖² / ‖∇f(x⁰)‖²."""
        return None if self.apart is None else float(np.mean(np.square(self.apart)))


class Survey(NamedTuple):
    """A part that cannot be had is a reason instead."""

    data: Data
    shares: Shares | Text
    slopes: Slopes | Text


def survey(spec: RunSpec) -> Survey:
    """The dataset of a run, its partition, and its objective's constants and gradients at x⁰. Raises Refusal where there are no data."""
    table = table_of(spec.dataset, spec.partition.nodes)
    data = _data(table)
    try:
        shared, held_out = rows_of(spec)
        shares = _shares(shared, spec.partition.assign(shared), spec.partition.nodes)
        shares = shares._replace(held_out=0 if held_out is None else len(held_out.labels))
    except Refusal as refusal:
        return Survey(data, refusal.text, refusal.text)
    try:
        return Survey(data, shares, _slopes(spec))
    except Refusal as refusal:
        return Survey(data, shares, refusal.text)


def _data(table: Table) -> Data:
    rows, columns = table.features.shape
    present = table.features.nnz if table.sparse else np.count_nonzero(table.features)
    if table.classes:
        counts, edges = np.bincount(table.places, minlength=len(table.classes)), np.empty(0)
    else:
        counts, edges = np.histogram(table.labels, BINS)
    seen = _preview(table), _images(table)
    return Data(rows, columns, present / (rows * columns), table.sparse, table.classes, counts, edges, *seen, table.names)


def _shares(table: Table, node_of_row: np.ndarray, nodes: int) -> Shares:
    sizes, classes = np.bincount(node_of_row, minlength=nodes), len(table.classes)
    if classes:
        counts = np.bincount(node_of_row * classes + table.places, minlength=nodes * classes).reshape(nodes, classes)
        return Shares(sizes, counts, np.empty((nodes, 0)), *_images_of_nodes(table, node_of_row, nodes))
    quartiles = np.stack([np.quantile(table.labels[node_of_row == node], QUARTILES) for node in range(nodes)])  # (nodes, 5)
    return Shares(sizes, np.empty((nodes, 0), dtype=int), quartiles)


def _slopes(spec: RunSpec) -> Slopes:
    problem = problem_of(spec)
    facts = problem.facts
    if facts.nodes * facts.d > MOST_COORDINATES:
        raise Refusal(TOO_LARGE.format(nodes=facts.nodes, d=facts.d))
    gradients = problem.gradients(spec.start.point(problem)[None, :])[0]  # (nodes, d)
    mean = gradients.mean(axis=0)  # (d,) ∇f(x⁰)
    length = float(np.linalg.norm(mean))
    apart = np.linalg.norm(gradients - mean, axis=1) / length if length > 0 else None
    known = facts.smoothness is not None and facts.node_smoothness is not None
    return Slopes(SmoothnessLevels(facts.L, facts.L_bar, facts.L_tilde, facts.node_L) if known else None, apart)


def _preview(table: Table) -> tuple[PreviewRow, ...]:
    """Rows from all over the file, since files are often sorted."""
    rows = len(table.labels)
    return tuple(_row(table, place) for place in np.unique(np.linspace(0, rows - 1, PREVIEW_ROWS).astype(int)))


def _row(table: Table, place: int) -> PreviewRow:
    label = table.classes[table.places[place]] if table.classes else f"{table.labels[place]:.4g}"
    columns, values = _entries(table.features, place)
    return PreviewRow(int(place), label, columns[:PREVIEW_ENTRIES], values[:PREVIEW_ENTRIES], max(0, len(columns) - PREVIEW_ENTRIES))


def _entries(features: Features, place: int) -> tuple[np.ndarray, np.ndarray]:
    row = features[[place]]
    return (row.indices, row.data) if hasattr(row, "indices") else (np.arange(row.shape[1]), row[0])


def _images(table: Table) -> np.ndarray | None:
    """The first rows of each class as they look, where rows are pictures and there is room for one of each."""
    if not _are_images(table):
        return None
    most = min(IMAGES_PER_CLASS, IMAGE_NUMBERS // (len(table.classes) * table.features.shape[1]))
    places = table.places
    return _pictures(table, [np.flatnonzero(places == place)[:most] for place in range(len(table.classes))], most) if most else None


def _images_of_nodes(table: Table, node_of_row: np.ndarray, nodes: int) -> tuple[np.ndarray | None, np.ndarray]:
    """Of some nodes, spread over all, rows at equal distances in the order of their classes, as they look: the mixture that a node has."""
    imaged = np.unique(np.linspace(0, nodes - 1, min(nodes, IMAGED_NODES)).astype(int))
    most = min(IMAGES_PER_NODE, IMAGE_NUMBERS // (len(imaged) * table.features.shape[1]))
    if not _are_images(table) or most == 0:
        return None, np.empty(0, dtype=int)
    chosen = []
    for node in imaged:
        rows = np.flatnonzero(node_of_row == node)
        by_class = rows[np.argsort(table.labels[rows], kind="stable")]
        chosen.append(by_class[np.unique(((np.arange(most) + 0.5) * len(rows) / most).astype(int))])
    return _pictures(table, chosen, most), imaged


def _are_images(table: Table) -> bool:
    return len(table.shape) == 2 and not table.sparse and bool(table.classes)


def _pictures(table: Table, rows: Sequence[np.ndarray], most: int) -> np.ndarray:
    """The rows of each list as they look, (lists, most, height, width); nan where a list is shorter."""
    images = np.full((len(rows), most, *table.shape), np.nan, dtype=np.float32)
    for place, chosen in enumerate(rows):
        images[place, : len(chosen)] = table.features[chosen].reshape(-1, *table.shape)
    return images
