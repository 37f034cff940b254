"""The loop: an iterator of records that can be checkpointed between any two of them and resumed to the same bits."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from ef21lab.algorithms.base import Algorithm, State
from ef21lab.channels.arrays import ArrayChannel
from ef21lab.channels.base import Channel
from ef21lab.channels.bill import Bill
from ef21lab.channels.last import LastMessage, Pair, nodes_of_snapshot, snapshot
from ef21lab.channels.liveness import Liveness
from ef21lab.channels.snapshot import Snapshot
from ef21lab.compressors.base import Compressor
from ef21lab.metrics.base import Moment, metrics
from ef21lab.problems.base import Problem
from ef21lab.problems.single import SinglePrecision
from ef21lab.runs.record import Record

Array = Any


MEMORY = "of_messages"  # among the arrays of a state: what the nodes remember of their last messages


class Checkpoint(NamedTuple):
    """All that a later process needs to go on: the round that was finished and arrays by name."""

    round: int
    seconds: float
    lanes: Array  # (going,) the numbers of the lanes that the arrays are about; those that ended before the last record are gone
    alive: Array  # (going,) False where the last record was the lane's last
    state: dict[str, Array]
    bill: dict[str, Array]

    def point(self, lane: int = 0) -> Array:
        """x of a lane after this round, (d,). Raises ValueError for a lane that ended before the last record."""
        return self.state["x"][list(self.lanes).index(lane)].astype(float)

    def alone(self, lane: int, seconds: float) -> Checkpoint:
        """That of the lane's run by itself, of which so many seconds were computed. Raises ValueError as `point` does."""
        place = [list(self.lanes).index(lane)]
        state, bill = ({name: array[place] for name, array in part.items()} for part in (self.state, self.bill))
        return Checkpoint(self.round, seconds, np.arange(1), self.alive[place], state, bill)


Connect = Callable[..., Channel]  # (compressor, seeds, nodes, observers) → the channel of a run


