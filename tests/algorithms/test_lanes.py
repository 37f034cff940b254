"""A lane among others is its run alone, bit for bit and to its last record, however long the others live; then it costs nothing."""

import numpy as np
import pytest

from ef21lab.algorithms.base import algorithms
from ef21lab.compressors.base import compressors
from ef21lab.runs.loop import optimize
from ef21lab.runs.record import kept_names
from ef21lab.runs.trace import trace_of

from .test_family import ONE_PAIR_EACH, PAIRS

GAMMAS = (1e60, 0.01, 1e9, 1e308, 0.05)  # those from 1e9 on overflow, at least where f is quadratic: in 2 to 40 rounds
SEEDS = (3, 1, 4, 1, 5)
LANES = range(len(SEEDS))
ROUNDS = 47
EVERY = pytest.mark.parametrize("every", [1, 5])


def going(problem, algorithm, compressor, every, lanes=LANES, checkpoint=None):
    x0 = np.random.default_rng(4).normal(size=(len(SEEDS), problem.d))
    return optimize(
        problem,
        algorithms.make(algorithm),
        compressors.make(compressor).fitted(problem.facts.layout),
        x0=x0[lanes],
        gammas=[GAMMAS[lane] for lane in lanes],
        seeds=[SEEDS[lane] for lane in lanes],
        rounds=ROUNDS,
        record_every=every,
        snapshots=range(0, ROUNDS + 1, 2),
        checkpoint=checkpoint,
    )


def alone(problem, algorithm, compressor, every, lane):
    return going(problem, algorithm, compressor, every, [lane])


def resumed_after_every_record(problem, algorithm, compressor, every):
    run = going(problem, algorithm, compressor, every)
    while (record := next(run, None)) is not None:
        yield record
        run = going(problem, algorithm, compressor, every, checkpoint=run.checkpoint())


def assert_same(one, other):
    for name in kept_names():
        assert name == "seconds" or np.array_equal(one[name], other[name], equal_nan=True), name
    assert np.array_equal(one.contraction, other.contraction, equal_nan=True)


@ONE_PAIR_EACH
def test_a_lane_among_others_is_the_run_alone_to_its_last_record(problem, algorithm, compressor):
    together = list(going(problem, algorithm, compressor, 1))
    for lane in LANES:
        assert_same(trace_of(together, lane), trace_of(alone(problem, algorithm, compressor, 1, lane)))


@PAIRS
def test_so_it_is_where_rounds_are_skipped_and_where_it_is_resumed_after_every_record(problem, algorithm, compressor):
    together = list(going(problem, algorithm, compressor, 5))
    resumed = list(resumed_after_every_record(problem, algorithm, compressor, 5))
    for lane in LANES:
        by_itself = trace_of(alone(problem, algorithm, compressor, 5, lane))
        assert_same(trace_of(together, lane), by_itself)
        assert_same(trace_of(resumed, lane), by_itself)


@ONE_PAIR_EACH
def test_its_rows_of_a_checkpoint_are_the_checkpoint_of_the_run_alone(problem, algorithm, compressor):
    together = going(problem, algorithm, compressor, 1)
    singles = [alone(problem, algorithm, compressor, 1, lane) for lane in LANES]
    for record in together:
        kept = together.checkpoint()
        assert [lane for lane in LANES if record.belongs[lane]] == kept.lanes.tolist()
        for row, lane in enumerate(kept.lanes):
            next(singles[lane])
            own = singles[lane].checkpoint()
            assert kept.alive[row] == own.alive[0]
            for part in ("state", "bill"):
                mine, theirs = getattr(kept, part), getattr(own, part)
                assert all(np.array_equal(mine[name][row], theirs[name][0], equal_nan=True) for name in theirs)
    assert all(next(single, None) is None for single in singles)


@EVERY
def test_lanes_end_at_rounds_of_their_own(problem, every):
    together = list(going(problem, "ef21", {"name": "top_k", "k": 3}, every))
    ends = [trace_of(together, lane)["round"][-1] for lane in LANES]
    assert ends[1] == ends[4] == ROUNDS
    if problem.facts.mu is not None:  # a quadratic f
        assert len(set(ends)) == 4
        assert all(end < ROUNDS for end in np.delete(ends, [1, 4]))


@EVERY
def test_a_record_of_one_lane_says_nothing_of_the_others(problem, every):
    for record in going(problem, "ef21", {"name": "top_k", "k": 3}, every):
        others = ~record.belongs
        for name in ("loss", "grad_norm_sq", "distortion", "bits_up", "floats_up", "bits_down", "contraction", "moved"):
            assert np.isnan(getattr(record, name)[others]).all()
        assert np.isfinite(record.bits_up[record.belongs]).all()
        assert record.snapshot is None or record.belongs[0]


@EVERY
def test_snapshots_are_the_first_lanes_and_end_with_it(problem, every):
    together = trace_of(going(problem, "ef21", {"name": "top_k", "k": 3}, every))
    single = trace_of(alone(problem, "ef21", {"name": "top_k", "k": 3}, every, 0))
    assert together.snapshots.keys() == single.snapshots.keys()
    for round, shot in single.snapshots.items():
        assert all(np.array_equal(mine, theirs) for mine, theirs in zip(together.snapshots[round], shot, strict=True))
    assert trace_of(going(problem, "ef21", {"name": "top_k", "k": 3}, every), lane=1).snapshots == {}


def test_a_lane_that_ended_is_computed_no_longer(problem, monkeypatch):
    asked, at = [], problem.at
    monkeypatch.setattr(type(problem), "at", lambda self, x: asked.append(len(x)) or at(x))
    run = going(problem, "ef21", {"name": "top_k", "k": 3}, 1)
    assert [asked[-1] for _ in run] == [record.belongs.sum() for record in going(problem, "ef21", {"name": "top_k", "k": 3}, 1)]
    assert problem.facts.mu is None or (asked[0], asked[-1]) == (5, 2)  # of a quadratic f
