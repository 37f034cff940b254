"""Halving decides by what is known up to a rung and by nothing else, and loses nobody whom it has not dropped."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ef21lab.searches.rungs import FINALISTS, Known, race


def needed(curve, epsilon):
    """Literally: what had been spent at the first record from which on all are at ε."""
    if curve.diverged:
        return math.inf
    return next((curve.spent[at] for at in range(len(curve.values)) if all(curve.values[at:] <= epsilon)), math.inf)


def line(each, values, diverged=False):
    """Known whole: so much spent for every record."""
    return Known(each * np.arange(1.0, len(values) + 1), np.array(values, dtype=float), True, diverged)


def falling(each, rate, records=64):
    return line(each, [0.5 ** (rate * at) for at in range(records)])


curves = st.lists(
    st.tuples(st.floats(0.5, 8.0), st.lists(st.floats(0.0, 4.0), min_size=1, max_size=40), st.booleans()), min_size=1, max_size=24
).map(lambda found: [line(each, values, diverged and len(values) > 2) for each, values, diverged in found])


def lazily(every, kinds, epsilon, first, more):
    """Records come as they are asked for, and `more` of them than was asked."""
    told = [0] * len(every)

    def known(place):
        curve, records = every[place], told[place]
        whole = records >= len(curve.spent)
        return Known(curve.spent[:records], curve.values[:records], whole, whole and curve.diverged)

    while True:
        found = race(known, kinds, epsilon, first)
        if found.over:
            return found, told
        for place, budget in found.wanted.items():
            told[place] = max(told[place] + 1, int(np.searchsorted(every[place].spent, budget, side="right")) + more)


@settings(max_examples=60)
@given(curves, st.floats(0.01, 2.0), st.floats(0.5, 30.0), st.integers(1, 3))
def test_the_same_is_decided_whatever_else_is_known(every, epsilon, first, more):
    kinds = [place % 3 for place in range(len(every))]
    at_once = race(every.__getitem__, kinds, epsilon, first)
    assert at_once.over
    assert lazily(every, kinds, epsilon, first, more)[0] == at_once


@settings(max_examples=60)
@given(curves, st.floats(0.01, 2.0), st.floats(0.5, 30.0))
def test_of_those_who_were_not_dropped_nobody_needs_less_than_the_first(every, epsilon, first):
    found = race(every.__getitem__, [0] * len(every), epsilon, first)
    costs = {place: needed(every[place], epsilon) for place in range(len(every)) if place not in found.dropped}
    assert sorted([*found.order]) == list(range(len(every)))
    if math.isinf(min(costs.values())):
        assert found.reached == ()
    else:
        assert costs[found.order[0]] == min(costs.values())
        assert [costs[place] for place in found.reached[:FINALISTS]] == sorted(costs.values())[: len(found.reached)][:FINALISTS]
        assert all(found.marks[place].cost == costs[place] for place in found.reached)


@settings(max_examples=60)
@given(curves, st.floats(0.01, 2.0), st.floats(0.5, 30.0))
def test_few_are_searched_exactly(every, epsilon, first):
    few = every[:FINALISTS]
    found = race(few.__getitem__, [0] * len(few), epsilon, first)
    costs = [needed(curve, epsilon) for curve in few]
    assert found.dropped == {}
    assert list(found.reached) == [place for place in found.order if math.isfinite(costs[place])]
    assert len(found.reached) == sum(map(math.isfinite, costs))


def test_the_better_half_goes_on_at_every_rung():
    every = [falling(1.0, 0.5 * place, 400) for place in range(40)]
    found = race(every.__getitem__, ["one"] * 40, 1e-300, 4.0)
    assert [(rung.budget, rung.entered, len(rung.dropped)) for rung in found.rungs][:3] == [(4.0, 40, 20), (8.0, 20, 10), (16.0, 10, 5)]
    assert found.rungs[0].dropped == tuple(range(19, -1, -1))
    assert found.order[0] == 39


def test_while_all_stand_on_one_plateau_nobody_is_dropped():
    late = [line(1.0, [1.0 + 0.01 * place] * 20 + [0.5 ** (at * (1 + place)) for at in range(40)]) for place in range(8)]
    found = race(late.__getitem__, ["one"] * 8, 1e-12, 4.0)
    assert [len(rung.dropped) for rung in found.rungs][:3] == [0, 0, 0]
    assert found.order[0] == 7


def test_all_are_judged_by_what_they_have_spent_and_not_by_their_rounds():
    dear, cheap = [falling(10.0, 1.0, 400)] * 4, [falling(1.0, 0.2, 4000)] * 4
    found = race([*dear, *cheap].__getitem__, ["one"] * 8, 1e-6, 20.0)
    assert found.rungs[0].dropped == (0, 1, 2, 3)  # a round of theirs does more, a bit less


def test_the_best_of_every_kind_goes_on_while_there_are_many():
    every = [falling(1.0, 1.0, 400)] * 20 + [falling(1.0, 0.01, 400)]
    assert 20 not in race(every.__getitem__, ["fast"] * 20 + ["slow"], 1e-9, 8.0).rungs[0].dropped
    assert 20 in race(every.__getitem__, ["fast"] * 21, 1e-9, 8.0).rungs[0].dropped


def test_who_starts_slowly_may_be_dropped_which_is_what_halving_cannot_help():
    late = line(1.0, [1.0] * 30 + [1e-9] * 34)
    steady = [falling(1.0, 0.3, 64)] * 7
    found = race([late, *steady].__getitem__, ["one"] * 8, 1e-5, 4.0)
    assert 0 in found.dropped
    assert needed(late, 1e-5) < needed(steady[0], 1e-5)


def test_who_leaves_epsilon_again_is_not_the_first():
    visits = line(1.0, [1.0, 1e-9, 1e-9, 1e-9] + [1.0] * 20)
    found = race([visits, falling(1.0, 1.0, 40), falling(1.0, 0.9, 40), falling(1.0, 0.8, 40)].__getitem__, ["one"] * 4, 1e-3, 3.0)
    assert found.order[0] == 1
    assert 0 not in found.reached


def test_ties_go_to_whom_was_given_first():
    same = [falling(2.0, 0.5, 64)] * 9
    assert race(same.__getitem__, ["one"] * 9, 1e-4, 4.0).reached == (0, 1, 2)


def test_where_all_diverge_the_race_ends():
    every = [line(1.0, [1.0, 1e9, np.nan], diverged=True)] * 5
    found = race(every.__getitem__, ["one"] * 5, 1e-4, 1.0)
    assert found.over
    assert found.reached == ()
    assert all(math.isinf(found.marks[place].level) for place in found.order[:FINALISTS])


def test_where_nobody_comes_to_it_values_at_equal_cost_decide():
    fine_late = line(8.0, np.linspace(1.0, 0.1, 40))  # lower at its end, which is eight times as far
    steady = line(1.0, np.linspace(1.0, 0.2, 40))
    found = race([fine_late, steady].__getitem__, ["one"] * 2, 1e-9, 4.0)
    assert (found.order, found.equal) == ((1, 0), 40.0)
    assert fine_late.values[-1] < steady.values[-1]


@pytest.mark.parametrize("first", [1.0, 1e9])
def test_a_race_of_nobody_is_over(first):
    assert race([].__getitem__, [], 1.0, first).over
