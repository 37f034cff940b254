"""The final is a race's first three over all starts, by the median: from made-up curves, against a reckoning start by start."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ef21lab.runs.repeats import repeats
from ef21lab.runs.spec import RunSpec
from ef21lab.searches.finals import Final, final, middle
from ef21lab.searches.rungs import Known, race

EPSILON = 0.5
SPECS = [RunSpec.make({"compressor": {"name": "top_k", "k": k}, "rounds": 9}) for k in range(1, 7)]
# Of every start: values record by record; ε may be left again, or never come.
CURVES = st.lists(st.lists(st.sampled_from([0.1, 0.4, 0.6, 2.0]), min_size=9, max_size=9), min_size=5, max_size=5)


def curve(values: list[float], whole: bool = True) -> Known:
    return Known(np.arange(1.0, len(values) + 1), np.array(values), whole)


def needed(values: list[float]) -> float:
    """Literally: what had been spent at the first record from which on all are at ε."""
    return next((at + 1.0 for at in range(len(values)) if max(values[at:]) <= EPSILON), math.inf)


def table(curves: list[list[list[float]]]) -> dict[RunSpec, Known]:
    """Of so many candidates the curves from every start."""
    return {run: curve(values) for spec, own in zip(SPECS, curves, strict=False) for run, values in zip(repeats(spec, 5), own, strict=True)}


def played(curves: list[list[list[float]]], starts: int, finalists: int = 3, barred: tuple[str, ...] = ()) -> tuple[tuple[int, ...], Final]:
    known = table(curves)
    raced = race(lambda place: known[SPECS[place]], SPECS[: len(curves)], EPSILON, 2.0)
    return raced.reached, final(raced, SPECS, starts, finalists, known.__getitem__, EPSILON, barred)


@settings(max_examples=50)
@given(st.lists(CURVES, min_size=1, max_size=6), st.integers(1, 5))
def test_of_the_first_three_the_median_over_all_starts_decides(curves, starts):
    reached, found = played(curves, starts)
    expected = {place: tuple(needed(values) for values in curves[place][:starts]) for place in reached[:3]} if starts > 1 else {}
    assert found.costs == expected
    assert found.runs == (starts - 1) * len(expected)
    medians = [statistics.median(found.costs[place]) for place in found.order]
    assert sorted(found.order) == sorted(expected)
    assert medians == sorted(medians)
    assert [found.median(place) for place in found.order] == medians
    for before, after in zip(found.order, found.order[1:], strict=False):  # ties as the race has left them
        assert (found.median(before), reached.index(before)) < (found.median(after), reached.index(after))


AT_ONCE, SLOWLY, NEVER = [0.1] * 9, [0.6] * 6 + [0.1] * 3, [2.0] * 9


def test_who_is_first_from_one_start_need_not_be_first_from_most():
    lucky, steady = [AT_ONCE, NEVER, NEVER], [SLOWLY, AT_ONCE, SLOWLY]
    _, found = played([pad(lucky), pad(steady)], 3)
    assert found.costs == {0: (1.0, math.inf, math.inf), 1: (7.0, 1.0, 7.0)}
    assert found.order == (1, 0)


def pad(curves: list[list[float]]) -> list[list[float]]:
    return [*curves, *[NEVER] * (5 - len(curves))]


@pytest.mark.parametrize(("costs", "expected"), [([4.0, 1.0, 2.0], 2.0), ([1.0, math.inf], math.inf), ([1.0, 4.0], 2.5), ([3.0], 3.0)])
def test_the_median_of_an_even_number_lies_half_way(costs, expected):
    assert middle(costs) == expected


def test_what_is_not_whole_yet_is_wanted_and_nothing_is_compared_before():
    known = table([[AT_ONCE] * 5, [SLOWLY] * 5])
    late = repeats(SPECS[1], 3)[2]
    known[late] = known[late]._replace(whole=False)
    raced = race(lambda place: known[SPECS[place]], SPECS[:2], EPSILON, 2.0)
    found = final(raced, SPECS, 3, 3, known.__getitem__, EPSILON)
    assert (found.wanted, found.runs, found.costs, found.over) == ((late,), 4, {}, False)


def test_who_has_a_run_that_can_never_be_is_not_compared_and_the_others_are():
    one_of_five = repeats(SPECS[0], 3)[2].key
    _, found = played([[AT_ONCE] * 5, [SLOWLY] * 5], 3, barred=(one_of_five,))
    assert (list(found.costs), found.order) == ([1], (1,))


def test_a_race_that_is_not_over_has_no_final():
    """Not even of those who have come to their ends at ε."""
    there, begun = curve([0.1]), curve([2.0, 2.0, 2.0], whole=False)
    raced = race([there, begun].__getitem__, SPECS[:2], EPSILON, 2.0)
    assert (raced.over, raced.reached) == (False, (0,))
    assert final(raced, SPECS, 3, 3, lambda run: there, EPSILON) == Final()


def test_from_another_start_all_of_a_run_counts_though_it_spends_more_than_the_race_has_seen():
    short, dear = curve([0.1, 0.1]), Known(np.array([1.0, 50.0, 500.0]), np.array([0.1, 0.1, 2.0]), True)
    raced = race(lambda place: short, SPECS[:1], EPSILON, 2.0)
    found = final(raced, SPECS[:1], 2, 3, lambda run: dear, EPSILON)
    assert found.costs == {0: (1.0, math.inf)}


def test_the_start_of_a_repeat_is_another_also_where_the_run_has_a_seed_of_its_own():
    seeded = replace(SPECS[0], seed=41)
    asked: list[RunSpec] = []
    known = curve(AT_ONCE)
    raced = race(lambda place: known, [seeded], EPSILON, 2.0)
    final(raced, [seeded], 3, 3, lambda run: asked.append(run) or known, EPSILON)  # type: ignore[func-returns-value]
    assert [(run.seed, run.start.settings()["seed"]) for run in asked] == [(42, 1), (43, 2)]
