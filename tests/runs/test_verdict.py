"""Who wins at ε, and where that changes, is held to the definition by trying every ε; the words say what the numbers are."""

from __future__ import annotations

import math
import statistics

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import same
from ef21lab.runs.record import kept_names
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import changes, standings
from ef21lab.runs.trace import Trace
from ef21lab.runs.verdict import Racer, verdict

VALUES = st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, math.inf, math.nan]), min_size=1, max_size=7)
RUNS = st.tuples(VALUES, st.sampled_from([1.0, 2.0, 3.0]))
CANDIDATES = st.lists(st.lists(st.lists(RUNS, min_size=1, max_size=2), min_size=1, max_size=3), min_size=1, max_size=3)
RACES = st.lists(st.lists(st.tuples(VALUES, st.sampled_from([1.0, 2.0, 3.0])), min_size=1, max_size=3), min_size=1, max_size=3)
EVERY = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0]  # all values, and what lies between them


def trace(values: list[float], price: float = 10.0, contraction: float = 0.25) -> Trace:
    """A made-up run: `values` of every metric, `price` bits a round."""
    columns = {name: np.array(values, dtype=float) for name in kept_names()}
    rounds = np.arange(len(values))
    counted = {"round": rounds, "bits_up": price * (rounds + 1), "seconds": rounds / 8, "distortion": np.zeros(len(values))}
    return Trace({**columns, **counted}, np.full((len(values), 2), contraction))


def cost(values: list[float], price: float, epsilon: float) -> float:
    return next((price * (t + 1) for t in range(len(values)) if all(value <= epsilon for value in values[t:])), math.inf)


def costs(race: list, epsilon: float) -> list[float]:
    return [statistics.median(cost(values, price, epsilon) for values, price in repeats) for repeats in race]


def runs(race: list) -> list[list[Trace]]:
    return [[trace(values, price) for values, price in repeats] for repeats in race]


@given(RACES, st.sampled_from(EVERY))
def test_who_comes_to_epsilon_for_less_stands_before_who_does_for_more(race, epsilon):
    found, expected = standings(runs(race), epsilon), costs(race, epsilon)
    assert sorted(one.place for one in found) == list(range(len(race)))
    for one in found:
        assert one.cost == expected[one.place]
        assert one.costs == tuple(cost(values, price, epsilon) for values, price in race[one.place])
        assert one.ratio == (one.cost / min(expected) if one.cost < math.inf else math.inf)
    for one, other in zip(found, found[1:], strict=False):
        assert one.cost <= other.cost
        if one.cost == other.cost == math.inf:
            assert one.final <= other.final
        if (one.cost, one.final) == (other.cost, other.final):
            assert one.place < other.place


def least(race: list, epsilon: float) -> list[float]:
    """Of every contender, what the best of its candidates needs."""
    return [min(costs(candidates, epsilon)) for candidates in race]


@given(CANDIDATES)
def test_the_lead_is_told_at_every_epsilon(race):
    """Walk down every ε there is: whoever the changes say leads needs no more than anybody else with any of its candidates."""
    found = changes([runs(candidates) for candidates in race])
    assert [change.epsilon for change in found] == sorted({change.epsilon for change in found}, reverse=True)
    for change, following in zip(found, found[1:], strict=False):
        assert change.below == following.above
    everywhere = [one for one in (least(race, epsilon) for epsilon in EVERY) if min(one) < math.inf]
    if not found:
        assert not everywhere or any(all(one[place] == min(one) for one in everywhere) for place in range(len(race)))
    for epsilon in EVERY if found else ():
        passed = [change for change in found if change.epsilon > epsilon]
        expected = least(race, epsilon)
        if min(expected) < math.inf:
            assert expected[passed[-1].below if passed else found[0].above] == min(expected)


@given(CANDIDATES)
def test_nobody_gives_up_the_lead_to_an_equal(race):
    for change in changes([runs(candidates) for candidates in race]):
        assert least(race, change.epsilon)[change.above] == min(least(race, change.epsilon))
        under = least(race, change.epsilon - 0.25)  # no value lies between
        assert under[change.above] > under[change.below] == min(under)


BOUND = 2.5
ENDS = RunSpec.make({"stop_at": BOUND})


def ended(values: list[float], price: float) -> Trace:
    """A run that falls, and ends with its first record at or below BOUND."""
    there = [at for at, value in enumerate(values) if value <= BOUND]
    return trace(values[: there[0] + 1] if there else values, price).of(ENDS)


@given(CANDIDATES)
def test_of_runs_that_end_at_a_bound_the_lead_is_told_above_it_and_nothing_below(race):
    """Above it a run that ends is as good as one that goes on; how far its last record lies below is chance, and decides nothing."""
    falls = [[[(sorted(map(some, values), reverse=True), price) for values, price in repeats] for repeats in each] for each in race]
    cut = [[[ended(*one) for one in repeats] for repeats in each] for each in falls]
    found = changes(cut)
    assert all(change.epsilon > BOUND for change in found)
    for epsilon in (level for level in EVERY if level >= BOUND):
        passed, expected = [change for change in found if change.epsilon > epsilon], least(falls, epsilon)
        if found and min(expected) < math.inf:
            assert expected[passed[-1].below if passed else found[0].above] == min(expected)
        for candidates, own in zip(cut, falls, strict=True):
            assert sorted(one.cost for one in standings(candidates, epsilon)) == sorted(costs(own, epsilon))
    assert all(math.isinf(one.cost) for candidates in cut for one in standings(candidates, 2.0))


