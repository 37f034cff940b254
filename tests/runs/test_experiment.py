"""Equal specs have equal keys, different ones different keys, and a spec is refused before anything runs."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ef21lab as lab
from ef21lab.choices.text import Refusal
from ef21lab.runs.experiment import snapshot_rounds, start_run
from ef21lab.runs.guarantees import guarantees
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import DEFAULTS, FAMILIES, RunSpec

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "rounds": 6}


def key(given):
    return RunSpec.make(given).key


@pytest.mark.parametrize(
    "alike",
    [
        {},
        {"rounds": 400, "seed": 0, "record_every": 1},
        {"rounds": 400.0},
        {"compressor": "top_k"},
        {"compressor": {"k": 1, "name": "top_k"}},
        {"compressor": {"name": "top_k", "k": 1.0}},
        {"objective": {"lam": 1e-1, "name": "logistic_nonconvex"}},
        {"step": {"rule": "theory", "multiple": 1}},
        {"seed": np.int64(0), "step": {"rule": "theory", "multiple": np.float64(1)}},
        {"start": "normal", "dataset": {"name": "mushrooms"}},
    ],
)
def test_equal_specs_have_equal_keys(alike):
    assert RunSpec.make(alike) == RunSpec.make({})
    assert key(alike) == key({})


def test_the_order_of_fields_does_not_matter():
    document = RunSpec.make({}).json()
    assert key(dict(reversed(document.items()))) == key(document)


def test_minus_zero_is_zero():
    assert key({"objective": {"name": "logistic_ridge", "lam": -0.0}}) == key({"objective": {"name": "logistic_ridge", "lam": 0.0}})


def test_different_specs_have_different_keys():
    different = [
        {},
        {"rounds": 401},
        {"seed": 1},
        {"record_every": 2},
        {"start": {"name": "normal", "seed": 1}},
        {"start": "zeros"},
        {"step": {"rule": "theory", "multiple": 2}},
        {"step": "fixed"},
        {"objective": {"name": "logistic_nonconvex", "lam": 0.1 + 1e-17 * 2}},
        {"objective": {"name": "logistic_ridge", "lam": 0.1}},
        *({noun: name} for noun in DEFAULTS for name in FAMILIES[noun].members if name != DEFAULTS[noun]),
    ]
    keys = {key(spec) for spec in different if RunSpec.make(spec) != RunSpec.make({})} | {key({})}
    assert len(keys) == len({json.dumps(RunSpec.make(spec).json(), sort_keys=True) for spec in different})
    assert len(keys) >= len(different) - 2  # two of them may be spelled alike


@given(st.floats(1e-9, 1e9), st.integers(0, 2**31 - 1), st.integers(1, 1_000_000))
def test_a_spec_survives_its_own_json(multiple, seed, k):
    spec = RunSpec.make({"step": {"rule": "theory", "multiple": multiple}, "seed": seed, "compressor": {"name": "top_k", "k": k}})
    again = RunSpec.make(json.loads(json.dumps(spec.json())))
    assert (again, again.key) == (spec, spec.key)


@pytest.mark.parametrize("given", [None, 3, "mushrooms", [], {"round": 3}, {3: 4}, {"compressor": None}])
def test_what_is_not_a_run_is_refused(given):
    with pytest.raises(Refusal):
        RunSpec.make(given)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"compressor": {"name": "top_k", "k": 31}}, r"TopK\(k=31\): k must be an integer in 1..30"),
        (
            {"partition": {"name": "contiguous", "nodes": 500}, "dataset": "diabetes", "objective": "least_squares"},
            "500 nodes cannot share 442",
        ),
        ({"dataset": "digits"}, "choose softmax"),
        ({"dataset": "diabetes", "objective": "softmax"}, "choose least_squares"),
        ({"compressor": {"name": "st_hosvd", "dims": [2, 3]}}, "30"),
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused_before_the_run(changes, words):
    for asked in (start_run, lab.describe):
        with pytest.raises(Refusal, match=words):
            asked({**SMALL, **changes})


def test_a_run_is_the_stream_of_its_records():
    trace, records = lab.run(SMALL), list(lab.stream(SMALL))
    assert trace["round"].tolist() == [record.round for record in records] == list(range(7))
    assert trace["loss"].tolist() == [record.loss[0] for record in records]
    assert trace.contraction.shape == (7, 4)


def test_a_node_may_have_one_row():
    """f is the mean over rows, however equal shares are cut: at x⁰ it is what one node says, and so is its gradient."""
    each, alone = (lab.run({**SMALL, "partition": {"name": "contiguous", "nodes": nodes}, "rounds": 0}) for nodes in (569, 1))
    assert each.contraction.shape == (1, 569)
    for column in ("loss", "grad_norm_sq"):
        np.testing.assert_allclose(each[column], alone[column], rtol=1e-10)


def test_the_start_is_drawn_as_the_contract_says():
    going = start_run({**SMALL, "start": {"name": "normal", "seed": 5}})
    next(going)
    assert np.array_equal(going.checkpoint().state["x"][0], np.random.default_rng(5).normal(size=30))


def test_describe_gives_the_constants_of_the_theorem():
    facts = lab.describe({**SMALL, "step": {"rule": "theory", "multiple": 4}})
    alpha = 1 / 30
    root = (1 - alpha) ** 0.5 / (1 - (1 - alpha) ** 0.5)
    assert facts["alpha"] == pytest.approx(alpha)
    assert facts["gamma"] == pytest.approx(4 / (facts["L"] + facts["L_tilde"] * root), rel=1e-12)
    assert facts["L_tilde"] == pytest.approx(np.sqrt(np.mean(np.square(facts["node_L"]))), rel=1e-12)
    assert (facts["theta"], facts["beta"]) == pytest.approx((1 - (1 - alpha) ** 0.5, (1 - alpha) / (1 - (1 - alpha) ** 0.5)))
    assert (facts["d"], facts["nodes"], facts["rows"], facts["mu"]) == (30, 4, 569, None)
    assert (facts["bits_per_round"], facts["floats_per_round"]) == (1 + 32 + 5, 1)
    json.dumps(facts, allow_nan=False)


@pytest.mark.parametrize("algorithm", ["ef21", "ef21_bc", {"name": "ef21_bc", "downlink_init": "compressed"}])
def test_describe_tells_the_way_down_as_it_is_billed(algorithm):
    spec = {**SMALL, "algorithm": algorithm}
    facts, bill = lab.describe(spec), lab.run(spec)["bits_down"]
    assert bill[0] == 0
    assert np.diff(bill).tolist() == [facts["bits_down_first_round"], *[facts["bits_down_per_round"]] * 5]


def test_the_step_is_the_number_that_was_fixed_times_its_multiple():
    assert lab.describe({**SMALL, "step": {"rule": "fixed", "gamma": 0.25, "multiple": 2}})["gamma"] == 0.5


@pytest.mark.parametrize(("rounds", "every"), list(itertools.product([0, 1, 7, 40, 399, 400, 100_000], [1, 3, 50])))
def test_snapshots_are_few_evenly_spread_and_on_recorded_rounds(rounds, every):
    kept = snapshot_rounds(rounds, every)
    assert kept[0] == 0
    assert len(kept) <= 41
    assert all(round % every == 0 for round in kept)
    assert len(kept) >= min(rounds // every, 20)


def test_the_step_of_2024_takes_the_mean_of_the_smoothness_and_is_not_shorter():
    facts = lab.describe({**SMALL, "step": "theory_2024"})
    alpha = 1 / 30
    root = (1 - alpha) ** 0.5 / (1 - (1 - alpha) ** 0.5)
    assert facts["gamma"] == pytest.approx(1 / (facts["L"] + np.mean(facts["node_L"]) * root), rel=1e-12)
    assert facts["gamma"] >= lab.describe(SMALL)["gamma"]


def test_the_step_with_a_rate_needs_mu():
    ridge = {**SMALL, "objective": {"name": "logistic_ridge", "lam": 0.5}, "step": "theory_pl"}
    facts = lab.describe(ridge)
    ratio = facts["beta"] / facts["theta"]
    first = 1 / (facts["L"] + facts["L_tilde"] * (2 * ratio) ** 0.5)
    assert facts["gamma"] == pytest.approx(min(first, facts["theta"] / (2 * 0.5)), rel=1e-9)
    with pytest.raises(Refusal, match="μ > 0"):
        lab.describe({**SMALL, "step": "theory_pl"})


def test_a_rule_without_a_theorem_about_the_method_is_refused_in_words():
    with pytest.raises(Refusal, match="Gradient descent: no such theorem"):
        lab.describe({**SMALL, "algorithm": "gd", "step": "theory_2024"})


def test_a_record_says_how_far_x_has_moved():
    going, before = start_run(SMALL), None
    for record in going:
        x = going.checkpoint().state["x"][0]
        expected = np.nan if before is None else np.sum((x - before) ** 2)
        np.testing.assert_allclose(record.moved[0], expected, rtol=1e-12)
        before = x


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"algorithm": {"name": "ef21_pp", "p": 5e-324}}, "too short"),
        ({"algorithm": {"name": "ef21_sgdm", "eta": 5e-324}}, "too short"),
        ({"step": {"rule": "theory", "multiple": 5e-324}}, "too short"),
        ({"step": {"rule": "fixed", "gamma": 1e-300, "multiple": 1e-300}}, "too short"),
        ({"dataset": {"name": "quadratic", "smoothness": 5e-324}, "objective": {"name": "least_squares", "lam": 0}}, "no theorem bounds"),
    ],
)
def test_a_step_that_is_no_number_is_refused_in_words(changes, words):
    with pytest.raises(Refusal, match=words):
        lab.describe({"dataset": "synthetic_classification", "partition": {"name": "contiguous", "nodes": 2}, **changes})


def test_a_fixed_step_stands_where_the_theorem_has_none_and_nothing_is_promised_of_it():
    spec = RunSpec.make(
        {"dataset": "diabetes", "objective": "least_squares", "algorithm": {"name": "ef21_pp", "p": 5e-324}, "step": "fixed"}
    )
    facts = problem_of(spec).facts
    planned = plan(spec, facts)
    assert planned.gamma == 0.1
    assert not planned.is_proved
    assert "rounds to zero" in guarantees(planned).missing["mean"].en
