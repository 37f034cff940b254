"""Runs computed together are the runs computed one by one: records, messages, x, ends, checkpoints."""

from __future__ import annotations

import numpy as np
import pytest

import ef21lab as lab
from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import Refusal
from ef21lab.runs import lanes
from ef21lab.runs.experiment import start_run
from ef21lab.runs.lanes import advance, groups, run_many
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import joined

SMALL = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "objective": "least_squares", "rounds": 60}
STEPS = (1e18, 0.01, 1e9, 1e5, 0.05, 1e18)  # of a quadratic f: the long ones end in rounds of their own, two of them in the same


def spec(gamma: float = 0.01, seed: int = 0, start: int = 0, **changes: object) -> RunSpec:
    own = {"step": {"rule": "fixed", "gamma": min(gamma, 1e9), "multiple": max(1.0, gamma / 1e9)}, "seed": seed}
    return RunSpec.make({**SMALL, **own, "start": {"name": "normal", "seed": start}, **changes})


def assert_same(one: lab.Trace, other: lab.Trace) -> None:
    for name in other.columns:
        assert name == "seconds" or np.array_equal(one[name], other[name], equal_nan=True), name
    assert np.array_equal(one.contraction, other.contraction, equal_nan=True)
    assert np.array_equal(one.x, other.x, equal_nan=True)
    assert one.snapshots.keys() == other.snapshots.keys()
    for round, shot in other.snapshots.items():
        assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one.snapshots[round], shot, strict=True))


def family(**changes: object) -> list[RunSpec]:
    return [spec(gamma, seed, start, **changes) for gamma, seed, start in zip(STEPS, (3, 1, 4, 1, 5, 2), (0, 0, 1, 2, 0, 3), strict=True)]


@pytest.mark.parametrize("every", [1, 4])
@pytest.mark.parametrize("algorithm", list(algorithms.members))
def test_every_method_together_is_every_run_alone_to_its_own_end(algorithm: str, every: int) -> None:
    specs = family(algorithm=algorithm, compressor={"name": "rand_k", "scaling": "unbiased", "k": 3}, record_every=every)
    together = run_many(specs)
    for one, trace in zip(specs, together, strict=True):
        assert_same(trace, lab.run(one))
    if algorithm == "gd":
        assert len({int(trace["round"][-1]) for trace in together}) > 2


def test_order_is_kept_and_what_may_not_share_lanes_is_computed_apart() -> None:
    specs = [spec(0.01), spec(0.01, compressor="sign"), spec(0.02), spec(0.03, compressor="sign"), spec(0.01, rounds=61)]
    assert groups(specs) == [[0, 2], [1, 3], [4]]
    for one, trace in zip(specs, run_many(specs), strict=True):
        assert_same(trace, lab.run(one))


def test_what_is_too_large_to_be_computed_at_once_is_computed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "MOST_FLOATS", 2 * 3 * 30 + 1)
    started = []
    monkeypatch.setattr(lanes, "optimize", lambda *given, **named: started.append(len(named["seeds"])) or lanes_optimize(*given, **named))
    for one, trace in zip(family(), run_many(family()), strict=True):
        assert_same(trace, lab.run(one))
    assert started == [2, 2, 2]


lanes_optimize = lanes.optimize


def test_chunk_by_chunk_each_run_has_a_chain_of_its_own_that_goes_on_alone_or_together() -> None:
    """Two records at a time; lanes that ended are left out; in the middle one of them is computed alone for a while."""
    specs = family(algorithm="ef21", compressor={"name": "rand_k", "k": 3})
    parts: dict[int, list[lab.Trace]] = {place: [] for place in range(len(specs))}
    points: dict[int, object] = dict.fromkeys(parts)
    going, turn = list(parts), 0
    while going:
        turn += 1
        apart = [[place] for place in going] if turn % 3 == 0 else [going]
        for together in apart:
            found = advance([specs[place] for place in together], [points[place] for place in together], lambda records: records == 2)
            for place, lane in zip(together, found, strict=True):
                parts[place].append(lane.part)
                points[place] = lane.checkpoint
                if lane.finished:
                    going = [other for other in going if other != place]
    for place, one in enumerate(specs):
        assert_same(joined(parts[place]), lab.run(one))
        assert (np.diff(joined(parts[place])["seconds"]) >= 0).all()


def test_a_lanes_checkpoint_is_that_of_its_run_alone() -> None:
    specs = family()[1::3]
    found = advance(specs, None, lambda records: records == 7)
    for one, lane in zip(specs, found, strict=True):
        alone = start_run(one)
        for _ in range(7):
            next(alone)
        own = alone.checkpoint()
        assert (lane.checkpoint.round, lane.checkpoint.lanes.tolist(), lane.checkpoint.alive.tolist()) == (6, [0], [True])
        for part in ("state", "bill"):
            mine, theirs = getattr(lane.checkpoint, part), getattr(own, part)
            assert mine.keys() == theirs.keys()
            assert all(np.array_equal(mine[name], theirs[name]) for name in theirs)


def test_lanes_share_the_seconds() -> None:
    together = run_many([spec(0.01 * (1 + place)) for place in range(4)])
    assert len({trace["seconds"][-1] for trace in together}) == 1


def test_nothing_is_computed_where_one_of_them_is_no_run() -> None:
    with pytest.raises(Refusal, match="k"):
        run_many([spec(), spec(compressor={"name": "top_k", "k": 31})])


@pytest.mark.parametrize("given", [None, 3, spec(), {"rounds": 3}, "top_k", b"top_k"], ids=lambda given: type(given).__name__)
def test_what_is_no_list_of_runs_is_refused_in_words(given: object) -> None:
    with pytest.raises(Refusal, match="run_many takes a list of runs, got .*; run takes one") as refused:
        run_many(given)  # type: ignore[arg-type]
    assert refused.value.text.ru != refused.value.text.en


def test_a_list_of_runs_may_be_empty_or_made_as_it_goes() -> None:
    assert run_many([]) == []
    assert len(run_many(spec(0.01 * n) for n in (1, 2))) == 2


@pytest.mark.parametrize("others", [{"rounds": 61}, {"compressor": "sign"}, {"partition": {"name": "contiguous", "nodes": 4}}])
def test_runs_that_share_no_lanes_are_not_taken_for_lanes(others: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="share no lanes"):
        advance([spec(), spec(**others)])
