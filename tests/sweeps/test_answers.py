"""The verdict on a grid: who wins, by how much and where that changes is what trying every setting says."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ef21lab.choices.text import same
from ef21lab.runs.record import kept_names
from ef21lab.runs.trace import Trace
from ef21lab.runs.verdict import Measured
from ef21lab.sweeps.answers import Leader, Setting, answer, strengths

NAMED = {name: same(name.upper()) for name in "abc"}
COSTS = st.sampled_from([1.0, 2.0, 3.0, 5.0, math.inf])
SETTINGS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from([8.0, 16.0, 32.0]), st.lists(COSTS, min_size=3, max_size=3)), min_size=1
)


def run(steps: dict[float, float]) -> Trace:
    """It starts at 1, and at so many bits it falls to so much."""
    bits, values = [0.5, *steps], [1.0, *steps.values()]
    columns = {name: np.zeros(len(bits)) for name in kept_names()}
    return Trace(columns | {"bits_up": np.array(bits), "grad_norm_sq": np.array(values)}, np.empty((0, 0)))


def setting(contender: str, round_bits: float, *starts: dict[float, float]) -> Setting:
    return Setting(contender, same(f"{contender}{round_bits:g}"), round_bits, [run(steps) for steps in starts])


@given(SETTINGS)
def test_who_leads_where_a_round_may_take_so_many_bits_is_who_is_best_of_those_allowed(asked):
    settings = [setting(name, bits, *({cost: 0.1} if cost < math.inf else {} for cost in costs)) for name, bits, costs in asked]
    found = {leader.bits: leader.contender for leader in strengths(settings, 0.1)}
    for allowed in (8.0, 16.0, 32.0):
        least: dict[str, float] = {}
        for name, bits, costs in asked:
            if bits <= allowed:
                least[name] = min(least.get(name, math.inf), statistics.median(costs))
        if allowed in {bits for _, bits, _ in asked} and min(least.values()) < math.inf:
            assert least[found[allowed]] == min(least.values())
        else:
            assert allowed not in found


def test_a_contender_stands_with_the_best_of_its_settings_and_the_factor_is_that_of_the_starts():
    settings = [
        setting("a", 8, {10: 0.1}, {20: 0.1}, {30: 0.1}),
        setting("a", 16, {4: 0.1}, {5: 0.1}, {6: 0.1}),
        setting("b", 8, {12: 0.1}, {10: 0.1}, {9: 0.1, 40: 0.001}),
    ]
    said = answer(settings, NAMED, 0.1, [0.1, 0.01]).en
    assert said.startswith("At ε = 0.1 a16 wins: 5 bits a node, 2 times less than b8.")
    assert "Of 3 starts a16 leads in 3; the factor lies between 1.5 and 3." in said
    assert said.endswith("Where a round may take few bits, first at ε is B, from 16 on A.")  # within 8 bits A needs 20 and B 10


def test_elsewhere_it_speaks_of_a_contender_at_large_since_another_of_its_settings_leads_there():
    settings = [setting("a", 8, *[{10: 0.1}] * 3), setting("b", 8, *[{20: 0.1}] * 3), setting("b", 32, *[{99: 0.01}] * 3)]
    assert "For ε below 0.1 B leads." in answer(settings, NAMED, 0.1, [0.1, 0.03, 0.01]).en
    harder = answer(settings, NAMED, 0.03, [0.3, 0.1, 0.03, 0.01]).en
    assert harder.startswith("At ε = 0.03 b32 wins: 99 bits a node; nobody else comes to it. For ε above 0.1 A leads.")
    assert harder.endswith("However many bits a round may take, first at ε is B.")


def test_budgets_at_which_another_is_lowest_are_told_and_many_changes_are_counted():
    settings = [setting("a", 8, *[{10: 0.1}] * 3), setting("b", 8, *[{20: 0.1}] * 3)]
    said = answer(settings, NAMED, 0.1, [], [Leader(10, "a"), Leader(2000, "b"), Leader(5000, "b"), Leader(10_000, "c")]).en
    assert "Within a budget of bits from a node the lowest is at first A, from 2,000 on B, from 10,000 on C." in said
    many = [Leader(10.0**power, "ab"[power % 2]) for power in range(6)]
    assert "Who is lowest changes 5 times with the budget" in answer(settings, NAMED, 0.1, [], many).en
    assert "Whatever the budget of bits, B is lowest." in answer(settings, NAMED, 0.1, [], [Leader(10, "b"), Leader(20, "b")]).en


def test_why_is_looked_for_where_the_first_two_are_and_nowhere_else():
    looked = []

    def look(lost: float, gamma: float) -> Callable[[], Measured]:
        return lambda: looked.append(lost) or Measured(lost, gamma)

    settings = [
        setting("a", 8, *[{10: 0.1}] * 3)._replace(look=look(0.5, 2.0)),
        setting("a", 16, *[{4: 0.1}] * 3)._replace(look=look(0.25, 4.0)),
        setting("b", 8, *[{20: 0.1}] * 3)._replace(look=look(0.125, 8.0)),
        setting("c", 8, *[{30: 0.1}] * 3)._replace(look=look(0.75, 1.0)),
    ]
    said = answer(settings, NAMED, 0.1, [0.1])
    assert "On average a message loses 0.25 of its squared length with a16, 0.125 with b8; the steps are γ = 4 and 8." in said.en
    assert "Сообщение теряет в среднем 0,25 от квадрата своей длины у a16 и 0,125 у b8; шаги γ = 4 и 8." in said.ru
    assert looked == [0.25, 0.125]
    unknown = [settings[1]._replace(look=lambda: Measured(0.25, None)), settings[2]]
    assert "message loses" not in answer(unknown, NAMED, 0.1, [0.1]).en


def test_three_changes_are_told_one_by_one_and_four_are_counted():
    settings = [setting("a", 8, *[{10: 0.1}] * 3), setting("b", 8, *[{20: 0.1}] * 3)]
    leaders = [Leader(10.0**power, "ab"[power % 2]) for power in range(5)]
    told = answer(settings, NAMED, 0.1, [], leaders[:4]).en
    assert "the lowest is at first A, from 10 on B, from 100 on A, from 1,000 on B." in told
    assert "Who is lowest changes 4 times with the budget" in answer(settings, NAMED, 0.1, [], leaders).en


def test_the_lead_is_looked_at_at_epsilon_too_where_it_is_none_of_the_levels():
    settings = [setting("a", 8, *[{10: 0.1, 50: 0.01}] * 3), setting("b", 8, *[{20: 0.03}] * 3)]
    assert "For ε below 0.05 A leads." in answer(settings, NAMED, 0.05, [0.3, 0.01]).en


def test_a_contender_alone_is_told_of_alone():
    assert answer([setting("a", 8, {10: 0.1})], NAMED, 0.1, [0.1], [Leader(10, "a")]).en == "a8 comes to ε = 0.1: 10 bits a node."


def test_where_nobody_comes_to_epsilon_no_strength_leads():
    said = answer([setting("a", 8, {}), setting("b", 8, {4: 0.5})], NAMED, 0.1, [0.1])
    assert said.en == "Nobody comes to ε = 0.1 to stay. b8 ends lowest, at 0.5."
