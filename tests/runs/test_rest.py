"""A lane that has come to rest is told without being computed, and what is told is what would have been computed, to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from ef21lab.algorithms.ef21 import EF21, EF21State
from ef21lab.channels.arrays import ArrayChannel
from ef21lab.channels.bill import Bill
from ef21lab.channels.last import Pair
from ef21lab.channels.messages import Heard
from ef21lab.compressors.base import compressors
from ef21lab.metrics.base import Metric, Moment
from ef21lab.runs import lanes
from ef21lab.runs.experiment import run, start_run
from ef21lab.runs.lanes import advance, run_many
from ef21lab.runs.loop import Optimization
from ef21lab.runs.rest import Rest, together, unchanged
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace, joined

HARD = {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 3}, "objective": {"name": "logistic_ridge", "lam": 2.0}}
FEW = {"name": "top_k", "k": 20}
VARIED = {"name": "top_k_energy"}  # a node's message has bits of its own: the bill of three nodes has thirds


def spec(algorithm: object = "ef21", multiple: float = 3.0, start: int = 0, **changes: object) -> RunSpec:
    own = {"algorithm": algorithm, "step": {"rule": "theory", "multiple": multiple}, "start": {"name": "normal", "seed": start}}
    return RunSpec.make({**HARD, "compressor": FEW, "rounds": 160, **own, **changes})


def family(algorithm: object = "ef21", **changes: object) -> list[RunSpec]:
    """One that has far to go, and some of which most come to rest, in rounds of their own."""
    return [spec(algorithm, multiple, start, **changes) for multiple, start in ((3.0, 0), (1.0, 0), (2.0, 1), (6.0, 0))]


@pytest.fixture
def without_rest(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Computes every round from here on: nobody may leave a message unsent."""
    return lambda: monkeypatch.setattr(ArrayChannel, "simulated", False)


def assert_same(one: Trace, other: Trace) -> None:
    assert one.names == other.names
    for name in other.names:
        assert name == "seconds" or np.array_equal(one[name], other[name], equal_nan=True), name
    assert np.array_equal(one.contraction, other.contraction, equal_nan=True)
    assert np.array_equal(one.x, other.x, equal_nan=True)
    assert one.snapshots.keys() == other.snapshots.keys()
    for round, shot in other.snapshots.items():
        assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one.snapshots[round], shot, strict=True))


def rests_from(going: Optimization) -> int | None:
    """The first recorded round of which nothing was computed."""
    return next((record.round for record in going if not len(going.computed)), None)


CASES = [
    ("ef21", FEW, {}),
    ("ef21", VARIED, {}),
    ("ef21_plus", FEW, {}),
    ("ef21_prox", VARIED, {}),
    ({"name": "ef21_bc", "downlink": FEW}, VARIED, {}),
    ({"name": "ef21_sgd", "batch": 1000}, FEW, {}),  # it takes every row, so there is nothing to draw
    ("ef21", FEW, {"record_every": 7}),
    ("ef21", FEW, {"precision": "float32"}),
]


@pytest.mark.parametrize(("algorithm", "compressor", "changes"), CASES, ids=lambda case: str(case)[:40])
def test_lanes_at_rest_have_the_numbers_of_lanes_that_are_computed(
    algorithm: object, compressor: object, changes: dict[str, object], without_rest: Callable[[], None]
) -> None:
    specs = family(algorithm, compressor=compressor, **changes)
    found, rest = run_many(specs), [rests_from(start_run(one)) for one in specs]
    assert any(rest)
    without_rest()
    for mine, theirs in zip(found, run_many(specs), strict=True):
        assert_same(mine, theirs)
    one = next(place for place, round in enumerate(rest) if round)
    assert_same(found[one], run(specs[one]))


def test_a_bill_goes_on_number_by_number() -> None:
    """A third is not a double: so many rounds at once would end in another last digit."""
    bill, heard = Bill(1), Heard(np.array([[1, 1, 2]]), np.array([[0, 0, 1]]), None, compressors.make("top_k"))
    bill.on_message(heard)
    nothing = np.zeros((1, 3, 0))
    rest = Rest(np.arange(1), {}, {}, bill.entries(), tuple(bill.charges), Pair(nothing, nothing), 0)
    for _ in range(99):
        bill.on_message(heard)
        rest = rest.another_round()
    assert rest.bill == bill.entries()
    assert rest.bill["bits_up"] != 100 * (4 / 3)


def rest_of(lanes: list[int], said: bool = True) -> Rest:
    """Lanes whose every number is that of the lane."""
    own = np.array(lanes, dtype=float)
    heard = Pair(own[:, None], -own[:, None]) if said else None
    return Rest(np.array(lanes), {"x": own}, {"loss": 2 * own}, {"bits_up": 3 * own}, (("bits_up", 4 * own),), heard, 5)


def test_lanes_that_come_to_rest_one_after_another_are_put_together_by_their_numbers() -> None:
    found = together([rest_of([4, 1]), rest_of([3])])
    assert found.lanes.tolist() == [1, 3, 4]
    numbers = [found.state["x"], found.measured["loss"] / 2, found.bill["bits_up"] / 3, found.charges[0][1] / 4]
    assert all(each.tolist() == [1.0, 3.0, 4.0] for each in numbers)
    assert found.said is not None
    assert [each.ravel().tolist() for each in found.said] == [[1.0, 3.0, 4.0], [-1.0, -3.0, -4.0]]
    assert (found.first, [found.place(lane) for lane in (1, 2, 3, 4)]) == (5, [0, None, 1, 2])
    assert together([rest_of([1]), rest_of([2], said=False)]).said is None
    assert found.another_round().bill["bits_up"].tolist() == [7.0, 21.0, 28.0]
    assert found.bill["bits_up"].tolist() == [3.0, 9.0, 12.0]  # what was known of the round before stays


