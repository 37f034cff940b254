"""A race to an accuracy finds whom the whole grid finds: who needs the fewest bits until that share of held-out rows is told right."""

import math

import pytest

import ef21lab as lab
from ef21lab.choices.text import Refusal
from ef21lab.searches.through_lab import LabRace
from ef21lab.searches.words import told

DIGITS = {
    "dataset": "digits",
    "partition": {"name": "by_label", "nodes": 5},
    "objective": "softmax",
    "start": "zeros",
    "held_out": 0.3,
    "rounds": 100,
}
GRID = {
    "compressor": [{"name": "top_k", "k": 8}, {"name": "top_k", "k": 32}, {"name": "st_hosvd", "ranks": 1}, "sign", "identity"],
    "step.multiple": [1, 8, 64, 512],
}


@pytest.fixture(scope="module")
def grid():
    """All runs, computed as a sweep."""
    return lab.sweep(DIGITS, GRID)


def needed(trace, share):
    """Bits at the first record from which on no accuracy is under this share, read off record by record."""
    cost = math.inf
    for value, bits in zip(reversed(trace["accuracy"]), reversed(trace["bits_up"]), strict=True):
        if not value >= share:
            return cost
        cost = bits
    return cost


@pytest.mark.parametrize("share", [0.6, 0.8, 0.9])
def test_the_winner_is_that_of_the_whole_grid(grid, share):
    costs = {spec: needed(trace, share) for spec, trace in zip(grid.specs, grid.traces, strict=True)}
    found = lab.search(DIGITS, share, GRID, starts=1, metric="accuracy")
    assert math.isfinite(min(costs.values()))
    assert found.best == min(costs, key=costs.get)
    assert found.mark(found.best).cost == min(costs.values())
    assert found.computed < 0.8 * sum(spec.rounds + 1 for spec in grid.specs)
    assert f"comes to ε = {100 * share:.0f}% for the least" in told(found).en
    levels = dict(zip(found.frame()["key"], found.frame()["level"], strict=True))
    traces = dict(zip(grid.specs, grid.traces, strict=True))
    for spec in found.first:  # of the last half of what each has spent
        trace, spent = traces[spec], found.mark(spec).spent
        half = [
            value
            for value, bits in zip(trace["accuracy"], trace["bits_up"], strict=True)
            if trace["bits_up"][0] < spent and spent / 2 <= bits <= spent
        ]
        assert levels[spec.key] == pytest.approx(min(half), abs=1e-15)


def test_where_nobody_comes_to_it_who_is_highest_at_equal_bits_leads(grid):
    short = {**DIGITS, "rounds": 12}
    found = lab.search(short, 1.0, GRID, starts=1, metric="accuracy")
    left = [spec for place, spec in enumerate(found.specs) if place not in found.race.dropped]
    traces, equal = {spec: lab.run(spec) for spec in left}, found.race.equal

    def level(spec):
        bits, values = traces[spec]["bits_up"], traces[spec]["accuracy"]
        last = max(at for at in range(len(bits)) if bits[at] <= equal)
        return min(values[at] for at in range(last + 1) if bits[at] >= bits[last] / 2)

    assert found.best == max(left, key=level)
    assert f"is highest: {100 * level(found.best):.3g}%" in told(found).en
    assert "выше всех" in told(found).ru


@pytest.mark.parametrize(
    ("changes", "epsilon", "metric", "words"),
    [
        ({}, 0.9, "loss", "metric='loss': one of grad_norm_sq, accuracy"),
        ({}, 90, "accuracy", "a share of rows, above 0 and at most 1"),
        ({"held_out": 0.0}, 0.9, "accuracy", "held_out must be above 0"),
        ({"dataset": "diabetes", "objective": "least_squares", "partition": "contiguous"}, 0.9, "accuracy", "labels must be classes"),
    ],
)
def test_what_no_race_can_come_to_is_refused_in_words(changes, epsilon, metric, words):
    with pytest.raises(Refusal, match=words):
        lab.search({**DIGITS, **changes}, epsilon, {"compressor": ["top_k"]}, metric=metric)


def test_a_race_through_the_lab_keeps_by_what_it_is_judged_and_an_earlier_one_was_by_the_gradient():
    spec = lab.RunSpec.make(DIGITS)
    plain, by_share = LabRace(spec, 0.9), LabRace(spec, 0.9, metric="accuracy")
    assert plain.name != by_share.name
    assert [(LabRace.of(one.json()).name, LabRace.of(one.json()).metric) for one in (plain, by_share)] == [
        (plain.name, "grad_norm_sq"),
        (by_share.name, "accuracy"),
    ]
    earlier = {name: value for name, value in plain.json().items() if name != "metric"}
    assert LabRace.of(earlier).name == plain.name
