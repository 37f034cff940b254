"""Who waits is served in proportion: by the workers' time, not by the number of questions."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from ef21lab.jobs.turns import Turns


def served(turns: Turns[str], seconds: dict[str, float], total: float) -> Counter[str]:
    """Seconds that each owner got of one worker, while all have something waiting all the time."""
    got: Counter[str] = Counter()
    while sum(got.values()) < total:
        owner = turns.next()
        got[owner] += seconds[owner]
        turns.end(owner, seconds[owner])
        turns.join(owner, owner)
    return got


def test_a_flood_of_small_tasks_and_a_few_long_ones_get_the_same_time() -> None:
    turns: Turns[str] = Turns()
    for owner in ("flood",) * 1000 + ("long",):
        turns.join(owner, owner)
    got = served(turns, {"flood": 0.01, "long": 2.0}, 200.0)
    assert got["flood"] == pytest.approx(got["long"], abs=2.0)


def test_whoever_comes_waits_for_no_more_than_what_is_being_served() -> None:
    turns: Turns[str] = Turns()
    for number in range(500):
        turns.join("flood", f"flood {number}")
    for _ in range(100):
        turns.next()
        turns.end("flood", 1.0)
    turns.join("new", "new")
    assert {turns.next(), turns.next()} == {"flood 100", "new"}


def test_the_tasks_of_one_owner_keep_their_order_and_one_that_lost_its_turn_is_first() -> None:
    turns: Turns[int] = Turns()
    for number in range(3):
        turns.join("ann", number)
    lost = turns.next()
    turns.end("ann", 0.1)
    turns.join("ann", lost, first=True)
    assert [turns.next() for _ in range(3)] == [0, 1, 2]


def test_time_away_is_not_saved_up_and_time_taken_is_not_forgotten_by_leaving() -> None:
    turns: Turns[str] = Turns()
    turns.join("greedy", "greedy")
    turns.join("modest", "modest")
    for _ in range(2):
        owner = turns.next()
        turns.end(owner, 100.0 if owner == "greedy" else 1.0)
        turns.join("modest", "modest")
    turns.join("greedy", "greedy again")  # gone in between, and still 99 s ahead
    got = Counter()
    for _ in range(50):
        item = turns.next()
        got[item] += 1
        turns.end("modest" if item == "modest" else "greedy", 1.0)
        turns.join("modest", "modest")
    assert "greedy again" not in got


def test_what_is_withdrawn_is_never_served_and_nothing_else_is_lost() -> None:
    chance, turns, here = random.Random(0), Turns[int](), {}
    for number in range(2000):
        here[number] = f"owner {chance.randrange(7)}"
        turns.join(here[number], number)
    withdrawn = set(chance.sample(range(2000), 900))
    assert all(turns.leave(here[number], number) for number in withdrawn)
    assert not any(turns.leave(here[number], number) for number in withdrawn)
    out = []
    while turns:
        out.append(turns.next())
        turns.end(here[out[-1]], chance.random())
    assert sorted(out) == sorted(set(range(2000)) - withdrawn)
    with pytest.raises(IndexError):
        turns.next()
