"""A search finds whom the whole grid finds, computes a part of it and nothing twice, and goes on where it was interrupted."""

import math
from functools import partial
from random import Random

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.choices.text import Refusal
from ef21lab.jobs import beside
from ef21lab.runs.names import title
from ef21lab.searches.progress import progress
from ef21lab.searches.search import prepared, searching
from ef21lab.searches.words import told
from ef21lab.sweeps import pool

race = partial(lab.search, starts=1)  # of one start: it has no final

FOUR = {"name": "contiguous", "nodes": 4}
CANCER = {"dataset": "breast_cancer", "partition": FOUR, "objective": "logistic_ridge", "rounds": 160}
PROBLEMS = {
    "breast_cancer": CANCER,
    "diabetes": {"dataset": "diabetes", "partition": FOUR, "objective": "least_squares", "rounds": 160},
    "synthetic": {"dataset": "synthetic_classification", "partition": FOUR, "objective": "logistic_nonconvex", "rounds": 160},
}
GRID = {
    "compressor": [
        {"name": "top_k", "k": 1},
        {"name": "top_k", "k": 4},
        {"name": "rand_k", "k": 2},
        {"name": "svd", "ranks": 1},
        "sign",
        "identity",
    ],
    "step.multiple": [1, 8, 64, 512],
}
FEW = {"compressor": ["top_k", "sign", "natural"], "step.multiple": [1, 8, 64]}


@pytest.fixture(scope="module", params=PROBLEMS)
def grid(request):
    """All runs of a problem, computed as a sweep."""
    return PROBLEMS[request.param], lab.sweep(PROBLEMS[request.param], GRID)


def needed(trace, epsilon):
    """Bits at the first record from which on all are at ε, read off record by record."""
    values, cost = trace["grad_norm_sq"], math.inf
    for value, bits in zip(reversed(values), reversed(trace["bits_up"]), strict=True):
        if not value <= epsilon:
            return cost
        cost = bits
    return cost


def start_of(found):
    return float(found.traces[0]["grad_norm_sq"][0])


@pytest.mark.parametrize("part", [1e-1, 1e-3, 1e-6])
def test_the_winner_is_that_of_the_whole_grid(grid, part):
    base, every = grid
    epsilon = part * start_of(every)
    costs = {spec: needed(trace, epsilon) for spec, trace in zip(every.specs, every.traces, strict=True)}
    found = race(base, epsilon, GRID)
    assert math.isfinite(min(costs.values()))
    assert found.best == min(costs, key=costs.get)
    assert found.mark(found.best).cost == min(costs.values())
    assert found.computed < 0.7 * sum(spec.rounds + 1 for spec in every.specs)


@pytest.mark.parametrize("name", PROBLEMS)
def test_over_several_starts_the_winner_is_that_of_the_whole_grid_by_the_median(name):
    base = PROBLEMS[name]
    every = lab.sweep(base, {**GRID, "repeat": range(3)})
    epsilon = 1e-3 * start_of(every)
    costs = {}
    for place in range(0, len(every.specs), 3):
        costs[every.specs[place]] = sorted(needed(trace, epsilon) for trace in every.traces[place : place + 3])
    found = lab.search(base, epsilon, GRID, starts=3)
    assert found.best == min(costs, key=lambda spec: costs[spec][1])
    row = found.frame().iloc[0]
    assert [row["least"], row["median"], row["most"]] == costs[found.best]
    assert f"Of 3 starts {title(found.best).en} leads in " in told(found).en


def test_three_starts_decide_unless_it_is_said_otherwise():
    short = {**CANCER, "rounds": 30}
    usual = lab.search(short, 0.1, FEW)
    assert {len(costs) for costs in usual.final.costs.values()} == {3}
    assert (usual.race, usual.final) == (race(short, 0.1, FEW).race, lab.search(short, 0.1, FEW, starts=3).final)
    assert repr(usual) in {f"<Search: {told(usual)(language)}>" for language in ("en", "ru")}  # and not all that it holds
    assert usual._repr_html_().count("<tr") == 1 + len(usual.specs)