class Optimization(Iterator[Record]):
    """Rounds 0, 1, … of one method on one problem, for all lanes at once; see `optimize`.

    A lane that diverges is recorded in that round and leaves the arrays before the next: what the others do costs no more with it than
    without, and no lane's records depend on how long its neighbours live.
    """

    def __init__(
        self,
        problem: Problem,
        algorithm: Algorithm,
        compressor: Compressor,
        x0: Array,
        gammas: Sequence[float],
        seeds: Sequence[int],
        rounds: int,
        record_every: int,
        snapshots: Collection[int],
        clock: Callable[[], float],
        connect: Connect,
        precision: str,
    ) -> None:
        self._type = np.dtype(precision)  # of the state
        self.metrics = [metric for kind in metrics.members.values() if (metric := kind()).always or metric.applies(problem)]
        self._held_out = problem.held_out
        problem = problem.in_single() or SinglePrecision(problem) if self._type == np.float32 else problem
        self.problem, self._measured, self.algorithm = problem, problem.measured(), algorithm
        self.rounds, self.record_every, self.snapshots = rounds, record_every, frozenset(snapshots)
        self.bill, self.liveness, self.last = Bill(len(seeds)), Liveness(len(seeds)), LastMessage()
        self.channel = connect(compressor, seeds, problem.nodes, (self.bill, self.liveness, self.last))
        self.gammas = np.asarray(gammas, dtype=float)[:, None]  # (going, 1)
        self._lanes_at_first = len(seeds)
        self._lanes = np.arange(len(seeds))  # (going,)
        self._x0 = np.asarray(x0, dtype=self._type)  # (lanes, d)
        self._state: State | None = None
        self._before: Array | None = None  # x of the round before
        self._seconds = 0.0
        self._clock = clock

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of its metrics."""
        return tuple(metric.name for metric in self.metrics)

    def __next__(self) -> Record:
        """Advance to the next round that is recorded. Ends after `rounds`, or once every lane has diverged."""
        if self._state is not None and (self.channel.round >= self.rounds or not self.liveness.alive.any()):
            raise StopIteration
        began = self._clock()
        with np.errstate(over="ignore", invalid="ignore"):  # a diverging lane is a result, not an accident
            self._state = self._advance(self._state)
            while not self._is_recorded(self.channel.round):
                self._state = self._advance(self._state)
            record = self._record(self._state)
        self._seconds += self._clock() - began
        return record._replace(seconds=self._seconds)

    def checkpoint(self) -> Checkpoint:
        """The state after the last record. Raises RuntimeError before the first."""
        if self._state is None:
            raise RuntimeError("no round has been computed yet")
        arrays = {name: np.array(value) for name, value in self._state._asdict().items() if name != "point"}
        if self.channel.memory is not None:
            arrays[MEMORY] = np.array(self.channel.memory)
        return Checkpoint(self.channel.round, self._seconds, self._lanes, self.liveness.alive, arrays, self.bill.entries())

    def resume(self, checkpoint: Checkpoint) -> Optimization:
        """Go on after `checkpoint` as if the rounds before it had been computed here."""
        self._go_on_with(checkpoint.lanes)
        self.channel.memory = checkpoint.state.get(MEMORY)
        self._state = self.algorithm.resume(self.problem, {name: array for name, array in checkpoint.state.items() if name != MEMORY})
        self.channel.round, self.liveness.alive = checkpoint.round, checkpoint.alive
        self.bill.restore(checkpoint.bill)
        self._seconds = checkpoint.seconds
        return self

    def snapshot(self, first: int = 0, place: int = 0) -> Snapshot | None:
        """The last messages of a lane, by its place among those that are going, of as many nodes from `first` on as fit a snapshot.

        None before the first message. Of long vectors only those are there that `watch` has asked for.
        """
        pair = self.last.pair
        if pair is None:
            return None
        return snapshot(Pair(*(self.channel.gathered(part[place : place + 1]) for part in pair)), first, self.last.first)

    def watch(self, first: int, count: int | None = None) -> Optimization:
        """From the next round on keep the messages of these nodes, or of as many as fit a snapshot, even where vectors are long."""
        self.last.watched = range(first, first + (nodes_of_snapshot(self.problem.d) if count is None else count))
        return self

    def _advance(self, state: State | None) -> State:
        if state is None:
            return self._rounded(self.algorithm.start(self._measured, self.channel, self._x0, self.gammas))
        self.last.forget()  # before the next arrays of this size are made
        state = self._without_the_ended(state)
        if not self.algorithm.looks_back:
            state.point.let_go()
        self.channel.round += 1
        self._before = state.x
        problem = self._measured if self._is_due(self.channel.round) else self.problem
        return self._rounded(self.algorithm.step(state, problem, self.channel, self.gammas))

    def _rounded(self, state: State) -> State:
        """The state in its precision: a step of a float32 state may be computed in float64."""
        if self._type == np.float64:
            return state
        arrays = {name: np.asarray(value).astype(self._type, copy=False) for name, value in state._asdict().items() if name != "point"}
        return cast(State, self.algorithm.state(**arrays, point=state.point))

    def _without_the_ended(self, state: State) -> State:
        alive = self.liveness.alive
        if alive.all():
            return state
        going = {name: value[alive] for name, value in state._asdict().items() if name != "point"}
        self._go_on_with(np.flatnonzero(alive))
        return self.algorithm.resume(self.problem, going)

    def _go_on_with(self, places: Array) -> None:
        """Only these of the lanes that are going, by their places (kept,)."""
        self._lanes, self.gammas = self._lanes[places], self.gammas[places]
        self.channel.keep(places)

    def _is_recorded(self, round: int) -> bool:
        """Whether this round is a record of any lane; of all lanes, if it is due."""
        return self._is_due(round) or not self.liveness.alive.all()

    def _is_due(self, round: int) -> bool:
        return round % self.record_every == 0 or round == self.rounds

    def _record(self, state: State) -> Record:
        channel = self.channel
        moment = Moment(self.problem, self.algorithm, state, self._before, self.gammas, channel, self._held_out)
        recorded = ~self.liveness.alive | self._is_due(channel.round)  # (going,)
        belongs = np.zeros(self._lanes_at_first, dtype=bool)  # (lanes,)
        belongs[self._lanes[recorded]] = True
        measured = {
            **{metric.name: metric.measure(moment) for metric in self.metrics},
            **self.bill.entries(),
            "contraction": self._contraction(),
        }
        told = {name: _in_all_lanes(values[recorded], belongs) for name, values in measured.items()}
        return Record(
            round=channel.round,
            **{name: values for name, values in told.items() if name in Record._fields},
            seconds=self._seconds,
            snapshot=self.snapshot() if channel.round in self.snapshots and belongs[0] else None,
            belongs=belongs,
            more={name: values for name, values in told.items() if name not in Record._fields},
        )

    def _contraction(self) -> Array:
        """Of the last message of every node, (going, nodes); nan where nothing was sent."""
        contraction = self.last.contraction()
        if contraction is None:
            return np.full((len(self._lanes), self.problem.nodes), np.nan)
        return self.channel.gathered(contraction)


def _in_all_lanes(values: Array, belongs: Array) -> Array:
    """`values`, which are those of the lanes marked in `belongs` (lanes,), in the places of these lanes among all; nan in the others."""
    if belongs.all():
        return values
    spread = np.full((len(belongs), *values.shape[1:]), np.nan)
    spread[belongs] = values
    return spread


def optimize(
    problem: Problem,
    algorithm: Algorithm,
    compressor: Compressor,
    *,
    x0: Array,
    gammas: Sequence[float],
    seeds: Sequence[int],
    rounds: int,
    record_every: int = 1,
    snapshots: Collection[int] = (),
    checkpoint: Checkpoint | None = None,
    clock: Callable[[], float] = time.perf_counter,
    connect: Connect = ArrayChannel,
    precision: str = "float64",
) -> Optimization:
    """Records of `rounds` rounds from x0 (lanes, d), one lane per step size and seed; resumed after `checkpoint` if given.

    Row 0 is x⁰. Every `record_every`-th round and the last of each lane are recorded: a lane ends after `rounds`, or in the round in which
    it diverges. Rounds in `snapshots` carry a Snapshot of lane 0. `connect` makes the channel between the nodes and the master.
    The state is float64 or, in half the bytes, float32: x, what is remembered and the gradients are rounded when a step is over. Messages
    are those of float64, and so is what is measured.
    """
    run = Optimization(problem, algorithm, compressor, x0, gammas, seeds, rounds, record_every, snapshots, clock, connect, precision)
    return run if checkpoint is None else run.resume(checkpoint)
