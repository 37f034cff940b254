"""A sweep is its runs, each as it is alone, and what is said of them is said of their traces."""

import math
import statistics

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.choices.text import Refusal
from ef21lab.sweeps import sweep as room
from ef21lab.sweeps.work import FEWEST_LANES, MOST_LANES, portions

BASE = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 4}, "objective": "logistic_ridge", "rounds": 60}
GRID = {"compressor": ["top_k", "sign"], "step.multiple": [1, 8], "repeat": range(3)}


@pytest.fixture(scope="module")
def found():
    return lab.sweep(BASE, GRID)


def assert_same(one, other):
    assert all(name == "seconds" or np.array_equal(one[name], other[name], equal_nan=True) for name in other.columns)
    assert np.array_equal(one.contraction, other.contraction, equal_nan=True)
    assert np.array_equal(one.x, other.x)


def test_every_run_is_the_run_alone_in_the_order_of_the_grid(found):
    assert len(found.specs) == 12
    for spec, trace in zip(found.specs, found.traces, strict=True):
        assert_same(trace, lab.run(spec))


def test_messages_are_kept_only_where_they_are_wanted(found):
    assert not any(trace.snapshots for trace in found.traces)
    wanted = lab.sweep(BASE, {"step.multiple": [1, 2]}, snapshots=True)
    assert all(trace.snapshots.keys() == lab.run(spec).snapshots.keys() for spec, trace in zip(wanted.specs, wanted.traces, strict=True))


def test_results_do_not_depend_on_the_workers(found):
    among = lab.sweep(BASE, GRID, workers=2)
    assert among.specs == found.specs
    for one, other in zip(among.traces, found.traces, strict=True):
        assert_same(one, other)


def test_a_row_for_every_run(found):
    frame = found.frame(epsilon=[1e-1, 1e-30])
    assert frame[["compressor", "step.multiple", "repeat"]].values.tolist() == [
        [c, m, r] for c in ("top_k", "sign") for m in (1, 8) for r in range(3)
    ]
    for (_, row), spec, trace in zip(frame.iterrows(), found.specs, found.traces, strict=True):
        assert row["key"] == spec.key
        assert row["grad_norm_sq"] == trace["grad_norm_sq"][-1]
        assert (row["bits_to_0.1"], row["bits_to_1e-30"]) == (trace.bits_to(0.1), math.inf)
        assert row["error"] is None or row["error"] != row["error"]


def test_a_row_for_every_record(found):
    frame = found.frame(curves=True)
    assert len(frame) == sum(map(len, found.traces))
    own = frame[(frame["compressor"] == "sign") & (frame["step.multiple"] == 8) & (frame["repeat"] == 1)]
    assert own["loss"].tolist() == found.traces[10]["loss"].tolist()


def test_the_best_of_each_is_the_step_with_the_least_median_over_the_repeats(found):
    epsilon = 0.5
    costs = {}
    for cell, trace in zip(found.runs, found.traces, strict=True):
        varied = cell.cell.varied
        costs.setdefault((varied["compressor"], varied["step.multiple"]), []).append(trace.bits_to(epsilon))
    medians = {key: statistics.median(values) for key, values in costs.items()}
    expected = {name: min((medians[name, multiple], multiple) for multiple in (1, 8)) for name in ("top_k", "sign")}
    best = found.best(epsilon=epsilon)
    assert {row["compressor"]: (row["cost"], row["step.multiple"]) for _, row in best.iterrows()} == expected
    assert best["cost"].is_monotonic_increasing
    assert best["ratio"][0] == 1.0


def test_who_wins_by_rounds_need_not_win_by_bits(found):
    assert found.best(by="rounds", epsilon=0.5)["cost"].max() <= 60
    with pytest.raises(Refusal, match="bits, floats, rounds"):
        found.best(by="luck")


def test_one_that_is_no_run_and_one_that_fails_do_not_lose_the_others():
    for workers in (1, 2):
        found = lab.sweep(BASE, {"compressor.k": [1, 31, 2], "step.multiple": [1, 2, 3, 4, 5]}, workers=workers)
        assert [trace is None for trace in found.traces] == [False] * 5 + [True] * 5 + [False] * 5
        assert sorted(found.errors) == [5, 6, 7, 8, 9]
        assert "1..30" in found.errors[5]
        frame = found.frame(epsilon=1.0)
        assert frame["error"].notna().sum() == 5
        assert np.isnan(frame["loss"][5])


