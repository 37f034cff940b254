"""Held-out rows: which they are, that nothing is learnt from them, and how many of them x tells right, held to scikit-learn."""

import base64
import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score

import ef21lab as lab
from ef21lab.choices.text import Refusal, same
from ef21lab.datasets.base import Table
from ef21lab.jobs.blobs import trace_blob, trace_from
from ef21lab.partitions.held_out import set_aside
from ef21lab.reports.data import Reported, packed, unpacked
from ef21lab.reports.parquet import parquet
from ef21lab.runs.caption import posed
from ef21lab.runs.document import changed
from ef21lab.runs.experiment import start_run
from ef21lab.runs.posed import problem_of, rows_of, table_of
from ef21lab.runs.record import kept_names
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import changes, standings
from ef21lab.runs.tidy import tidy
from ef21lab.runs.trace import Trace, csv_header, csv_line, joined, trace_of
from ef21lab.runs.verdict import Racer, verdict
from ef21lab.web.server.frames import Feed, News, Place

MANY = {"dataset": "digits", "objective": "softmax", "partition": {"name": "by_label", "nodes": 5}, "step": {"rule": "fixed", "gamma": 0.5}}
TWO = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}}
KINDS = [
    MANY,
    TWO | {"objective": "logistic_nonconvex"},
    TWO | {"objective": "logistic_ridge"},
    TWO | {"objective": "least_squares"},
    TWO | {"objective": "softmax"},
    {"dataset": "mushrooms"},  # sparse
    MANY | {"precision": "float32"},
]


def asked(spec=MANY, **more):
    return RunSpec.make({**spec, "held_out": 0.2, "held_out_seed": 3, "rounds": 12, **more})