def test_several_processes_come_to_the_same_and_what_dies_is_said(monkeypatch):
    alone = lab.search(CANCER, 1e-3, FEW, starts=2)
    together = lab.search(CANCER, 1e-3, FEW, starts=2, workers=2)
    assert (together.race, together.final, together.computed) == (alone.race, alone.final, alone.computed)
    assert [title(spec) for spec in together.first] == [title(spec) for spec in alone.first]
    monkeypatch.setattr(pool, "PROGRAM", pool.PROGRAM.replace("main()", "import os; os._exit(7)"))
    with pytest.raises(RuntimeError, match="exit code 7"):
        race(CANCER, 1e-3, FEW, workers=2)


def test_the_final_is_gone_on_with_where_it_was_interrupted(tmp_path):
    whole = lab.search(CANCER, 1e-3, FEW, starts=3)
    raced = race(CANCER, 1e-3, FEW, store=tmp_path)
    computed = []
    with pytest.raises(Interrupted):
        lab.search(CANCER, 1e-3, FEW, starts=3, store=tmp_path, watch=lambda found, done, of: computed.append(found) or stop(found))
    assert "are run from 3 starts in all" in told(computed[-1]).en
    found = lab.search(CANCER, 1e-3, FEW, starts=3, store=tmp_path)
    assert found.final == whole.final
    assert raced.computed + computed[-1].computed + found.computed == whole.computed


def stop(found):
    if found.race.over and found.computed:
        raise Interrupted


def test_seconds_on_a_network_may_have_another_winner(grid):
    base, every = grid
    epsilon, network = 1e-3 * start_of(every), {"name": "star", "latency": 20.0, "slower": 0.0}
    costs = {
        spec: trace.bits_to(epsilon, axis="seconds")
        for spec, trace in zip(every.specs, (_timed(spec, trace, network) for spec, trace in _pairs(every)), strict=True)
    }
    found = race(base, epsilon, GRID, network=network)
    assert found.best == min(costs, key=costs.get)
    assert found.mark(found.best).cost == pytest.approx(min(costs.values()))
    assert found.best != race(base, epsilon, GRID).best  # with such a latency rounds count, not bits


def _pairs(found):
    return list(zip(found.specs, found.traces, strict=True))


def _timed(spec, trace, network):
    return lab.Trace({**trace.columns, "seconds": lab.clock(spec, network).seconds(trace.columns)}, trace.contraction)


def test_where_nobody_comes_to_epsilon_values_at_equal_bits_decide_and_that_is_said():
    found = race({**CANCER, "rounds": 20}, 1e-30, FEW)
    left = [spec for place, spec in enumerate(found.specs) if place not in found.race.dropped]
    traces = {spec: lab.run(spec) for spec in left}
    equal = found.race.equal
    assert equal <= max(trace["bits_up"][-1] for trace in traces.values())

    def level(spec):
        bits, values = traces[spec]["bits_up"], traces[spec]["grad_norm_sq"]
        last = max(at for at in range(len(bits)) if bits[at] <= equal)
        return max(values[at] for at in range(last + 1) if bits[at] >= bits[last] / 2)

    assert found.best == min(left, key=level)
    assert found.race.reached == ()
    assert "comes to ε = 10⁻³⁰" in told(found).en
    assert f"{equal:,.0f} bits" in told(found).en
    assert "lowest" in told(found).en


def test_where_the_first_take_as_much_as_each_other_that_is_said():
    found = lab.search({**CANCER, "rounds": 3}, 1e300, {"compressor": ["top_k"], "step.multiple": [1, 2, 4]})
    assert told(found).en.startswith(
        "Top-k k=1 ×1 comes to ε = 10³⁰⁰ for the least: 38 bits a node. Then: Top-k k=1 ×2, no more than that; Top-k"
    )
    assert "The first two take as much as each other from every one of 3 starts." in told(found).en.replace("\xa0", " ")
    assert "Первым двум нужно поровну с каждого из 3 стартов." in told(found).ru.replace("\xa0", " ")


def test_the_share_is_of_the_grid_from_one_start_where_no_final_was_held():
    never = {**CANCER, "rounds": 5}
    grid = {"compressor": ["top_k", "sign"]}
    assert lab.search(never, 1e-30, grid).share == race(never, 1e-30, grid).share == 1.0