def test_where_nothing_ran_the_best_says_why():
    found = lab.sweep(BASE, {"compressor.k": [31]})
    with pytest.raises(Refusal, match=r"1\.\.30"):
        found.best()
    assert found.frame(curves=True).empty


def test_a_tuned_step_is_one_row_with_the_step_that_won():
    spec = {**BASE, "step": "tuned"}
    found = lab.sweep(spec, {"compressor": ["top_k", "sign"]})
    for place, name in enumerate(("top_k", "sign")):
        own = lab.tune({**spec, "compressor": name})
        assert_same(found.traces[place], own.trace)
        assert found.frame()["step"][place] == own.spec.step.in_short().en


def test_the_figure_has_a_line_with_its_shade_for_every_combination_and_says_what_it_is(found):
    figure = found.plot()
    medians = [line for line in figure.data if line.showlegend is not False]
    assert len(figure.data) == 3 * len(medians) == 12
    assert medians[0].name == "top_k, ×1: median of 3, 25–75%"
    assert found.plot(language="ru").data[2].name == "top_k, ×1: медиана 3\u00a0запусков, 25–75\u00a0%"
    assert found.plot(language="ru").layout.separators[0] == ","
    assert len([line for line in found.plot(best=0.5).data if line.showlegend is not False]) == 2
    assert {line.line.color for line in medians[:1]} == {"#0072B2"}


def test_the_record_of_runs_knows_what_a_sweep_has_made_and_the_other_way_round(tmp_path, monkeypatch):
    first = lab.sweep(BASE, {"step.multiple": [1, 2, 4]}, store=tmp_path)
    asked = []
    monkeypatch.setattr(room, "computed", lambda specs, *rest: asked.append(list(specs)) or computed(specs, *rest))
    second = lab.sweep(BASE, {"step.multiple": [2, 4, 8]}, store=tmp_path)
    assert [[spec.step.settings()["multiple"] for spec in specs] for specs in asked] == [[8]]
    assert_same(second.traces[0], first.traces[1])
    assert_same(lab.run(second.specs[2], store=tmp_path), second.traces[2])
    assert lab.run(second.specs[2], store=tmp_path).snapshots.keys() == lab.run(second.specs[2]).snapshots.keys()


computed = room.computed


def test_what_is_done_is_told_and_kept_when_the_sweep_is_interrupted(tmp_path):
    def watch(done, of):
        seen.append((done, of))
        if done == 2:
            raise KeyboardInterrupt

    seen = []
    grid = {"compressor": ["top_k", "sign", "natural"]}
    with pytest.raises(KeyboardInterrupt):
        lab.sweep(BASE, grid, store=tmp_path, watch=watch)
    assert seen == [(0, 3), (1, 3), (2, 3)]
    told = []
    lab.sweep(BASE, grid, store=tmp_path, watch=lambda *progress: told.append(progress))
    assert told == [(2, 3), (3, 3)]


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_a_number_of_workers_that_is_none_is_refused(workers):
    with pytest.raises(Refusal, match="workers"):
        lab.sweep(BASE, {}, workers=workers)