def some(value: float) -> float:
    return 6.0 if math.isnan(value) else max(value, 1.0)


FAST = [1.0, 0.1, 0.01, 0.009]  # soon low, and no further
DEEP = [1.0, 0.5, 0.2, 0.001]


def said(*contenders: Racer, epsilon: float = 0.05, **more: str) -> list[str]:
    words = verdict(contenders, epsilon, **more).words
    return [words("en"), words("ru")]


def named(label: str, *repeats: list[float], price: float = 10.0, gamma: float | None = None, contraction: float = 0.25) -> Racer:
    return Racer(same(label), [trace(values, price, contraction) for values in repeats], gamma)


def test_it_says_who_wins_by_which_factor_and_where_that_changes():
    race = named("Fast", FAST), named("Deep", DEEP, price=20.0)
    assert verdict(race, 0.05).changes == [(0.009, 0, 1)]
    assert said(*race) == [
        "At ε = 0.05 Fast wins: 30 bits a node, 2.67 times less than Deep. For ε below 9·10⁻³ Deep leads. "
        "This is 1 start only, which decides nothing yet.",
        "При ε = 0,05 побеждает Fast: 30\u00a0бит с узла, в 2,67\u00a0раза меньше, чем у Deep. При ε меньше 9·10⁻³ впереди Deep. "
        "Пока 1\u00a0старт: этого мало, чтобы решать.",
    ]


def test_below_the_crossing_the_other_wins_and_that_is_said_too():
    assert said(named("Fast", FAST), named("Deep", DEEP, price=20.0), epsilon=0.005)[0].startswith(
        "At ε = 5·10⁻³ Deep wins: 80 bits a node; nobody else comes to it. For ε above 9·10⁻³ Fast leads."
    )


def test_where_nobody_comes_to_it_the_lowest_end_is_named():
    heard = said(named("Fast", FAST), named("Deep", DEEP), epsilon=1e-9)[0]
    assert heard == "Nobody comes to ε = 10⁻⁹ to stay. Deep ends lowest, at 10⁻³."


def test_where_all_diverge_that_is_all_there_is_to_say():
    assert said(named("One", [1.0, math.inf]), named("Other", [1.0, math.nan])) == ["All of them diverge.", "Все расходятся."]


def test_it_counts_what_the_axis_counts():
    assert said(named("Fast", FAST), axis="round")[0] == "Fast comes to ε = 0.05: 2 rounds."
    assert said(named("Fast", FAST), axis="seconds")[0] == "Fast comes to ε = 0.05: 0.25 seconds."


def test_one_by_itself_is_told_without_a_factor():
    assert said(named("Fast", FAST))[0] == "Fast comes to ε = 0.05: 30 bits a node."
    assert said(named("Fast", FAST), epsilon=1e-9)[0] == "Fast does not come to ε = 10⁻⁹ to stay; it ends at 9·10⁻³."


def test_a_factor_that_three_digits_cannot_tell_from_one_is_no_win():
    assert said(named("One", FAST, price=1000.0), named("Other", FAST, price=1001.0))[0].startswith(
        "At ε = 0.05 One and Other are level: 3,000 bits a node."
    )


def test_three_starts_say_how_far_they_differ_and_two_do_not():
    slow, quick = [1.0, 1.0, 1.0, 0.01], [1.0, 0.01, 0.01, 0.01]
    race = named("One", quick, slow, quick), named("Other", slow, quick, slow, price=15.0)
    assert "Of 3 starts One leads in 2; the factor lies between 0.75 and 3." in said(*race)[0]
    two = named("One", quick, slow), named("Other", slow, quick)
    assert "This is 2 starts only, which decides nothing yet." in said(*two)[0]


def test_a_start_that_never_arrives_leaves_no_factor():
    stuck, quick = [1.0, 1.0, 1.0, 1.0], [1.0, 0.01, 0.01, 0.01]
    race = named("One", quick, quick, quick), named("Other", quick, stuck, quick)
    assert "Of 3 starts One leads in 1; not every time do both come to ε." in said(*race)[0]


def test_why_is_said_as_far_as_it_is_measured():
    race = named("One", FAST, gamma=2.0, contraction=0.5), named("Other", DEEP, gamma=0.25, contraction=0.125)
    assert said(*race)[0].endswith(
        "On average a message loses 0.5 of its squared length with One, 0.125 with Other; the steps are γ = 2 and 0.25."
    )
    assert "message loses" not in said(named("One", FAST, contraction=math.nan, gamma=1.0), race[1])[0]


def test_a_lead_over_a_sliver_is_worth_no_sentence():
    """Where all begin, and where all end, it is chance who is a hair lower: of a factor of 2 in ε on it is told."""
    begins, ends = named("Fast", [1.0, 0.01, 0.002]), named("Deep", [0.9, 0.5, 0.3, 0.2, 0.1, 0.0019], price=20.0)
    assert "For ε" not in said(begins, ends)[0]
    deeper = named("Deep", [0.9, 0.5, 0.3, 0.2, 0.1, 0.001], price=20.0)
    assert "For ε below 2·10⁻³ Deep leads." in said(begins, deeper)[0]
    late, early = named("Late", [1.0, 0.9, 0.001], price=20.0), named("Early", [1.0, 0.4, 0.35, 0.3, 0.01])
    assert "For ε above 0.01 Early leads." in said(late, early, epsilon=0.005)[0]