@pytest.mark.parametrize(
    ("after", "same"),
    [
        ([[1.0, 0.0], [2.0, 3.0]], [True, True]),
        ([[1.0, -0.0], [2.0, 3.0]], [False, True]),
        ([[1.0, 0.0], [2.0, np.nextafter(3.0, 4.0)]], [True, False]),
    ],
)
def test_a_state_is_unchanged_only_to_the_last_bit(after: list[list[float]], same: list[bool]) -> None:
    before = {"x": np.array([[1.0, 0.0], [2.0, 3.0]]), "n": np.array([1, 2])}
    assert unchanged(before, {"x": np.array(after), "n": np.array([1, 2])}).tolist() == same
    assert unchanged(before, {"x": np.array(after), "n": np.array([2, 2])}).tolist() == [False, same[1]]


def test_a_nan_or_an_array_of_another_kind_is_never_unchanged() -> None:
    nan = {"x": np.array([[np.nan], [1.0]])}
    assert unchanged(nan, nan).tolist() == [False, True]
    assert unchanged({"x": np.ones((2, 1))}, {"x": np.ones((2, 1), dtype=np.float32)}).tolist() == [False, False]
    assert unchanged({"x": np.ones((1, 3))}, {"x": np.ones((2, 3))}).tolist() == [False, False]


def test_chunk_by_chunk_a_lane_at_rest_goes_on_from_any_checkpoint(without_rest: Callable[[], None]) -> None:
    """Its checkpoint is that of a lane that is computed, wherever it is taken."""
    specs = family()
    parts: list[list[Trace]] = [[] for _ in specs]
    points = dict.fromkeys(range(len(specs)))
    while points:
        going = list(points)
        found = advance([specs[place] for place in going], [points[place] for place in going], lambda records: records == 31)
        for place, lane in zip(going, found, strict=True):
            parts[place].append(lane.part)
            points[place] = lane.checkpoint
            if lane.finished:
                del points[place]
    without_rest()
    for mine, theirs in zip(parts, run_many(specs), strict=True):
        assert_same(joined(mine), theirs)


def test_a_checkpoint_has_those_at_rest_among_the_others(without_rest: Callable[[], None]) -> None:
    specs = family()
    mine = advance(specs, enough=lambda records: records == 150)
    without_rest()
    for lane, other in zip(mine, advance(specs, enough=lambda records: records == 150), strict=True):
        assert lane.finished == other.finished
        for part in ("state", "bill"):
            own, theirs = getattr(lane.checkpoint, part), getattr(other.checkpoint, part)
            assert own.keys() == theirs.keys()
            assert all(np.array_equal(own[name], theirs[name], equal_nan=True) for name in theirs)


def test_seconds_are_those_of_the_lanes_that_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def a_second_a_round(*given: object, **named: object) -> Optimization:
        going = started(*given, **named)
        going._clock = iter(range(10**6)).__next__
        return going

    started = lanes.optimize
    monkeypatch.setattr(lanes, "optimize", a_second_a_round)
    rests, goes_on = run_many([spec(), spec(multiple=1.0)])
    at_rest = rests["seconds"] == rests["seconds"][-1]
    assert at_rest.sum() > 50
    assert np.array_equal(np.diff(goes_on["seconds"]), np.where(at_rest[:-1], 1.0, 0.5)[: len(goes_on) - 1])


@dataclass(frozen=True)
class Wakes(EF21):
    """EF21 that takes one long step late in its run."""

    name = "wakes"

    def step(self, state, problem, channel, gamma) -> EF21State:  # type: ignore[no-untyped-def]
        return super().step(state, problem, channel, gamma * (1e12 if channel.round == 150 else 1.0))


def test_a_method_that_looks_at_the_round_never_rests(without_rest: Callable[[], None]) -> None:
    found = run(one := replace(spec(), algorithm=Wakes()))
    assert found["moved"][149] == 0.0 < found["moved"][150]
    assert rests_from(start_run(one)) is None
    without_rest()
    assert_same(found, run(one))


@dataclass(frozen=True)
class Clock(Metric):
    """Which round it is."""

    name = "clock"

    def measure(self, moment: Moment) -> np.ndarray:
        return np.full(len(moment.state.x), float(moment.channel.round))


def test_a_metric_that_looks_at_the_round_keeps_lanes_awake() -> None:
    going = start_run(spec())
    going.metrics.append(Clock())
    assert [record.more["clock"][0] for record in going][1:] == list(range(1, 161))


@pytest.mark.parametrize(
    ("algorithm", "compressor"), [({"name": "ef21_sgd", "batch": 2}, FEW), ("ef21_pp", FEW), ("ef21", {"name": "rand_k", "k": 10})]
)
def test_where_something_is_drawn_nobody_rests(algorithm: object, compressor: object) -> None:
    assert rests_from(start_run(spec(algorithm, compressor=compressor))) is None


def test_messages_of_a_lane_at_rest_are_its_last_and_new_ones_are_not_to_be_had() -> None:
    going = start_run(spec())
    for _ in going:
        pass
    late = going.snapshot(2)
    assert late is not None
    assert late.nodes.tolist() == [2]
    with pytest.raises(RuntimeError, match="at rest"):
        going.watch(0)