@pytest.mark.parametrize(("runs", "workers"), [(1, 1), (7, 2), (100, 1), (30, 2), (33, 4)])
def test_portions_are_all_runs_once_and_keep_the_workers_busy(runs, workers):
    specs = [lab.RunSpec.make({"seed": seed, "compressor": ["top_k", "sign", "natural"][seed % 3]}) for seed in range(runs)]
    asked = portions(specs, workers)
    assert sorted(place for portion in asked for place in portion) == list(range(runs))
    assert all(len({specs[place].compressor for place in portion}) == 1 and len(portion) <= MOST_LANES for portion in asked)
    assert len(asked) >= min(workers, -(-runs // FEWEST_LANES))


def naive_quantile(values, share):
    """The least of them that at least this share of them do not exceed."""
    ascending = sorted(values)
    return ascending[max(0, math.ceil(share * len(ascending) - 1e-9) - 1)]


@pytest.mark.parametrize(("by", "axis"), [("bits", "bits_up"), ("rounds", "round")])
def test_medians_take_the_repeats_of_every_combination_together(found, by, axis):
    epsilon = 1e-2
    table = found.medians(by, epsilon)
    assert table[["compressor", "step.multiple"]].values.tolist() == [[c, m] for c in ("top_k", "sign") for m in (1, 8)]
    for (_, row), first in zip(table.iterrows(), range(0, 12, 3), strict=True):
        traces = found.traces[first : first + 3]
        costs = [trace.bits_to(epsilon, axis=axis) for trace in traces]
        finals = [float(trace["grad_norm_sq"][-1]) for trace in traces]
        for name, values in (("cost", costs), ("final", finals)):
            assert row[name] == statistics.median(values)
            assert (row[f"{name}_low"], row[f"{name}_high"]) == (naive_quantile(values, 0.25), naive_quantile(values, 0.75))
        assert (row["runs"], row["diverged"]) == (3, 0)


def test_a_repeat_that_diverged_costs_infinitely_much_and_ends_infinitely_high():
    diverging = {
        "dataset": "divergence",
        "partition": {"name": "contiguous", "nodes": 3},
        "objective": "least_squares",
        "algorithm": "dcgd",
    }
    found = lab.sweep(
        {**diverging, "compressor": {"name": "top_k", "k": 1}, "step": {"rule": "fixed", "gamma": 1e3}, "rounds": 400}, {"repeat": [0]}
    )
    assert found.traces[0].diverged
    row = found.medians(epsilon=1e9).iloc[0]
    assert (row["cost"], row["final"], row["diverged"]) == (math.inf, math.inf, 1)
    later = found.within([float(found.traces[0]["bits_up"][-1]) + 1]).iloc[0]
    assert (later["value"], later["spent"]) == (math.inf, found.traces[0]["bits_up"][-1])


def test_within_a_budget_counts_the_last_record_that_is_paid_for(found):
    exact = float(found.traces[0]["bits_up"][7])  # a record that is just paid for
    budgets = sorted([50, exact, 500, 10**9])
    table = found.within(budgets)
    assert table["budget"].tolist() == [budget for budget in budgets for _ in range(4)]
    for _, row in table.iterrows():
        first = [["top_k", 1], ["top_k", 8], ["sign", 1], ["sign", 8]].index([row["compressor"], row["step.multiple"]]) * 3
        values, spent = [], []
        for trace in found.traces[first : first + 3]:
            paid = [place for place, bits in enumerate(trace["bits_up"]) if bits <= row["budget"]] or [0]
            values.append(float(trace["grad_norm_sq"][paid[-1]]))
            spent.append(min(row["budget"], float(trace["bits_up"][-1])))
        assert (row["value"], row["spent"]) == (statistics.median(values), statistics.median(spent))
    for _, of_budget in table.groupby("budget"):
        assert of_budget["value"].is_monotonic_increasing


def test_what_is_counted_is_known_or_refused(found):
    for table in (found.medians, lambda by: found.within([1.0], by)):
        with pytest.raises(Refusal, match="by='pixels'"):
            table("pixels")


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda found: found.frame("small"), "epsilon='small': numbers are expected"),
        (lambda found: found.frame([1e-3, np.nan]), "numbers are expected"),
        (lambda found: found.best([]), "by=\\[\\]: one of bits"),
        (lambda found: found.best("bits", 1e-4, "zz"), "no column 'zz'"),
        (lambda found: found.medians(quantiles=(2, 3)), "two shares from 0 to 1"),
        (lambda found: found.bands(quantiles=(0.75, 0.25)), "are expected, the lower first"),
        (lambda found: found.within(5), "budgets=5: numbers are expected"),
        (lambda found: lab.sweep({"rounds": 2}, {"compressor": [len]}), "values that JSON can hold, and <built-in function len>"),
    ],
)
def test_what_cannot_be_asked_of_a_sweep_is_refused_in_words(found, ask, words):
    with pytest.raises(lab.Refusal, match=words):
        ask(found)


def test_a_sweep_is_one_line_in_a_terminal_and_its_table_in_a_notebook(found, monkeypatch):
    monkeypatch.setenv("LANG", "C")
    assert repr(found) == "<Sweep: 12 runs over compressor, step.multiple, repeat>"
    failed = lab.sweep({**BASE, "rounds": 2}, {"algorithm": ["ef21", "diana"]})
    assert repr(failed) == "<Sweep: 2 runs over algorithm; 1 has no trace>"
    assert found._repr_html_().count("<tr") == 1 + len(found.specs)
