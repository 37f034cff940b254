"""The survey against slow literal loops over rows and nodes, and a reason in place of whatever cannot be had."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from ef21lab.choices.text import Refusal, Text
from ef21lab.partitions.base import partitions
from ef21lab.runs import survey as module
from ef21lab.runs.posed import problem_of, table_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.survey import survey

DIGITS = {"dataset": "digits", "objective": "softmax", "partition": {"name": "contiguous", "nodes": 7}}
MUSHROOMS = {"partition": {"name": "shuffled", "nodes": 5}}
DIABETES = {"dataset": "diabetes", "objective": "least_squares", "partition": {"name": "contiguous", "nodes": 4}}
CLOUDS = {"dataset": {"name": "synthetic_classification", "classes": 3}, "objective": "softmax"}
ALL = {"digits": DIGITS, "mushrooms": MUSHROOMS, "diabetes": DIABETES, "clouds": CLOUDS}


@pytest.fixture(params=list(ALL))
def spec(request: pytest.FixtureRequest) -> RunSpec:
    return RunSpec.make(ALL[request.param])


def dense(features: np.ndarray | sp.csr_matrix) -> np.ndarray:
    return features.toarray() if sp.issparse(features) else features


def class_of(table: object, row: int) -> str:
    """The name of a row's class, by the coding that Table promises."""
    label, names = table.labels[row], table.classes  # type: ignore[attr-defined]
    return str(names[{-1: 0, 1: 1}[int(label)]] if len(names) == 2 else names[int(label)])


def test_a_dataset_is_as_large_and_as_dense_as_its_entries_say(spec: RunSpec) -> None:
    data, table = survey(spec).data, table_of(spec.dataset, spec.partition.nodes)
    entries = [float(entry) for row in dense(table.features) for entry in row]
    assert data.rows * data.columns == len(entries)
    assert data.density == sum(entry != 0 for entry in entries) / len(entries)


def test_every_row_is_counted_once_where_it_belongs(spec: RunSpec) -> None:
    data, table = survey(spec).data, table_of(spec.dataset, spec.partition.nodes)
    counted = [0] * len(data.counts)
    for row in range(data.rows):
        if data.classes:
            counted[data.classes.index(class_of(table, row))] += 1
        else:
            bins = [at for at in range(len(counted)) if data.edges[at] <= table.labels[row] < data.edges[at + 1]]
            counted[bins[0] if bins else -1] += 1
    assert list(data.counts) == counted


def test_shares_are_what_a_walk_over_the_rows_finds(spec: RunSpec) -> None:
    shares, table = survey(spec).shares, table_of(spec.dataset, spec.partition.nodes)
    assert not isinstance(shares, Text)
    node_of_row = spec.partition.assign(table)
    for node in range(spec.partition.nodes):
        own = [row for row in range(len(table.labels)) if node_of_row[row] == node]
        assert shares.sizes[node] == len(own)
        if table.classes:
            assert list(shares.counts[node]) == [sum(class_of(table, row) == name for row in own) for name in table.classes]
        else:
            targets = sorted(table.labels[row] for row in own)
            assert (shares.quartiles[node][0], shares.quartiles[node][-1]) == (targets[0], targets[-1])
            assert np.sum(targets < shares.quartiles[node][2]) <= len(own) / 2 <= np.sum(targets <= shares.quartiles[node][2])


def test_nodes_disagree_as_their_gradients_do_one_by_one(spec: RunSpec) -> None:
    slopes = survey(spec).slopes
    assert not isinstance(slopes, Text)
    table, nodes = table_of(spec.dataset, spec.partition.nodes), spec.partition.nodes
    node_of_row = spec.partition.assign(table)
    x0 = spec.start.point(problem_of(spec))
    alone = []
    for node in range(nodes):  # each node as the whole world: f of its rows only
        own = table._replace(features=table.features[node_of_row == node], labels=table.labels[node_of_row == node])
        alone.append(spec.objective.on(own, np.zeros(len(own.labels), dtype=int), 1).gradients(x0[None, :])[0, 0])
    whole = sum(alone) / nodes
    apart = [float(np.sqrt(np.sum((one - whole) ** 2) / np.sum(whole**2))) for one in alone]
    np.testing.assert_allclose(slopes.apart, apart, rtol=1e-9)
    assert slopes.disagreement == pytest.approx(sum(value**2 for value in apart) / nodes)


def test_smoothness_and_its_means_come_in_their_order(spec: RunSpec) -> None:
    slopes = survey(spec).slopes
    assert not isinstance(slopes, Text)
    assert slopes.levels is not None
    L, arithmetic, quadratic, of_nodes = slopes.levels
    assert 1.01 * arithmetic >= L  # the EF21 authors take L over all rows alike
    assert arithmetic <= quadratic * (1 + 1e-12)
    assert quadratic == pytest.approx(np.sqrt(sum(L**2 for L in of_nodes) / len(of_nodes)))


def test_one_node_agrees_with_itself() -> None:
    found = survey(RunSpec.make({"partition": {"name": "contiguous", "nodes": 1}})).slopes
    assert not isinstance(found, Text)
    assert found.disagreement == 0


