"""Traces in memory are whole or absent."""

from __future__ import annotations

import pytest

from ef21lab.jobs.engine import Chunk, execute
from ef21lab.jobs.recent import RecentTraces
from ef21lab.runs.trace import joined

from .conftest import assert_same_numbers, spec


@pytest.fixture(scope="module")
def chunks() -> list[Chunk]:
    made = [execute(spec().json(), None, 10.0, 5)]
    for _ in range(3):
        made.append(execute(spec().json(), made[-1].checkpoint, 10.0, 5))
    return made


@pytest.mark.parametrize("after", [-1, 3, 4, 5, 12, 19, 40])
def test_parts_are_given_back_from_any_round_on(chunks: list[Chunk], after: int) -> None:
    recent = RecentTraces()
    for number, chunk in enumerate(chunks):
        recent.extend("key", 5 * number - 1, chunk.part)
    assert recent.get("key", after)["round"].tolist() == list(range(after + 1, 20))
    assert_same_numbers(recent.get("key", -1), joined([chunk.part for chunk in chunks]))


def test_a_trace_with_a_gap_is_not_kept(chunks: list[Chunk]) -> None:
    recent = RecentTraces()
    recent.extend("late", 4, chunks[1].part)
    assert recent.get("late", -1) is None
    recent.put("gap", chunks[0].part)
    recent.extend("gap", 9, chunks[2].part)
    assert recent.get("gap", -1) is None


def test_the_least_watched_leave_when_memory_is_full(chunks: list[Chunk]) -> None:
    part = chunks[0].part
    size = part.contraction.nbytes + sum(column.nbytes for column in part.columns.values())
    recent = RecentTraces(most_bytes=3 * size)
    for key in "abc":
        recent.put(key, part)
    recent.get("a", -1)
    recent.put("d", part)
    assert [key for key in "abcd" if recent.get(key, -1) is not None] == ["a", "c", "d"]