def numbered(counts):
    """Rows that say which they are, so many of each class, the classes in turns."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    return Table(np.arange(len(labels), dtype=float)[:, None], labels, tuple(map(str, range(len(counts)))), (1,))


@given(st.lists(st.integers(30, 90), min_size=3, max_size=6), st.floats(0.05, 0.5), st.integers(0, 5))
def test_every_class_gives_its_share_and_every_row_is_on_one_side_in_its_order(counts, share, seed):
    table = numbered(counts)
    shared, apart = set_aside(table, share, seed)
    assert all(abs((apart.labels == label).sum() - share * count) <= 0.5 for label, count in enumerate(counts))
    for side in (shared, apart):
        assert (np.diff(side.features[:, 0]) > 0).all()
        assert (side.labels == table.labels[side.features[:, 0].astype(int)]).all()
    assert sorted([*shared.features[:, 0], *apart.features[:, 0]]) == list(range(sum(counts)))


def test_a_row_of_a_class_is_held_out_as_often_as_any_other():
    table = numbered([20, 10, 10])
    drawn = np.zeros(40)
    for seed in range(500):
        drawn[set_aside(table, 0.3, seed).held_out.features[:, 0].astype(int)] += 1
    assert np.abs(drawn / 500 - 0.3).max() < 0.09  # 4.4 standard deviations


def test_another_seed_sets_others_aside_and_the_same_the_same():
    first, again, other = (rows_of(asked(held_out_seed=seed)).held_out.features for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_them_nothing_has_changed():
    usual = RunSpec.make(MANY)
    assert not {"held_out", "held_out_seed"} & set(usual.json())
    assert RunSpec.make({**MANY, "held_out": 0}).key == usual.key != asked().key != asked(held_out_seed=4).key
    assert RunSpec.make(asked().json()) == asked()
    assert rows_of(usual).shared is table_of(usual.dataset, 5)
    assert problem_of(usual).held_out is None
    assert "accuracy" not in lab.run({**MANY, "rounds": 1}).names


@pytest.mark.parametrize("spec", KINDS)
def test_accuracy_is_that_of_scikit_learn_at_the_x_of_every_record(spec):
    run, rows = start_run(asked(spec)), rows_of(asked(spec)).held_out
    model = LogisticRegression(fit_intercept=False)
    model.classes_, model.intercept_ = np.unique(rows.labels), 0.0
    for record in run:
        weights = run.checkpoint().point().reshape(-1, rows.features.shape[1])
        model.coef_ = weights[1:] - weights[:1] if len(weights) == 2 else weights
        assert record.more["accuracy"] == pytest.approx(accuracy_score(rows.labels, model.predict(rows.features)), abs=1e-15)
    assert len(set(trace_of(start_run(asked(spec, rounds=40)))["accuracy"])) > 1


@pytest.mark.parametrize("spec", KINDS[:4])
def test_where_x_is_undecided_the_first_class_is_meant(spec):
    rows = rows_of(asked(spec)).held_out
    accuracy = lab.run(asked(spec, start="zeros", rounds=0))["accuracy"]
    assert accuracy == pytest.approx((rows.labels == rows.labels.min()).mean(), abs=1e-15)


@pytest.mark.parametrize("spec", [TWO | {"objective": "least_squares"}, MANY])
def test_constants_and_losses_are_those_of_the_rows_that_the_nodes_share(spec):
    """A table that never had the others, split by hand."""
    spec = asked(spec)
    table, apart = table_of(spec.dataset, spec.partition.nodes), rows_of(spec).held_out
    left = np.ones(len(table.labels), dtype=bool)
    for row, label in zip(apart.features, apart.labels, strict=True):
        left[np.flatnonzero(left & (table.labels == label) & (table.features == row).all(axis=1))[0]] = False
    own = table._replace(features=table.features[left], labels=table.labels[left])
    expected, found = spec.objective.on(own, spec.partition.assign(own), spec.partition.nodes), problem_of(spec)
    x = np.random.default_rng(0).normal(size=(1, found.d))
    assert found.facts.rows == len(own.labels) == len(table.labels) - found.held_out.rows
    assert found.facts.smoothness == pytest.approx(expected.facts.smoothness, rel=1e-12)
    np.testing.assert_allclose(found.facts.node_smoothness, expected.facts.node_smoothness, rtol=1e-12)
    np.testing.assert_allclose(found.loss(x), expected.loss(x), rtol=1e-12)
    assert lab.describe(spec)["rows"] == len(own.labels)


@pytest.mark.parametrize("spec", KINDS)
def test_a_lane_has_the_accuracy_that_it_has_alone(spec):
    several = [
        asked(spec, step={"rule": "fixed", "gamma": gamma}, start={"name": "normal", "seed": seed})
        for gamma in (0.1, 0.3)
        for seed in (0, 1)
    ]
    for trace, one in zip(lab.run_many(several), several, strict=True):
        assert np.array_equal(trace["accuracy"], lab.run(one)["accuracy"])


def test_a_resumed_run_goes_on_with_it():
    run = start_run(asked())
    for _ in range(5):
        next(run)
    rest = list(start_run(asked(), run.checkpoint()))
    assert np.array_equal(trace_of(rest)["accuracy"], lab.run(asked())["accuracy"][5:])


def test_a_run_that_overflows_has_none_at_its_end():
    spec = asked(TWO | {"objective": "least_squares"}, step={"rule": "fixed", "gamma": 1e9}, rounds=400)
    trace = lab.run(spec)
    assert trace.diverged
    assert ((trace["accuracy"] >= 0) & (trace["accuracy"] <= 1) | ~np.isfinite(trace["loss"])).all()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"held_out": 0.6}, "held_out must be a number in"),
        ({"held_out": -0.1}, "held_out must be"),
        ({"held_out": "much"}, "held_out must be"),
        ({"held_out_seed": -1}, "held_out_seed must be"),
        (MANY | {"held_out": 0.001}, "class 0 has 178 rows"),
        ({"dataset": "diabetes", "objective": "least_squares", "held_out": 1e-5}, "there are 442 rows"),
        ({"dataset": "quadratic", "objective": "least_squares", "held_out": 0.1}, "drawn for its nodes"),
    ],
)
def test_a_share_that_cannot_be_is_refused_in_words(given, words):
    with pytest.raises(Refusal, match=words):
        lab.describe(given)


def test_a_class_with_one_row_is_named():
    with pytest.raises(Refusal, match="class 2 has 1"):
        set_aside(numbered([30, 30, 1]), 0.5, 0)


def test_where_there_are_no_classes_rows_are_held_out_and_no_accuracy_is_told():
    spec = asked({"dataset": "diabetes", "objective": "least_squares"})
    assert rows_of(spec).held_out.features.shape[0] == 88  # of 442
    assert problem_of(spec).held_out is None
    assert lab.run(spec).names == kept_names()


def test_wherever_a_trace_goes_its_accuracy_goes_with_it():
    spec, plain = asked(), RunSpec.make({**MANY, "rounds": 2})
    records = list(start_run(spec))
    trace, other = trace_of(records), lab.run(plain)
    known = trace["accuracy"]
    rows = list(csv.DictReader(io.StringIO(trace.to_csv())))
    assert list(rows[0])[-1] == "accuracy"
    assert [float(row["accuracy"]) for row in rows] == known.tolist()
    assert csv_header(records[0].more) + "".join(map(csv_line, records)) == trace.to_csv()
    for copy in (
        trace_from(trace_blob(trace)),
        unpacked(packed([Reported(spec, trace), Reported(plain, other)]))[0].trace,
        joined([trace_of(records[:4]), trace_of(records[4:])]),
    ):
        assert copy.names == trace.names
        assert np.array_equal(copy["accuracy"], known)
    assert trace_from(trace_blob(other)).names == other.names == kept_names()
    both = list(csv.DictReader(io.StringIO("".join(tidy([plain, spec], [other, trace])))))
    assert [row["accuracy"] for row in both] == [*["nan"] * len(other), *map(repr, known.tolist())]
    assert "accuracy" not in next(tidy([plain], [other]))


def test_a_sweep_tells_it():
    found = lab.sweep(asked(rounds=5), {"step.gamma": [0.1, 0.5], "repeat": range(2)})
    curves = found.frame(curves=True)
    alone = lab.run(asked(rounds=5, step={"rule": "fixed", "gamma": 0.5}))["accuracy"]
    assert curves[(curves["step.gamma"] == 0.5) & (curves["repeat"] == 0)]["accuracy"].tolist() == alone.tolist()
    assert found.frame()["accuracy"].tolist()[2] == alone[-1]
    best = found.best("rounds", epsilon=min(alone.max(), 0.2), metric="accuracy")
    assert best["final"].tolist() == sorted(best["final"], reverse=True) or np.isfinite(best["cost"]).any()
    for mixed in (lab.sweep({**MANY, "rounds": 1}, {"held_out": [0, 0.2]}).frame(curves=True),):
        assert mixed["accuracy"].isna().tolist() == [True, True, False, False]


def test_a_viewer_is_sent_it():
    records = list(start_run(asked()))
    sent, plain = (Feed("key"), Feed("key"))
    for part in (trace_of(records[:5]), trace_of(records[5:])):
        sent.take(News(1, None, part, ()))
    plain.take(News(1, None, lab.run({**MANY, "rounds": 2}), ()))
    for feed in (sent, plain):
        feed.set_guarantees(same("none"))
    told = np.frombuffer(base64.b64decode(sent.payload(Place(more=-1))["more"]["columns"]["accuracy"]), dtype="<f8")
    assert np.array_equal(told, trace_of(records)["accuracy"])
    assert "accuracy" not in plain.payload(Place(more=-1))["more"]["columns"]


def rising(*values):
    columns = {name: np.ones(len(values)) for name in kept_names()}
    return Trace(columns | {"bits_up": np.arange(len(values), dtype=float), "accuracy": np.array(values)}, np.ones((len(values), 1)))


def test_accuracy_is_reached_where_it_is_at_least_that():
    quick, slow, weak = rising(0.1, 0.8, 0.8, 0.9), rising(0.1, 0.5, 0.7, 0.95), rising(0.1, 0.2, 0.9, 0.6)
    assert [one.bits_to(0.8, "accuracy") for one in (quick, slow, weak)] == [1, 3, np.inf]
    assert weak.bits_to(0.8, "accuracy", stays=False) == 2
    order = standings([[weak], [slow], [quick]], 0.8, "accuracy")
    assert [one.place for one in order] == [2, 1, 0]
    assert [one.final for one in order] == [0.9, 0.95, 0.6]
    assert [one.place for one in standings([[weak], [quick], [slow]], 0.99, "accuracy")] == [2, 1, 0]  # nobody: who ends highest
    assert [(one.epsilon, one.above, one.below) for one in changes([[[quick]], [[slow]]], "accuracy")] == [(0.9, 0, 1)]
    with pytest.raises(Refusal, match="metric=accuracy"):
        verdict([Racer(same("a"), [quick])], 0.8, "accuracy")


def test_it_is_set_by_its_name():
    assert changed({}, ["held_out=0.2", "held_out_seed=5"]) == {"held_out": 0.2, "held_out_seed": 5}


def test_a_link_and_a_caption_tell_it_and_contenders_of_a_page_share_it():
    spec = asked(TWO | {"objective": "logistic_ridge"}, rounds=100, step="theory")
    assert lab.specs(lab.link([spec]))[0] == spec
    assert "held_out" not in lab.link([RunSpec.make({"rounds": 100})])
    assert ("20% of the rows held out" in posed(spec).en, "отложено 20\u00a0% строк" in posed(spec).ru) == (True, True)
    with pytest.raises(Refusal, match="held_out"):
        lab.link([spec, RunSpec.make({**spec.json(), "held_out": 0.1})])


def test_a_table_for_other_programs_has_a_column_where_one_of_its_runs_has_it():
    pyarrow = pytest.importorskip("pyarrow.parquet", reason="pyarrow writes these files")
    runs = [Reported(spec, lab.run(spec)) for spec in (RunSpec.make({**MANY, "rounds": 1}), asked(rounds=1))]
    found = pyarrow.read_table(io.BytesIO(parquet(runs))).to_pandas()["accuracy"]
    assert found.isna().tolist() == [True, True, False, False]
    assert found.tolist()[2:] == runs[1].trace["accuracy"].tolist()