def test_the_preview_shows_rows_of_the_table(spec: RunSpec) -> None:
    data, table = survey(spec).data, table_of(spec.dataset, spec.partition.nodes)
    assert 1 <= len(data.preview) <= module.PREVIEW_ROWS
    for row in data.preview:
        features = dense(table.features)[row.place]
        assert np.array_equal(features[row.columns], row.values)
        shown = features != 0 if data.sparse else np.ones(len(features), bool)
        assert len(row.columns) + row.left_out == shown.sum()
        assert row.label == (class_of(table, row.place) if data.classes else f"{table.labels[row.place]:.4g}")


def test_pictures_are_the_first_rows_of_their_class() -> None:
    data, table = survey(RunSpec.make(DIGITS)).data, table_of(RunSpec.make(DIGITS).dataset, 1)
    assert data.images is not None
    for place, name in enumerate(data.classes):
        first = [row for row in range(data.rows) if class_of(table, row) == name][: module.IMAGES_PER_CLASS]
        for image, row in zip(data.images[place], first, strict=True):
            np.testing.assert_array_equal(image, table.features[row].reshape(8, 8).astype(np.float32))
    assert survey(RunSpec.make(MUSHROOMS)).data.images is None


def test_pictures_of_a_node_are_rows_of_it_in_the_order_and_in_the_proportion_of_its_classes() -> None:
    spec = RunSpec.make({**DIGITS, "partition": {"name": "dirichlet", "nodes": 7, "concentration": 0.2}})
    shares, table = survey(spec).shares, table_of(spec.dataset, 7)
    node_of_row = spec.partition.assign(table)
    assert shares.imaged.tolist() == list(range(7))
    label_of = {row.astype(np.float32).tobytes(): label for row, label in zip(table.features, table.labels, strict=True)}
    for node, images in enumerate(shares.images):
        own = {row.astype(np.float32).tobytes() for row in table.features[node_of_row == node]}
        seen = [image.tobytes() for image in images if not np.isnan(image).any()]
        assert set(seen) <= own
        labels = [label_of[one] for one in seen]
        assert labels == sorted(labels)
        assert len(seen) == min(10, shares.sizes[node])
        if shares.sizes[node] >= 10:
            drawn = np.bincount(labels, minlength=10) / 10
            assert np.abs(drawn - shares.counts[node] / shares.sizes[node]).max() <= 0.1 + 1e-12
    assert survey(RunSpec.make(MUSHROOMS)).shares.images is None


def test_of_many_nodes_some_are_shown_from_the_first_to_the_last() -> None:
    shares = survey(RunSpec.make({**DIGITS, "partition": {"name": "by_label", "nodes": 100}})).shares
    assert len(shares.imaged) == 20
    assert (shares.imaged[0], shares.imaged[-1]) == (0, 99)


def test_rows_that_are_held_out_are_no_nodes() -> None:
    shares = survey(RunSpec.make({**DIGITS, "held_out": 0.25})).shares
    assert shares.held_out + shares.sizes.sum() == 1797
    assert abs(shares.held_out - 1797 / 4) <= 5


def test_a_partition_or_objective_that_does_not_fit_leaves_the_rest_to_see() -> None:
    crowded = survey(RunSpec.make({**DIABETES, "partition": {"name": "contiguous", "nodes": 500}}))
    assert crowded.data.rows == 442
    assert isinstance(crowded.shares, Text)
    assert "500 nodes cannot share 442 rows" in crowded.shares.en
    unfit = survey(RunSpec.make({**DIGITS, "objective": "logistic_nonconvex"}))
    assert not isinstance(unfit.shares, Text)
    assert isinstance(unfit.slopes, Text)
    assert "choose softmax" in unfit.slopes.en


def test_more_gradients_than_there_is_room_for_are_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_COORDINATES", 100)
    slopes = survey(RunSpec.make(MUSHROOMS)).slopes
    assert isinstance(slopes, Text)
    assert "5 gradients of length 112" in slopes.en


def test_where_the_whole_gradient_is_zero_there_is_nothing_to_compare_with(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = RunSpec.make({**DIABETES, "start": "zeros"})
    problem = problem_of(spec)
    monkeypatch.setattr(type(problem), "gradients", lambda self, x: np.zeros((1, self.nodes, self.d)))
    slopes = survey(spec).slopes
    assert not isinstance(slopes, Text)
    assert (slopes.apart, slopes.disagreement) == (None, None)


@pytest.mark.parametrize("name", list(partitions.members))
def test_every_partition_can_be_surveyed(name: str) -> None:
    shares = survey(RunSpec.make({"partition": name})).shares
    assert not isinstance(shares, Text)
    assert shares.sizes.sum() == shares.counts.sum() == 8124


def test_data_that_are_not_here_are_refused_in_the_datasets_own_words() -> None:
    with pytest.raises(Refusal, match="on the Data page first"):
        survey(RunSpec.make({"dataset": "uploaded"}))