def test_where_everybody_diverges_the_search_ends_and_says_so():
    found = race(PROBLEMS["diabetes"], 1e-3, {"compressor": ["top_k", "sign", "natural"], "step.multiple": [1e4, 1e5]})
    assert (found.race.reached, found.first) == ((), [])
    assert told(found).en.startswith("All of those who were left diverge.")
    assert told(found).ru.startswith("Все оставшиеся расходятся.")


class Interrupted(Exception):
    pass


def test_a_search_that_is_interrupted_goes_on_where_it_was_and_computes_nothing_twice(tmp_path):
    undisturbed = race(CANCER, 1e-4, FEW)
    random, computed, runs = Random(26), 0, 0
    while True:
        runs += 1
        last, slices = 0, random.randrange(1, 4)

        def watch(so_far, done, of):
            nonlocal last, slices
            last, slices = so_far.computed, slices - 1
            if not slices:
                raise Interrupted

        try:
            found = race(CANCER, 1e-4, FEW, store=tmp_path, watch=watch)
            break
        except Interrupted:
            pass
        finally:
            computed += last
    assert runs > 4
    assert found.race == undisturbed.race
    assert computed == undisturbed.computed


def test_what_a_sweep_knows_a_search_does_not_compute_and_the_other_way_about(tmp_path):
    lab.sweep(CANCER, FEW, store=tmp_path)
    found = race(CANCER, 1e-4, FEW, store=tmp_path)
    assert found.computed == 0
    assert found.race == race(CANCER, 1e-4, FEW).race


def test_a_run_that_a_search_has_dropped_goes_on_from_there_to_the_same_bits(tmp_path):
    found = race(CANCER, 1e-4, FEW, store=tmp_path)
    dropped = found.specs[next(iter(found.race.dropped))]
    with beside.opened(beside.place_of(tmp_path)) as record:
        assert record.status(dropped.key).state == "cancelled"
        assert 0 <= record.status(dropped.key).round < dropped.rounds
    trace, alone = lab.run(dropped, store=tmp_path), lab.run(dropped)
    assert all(name == "seconds" or np.array_equal(trace[name], alone[name], equal_nan=True) for name in alone.columns)


def test_the_same_search_has_the_same_result_and_another_seed_another():
    drawn = {"compressor": ["rand_k", "qsgd", "ternary"], "step.multiple": [1, 8]}
    once, again, other = (race({**CANCER, "rounds": 60, "seed": seed}, 1e-1, drawn).race for seed in (0, 0, 1))
    assert once == again != other


def test_a_row_for_every_candidate():
    found = race(CANCER, 1e-3, FEW)
    frame = found.frame()
    assert sorted(frame["key"]) == sorted(spec.key for spec in found.specs)
    assert frame["cost"][0] == found.mark(found.best).cost
    assert (frame["state"] == "dropped").sum() == len(found.race.dropped) == frame["dropped_at"].notna().sum()
    reached = (frame["state"] == "reached").sum()
    assert frame["state"][:reached].tolist() == ["reached"] * reached
    assert found.first == found.standings[: min(3, reached)] != []


def test_all_along_the_way_the_search_says_where_it_is():
    asked = prepared(CANCER, 1e-3, FEW, starts=1)
    with progress(False) as known:
        steps = list(searching(asked, known))
    assert [found.over for found, _, _ in steps] == [False] * (len(steps) - 1) + [True]
    assert all(0 <= done <= of for _, done, of in steps)
    for found, _, _ in steps[:-1]:
        assert "in the race" in told(found).en
        assert len(found.standings) == len(found.specs)


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("epsilon=0", {"epsilon": 0}),
        ("epsilon=True", {"epsilon": True}),
        ("epsilon=nan", {"epsilon": math.nan}),
        ("network 'pigeons'", {"epsilon": 1.0, "network": "pigeons"}),
        ("algorithm 'none'", {"epsilon": 1.0, "methods": ["none"]}),
        ("starts=0", {"epsilon": 1.0, "starts": 0}),
        ("workers='many'", {"epsilon": 1.0, "workers": "many"}),
        ("a grid is", {"epsilon": 1.0, "grid": ["top_k"]}),
    ],
)
def test_what_is_no_search_is_refused_before_anything_is_computed(words, asked):
    with pytest.raises(Refusal, match=words):
        race(CANCER, **asked)
