"""The loop: an iterator of records that can be checkpointed between any two of them and resumed to the same bits."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np

from ef21lab.algorithms.base import Algorithm, State
from ef21lab.channels.arrays import ArrayChannel
from ef21lab.channels.base import Channel
from ef21lab.channels.bill import Bill
from ef21lab.channels.by_layer import ByLayer
from ef21lab.channels.last import LastMessage, Pair, nodes_of_snapshot, snapshot
from ef21lab.channels.liveness import Liveness
from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.answers import blaming
from ef21lab.compressors.base import Compressor
from ef21lab.metrics.base import Moment
from ef21lab.problems.base import Problem
from ef21lab.problems.single import SinglePrecision
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.layers import layers_of
from ef21lab.runs.measuring import metrics_of, number_of
from ef21lab.runs.record import Layers, Record
from ef21lab.runs.rest import Rest, together, unchanged

Array = Any


MEMORY = "of_messages"  # among the arrays of a state: what the nodes remember of their last messages

Share = Callable[[int], float]  # the part of γ by which x goes on from a round
Connect = Callable[..., Channel]  # (compressor, seeds, nodes, observers) → the channel of a run


class Optimization(Iterator[Record]):
    """Rounds 0, 1, … of one method on one problem, for all lanes at once; see `optimize`.

    A lane that diverges is recorded in that round and leaves the arrays before the next: what the others do costs no more with it than
    without, and no lane's records depend on how long its neighbours live. So does one whose record is at `stop_at`. One that has come to
    rest leaves them too, and its records go on to the end as if it were computed (`Rest`).
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
        shares: Sequence[Share] | None,
        stop_at: float,
    ) -> None:
        self._type = np.dtype(precision)  # of the state
        self.metrics = metrics_of(problem)
        self._held_out = problem.held_out
        problem = problem.in_single() or SinglePrecision(problem) if self._type == np.float32 else problem
        self.problem, self._measured, self.algorithm = problem, problem.measured(), algorithm
        self.rounds, self.record_every, self.snapshots = rounds, record_every, frozenset(snapshots)
        self._stop_at = stop_at  # 0 where it goes on to the last round
        self.bill, self.liveness, self.last = Bill(len(seeds)), Liveness(len(seeds)), LastMessage()
        layout = problem.facts.layout
        self.by_layer = ByLayer(layout, len(seeds), self.last) if len(layout) > 1 else None
        observers = (self.bill, self.liveness, self.last, *([self.by_layer] if self.by_layer else []))
        self.channel = connect(compressor, seeds, problem.nodes, observers)
        self.gammas = np.asarray(gammas, dtype=float)[:, None]  # (going, 1)
        self._shares = None if shares is None else [*shares]  # one for each that is going
        self._lanes_at_first = len(seeds)
        self._lanes = np.arange(len(seeds))  # (going,)
        self._x0 = np.asarray(x0, dtype=self._type)  # (lanes, d)
        self._state: State | None = None
        self._before: Array | None = None  # x of the round before
        self._rest: Rest | None = None  # the lanes that are not computed any more
        self._measured_last: dict[str, Array] = {}  # of the lanes that are computed, in the last record
        self._may_rest = False  # whether some x has not moved, as far as is known
        self._unchanged = np.zeros(len(seeds), dtype=bool)  # (going,) what the last step has left as it was
        self._round = 0
        self._seconds = 0.0
        self._clock = clock

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of its metrics."""
        return tuple(metric.name for metric in self.metrics)

    def __next__(self) -> Record:
        """Advance to the next round that is recorded. Ends after `rounds`, or once every lane has ended."""
        if self._state is not None and (self._round >= self.rounds or not (self.liveness.alive.any() or self._rest)):
            raise StopIteration
        began = self._clock()
        with np.errstate(over="ignore", invalid="ignore"), blaming():  # a diverging lane is a result, not an accident
            self._state = self._advance(self._state)
            while not self._is_recorded(self._round):
                self._state = self._advance(self._state)
            record = self._record(self._state)
        self._seconds += self._clock() - began
        return record._replace(seconds=self._seconds)

    @property
    def round(self) -> int:
        """The last that was recorded."""
        return self._round

    @property
    def computed(self) -> Array:
        """The lanes that the last record was computed for; those at rest cost nothing."""
        return self._lanes

    @property
    def ended(self) -> Array:
        """The lanes that have ended with the last record, before the last round."""
        return self._lanes[~self.liveness.alive]

    def checkpoint(self) -> Checkpoint:
        """The state after the last record. Raises RuntimeError before the first."""
        if self._state is None:
            raise RuntimeError("no round has been computed yet")
        state = {name: np.array(value) for name, value in _arrays(self._state).items()}
        if self.channel.memory is not None:
            state[MEMORY] = np.array(self.channel.memory)
        lanes, alive, rest = self._lanes, self.liveness.alive, self._rest
        bill = self.bill.entries() | (self.by_layer.entries() if self.by_layer else {})
        if rest is not None:
            lanes, alive = np.concatenate([lanes, rest.lanes]), np.concatenate([alive, np.ones(len(rest.lanes), dtype=bool)])
            order = np.argsort(lanes)
            lanes, alive = lanes[order], alive[order]
            state = {name: np.concatenate([each, rest.state[name]])[order] for name, each in state.items()}
            bill = {name: np.concatenate([each, rest.bill[name]])[order] for name, each in bill.items()}
        return Checkpoint(self._round, self._seconds, lanes, alive, state, bill)

    def resume(self, checkpoint: Checkpoint) -> Optimization:
        """Go on after `checkpoint` as if the rounds before it had been computed here."""
        self._go_on_with(checkpoint.lanes)
        self.channel.memory = checkpoint.state.get(MEMORY)
        self._state = self.algorithm.resume(self.problem, {name: array for name, array in checkpoint.state.items() if name != MEMORY})
        self._round, self.channel.round, self.liveness.alive = checkpoint.round, checkpoint.round, checkpoint.alive
        self.bill.restore(checkpoint.bill)
        if self.by_layer:
            self.by_layer.restore(checkpoint.bill)
        self._seconds, self._may_rest = checkpoint.seconds, self.by_layer is None
        return self

    def snapshot(self, first: int = 0, lane: int = 0) -> Snapshot | None:
        """The last messages of a lane, of as many nodes from `first` on as fit a snapshot. Raises ValueError as `Checkpoint.point` does.

        None before the first message. Of long vectors only those are there that `watch` has asked for.
        """
        if self._rest is not None and (place := self._rest.place(lane)) is not None:
            said, begins = self._rest.said, self._rest.first
        else:
            place, said, begins = self._lanes.tolist().index(lane), self.last.pair, self.last.first
        if said is None:
            return None
        return snapshot(Pair(*(self.channel.gathered(part[place : place + 1]) for part in said)), first, begins)

    def watch(self, first: int, count: int | None = None) -> Optimization:
        """From the next round on keep the messages of these nodes, or of as many as fit a snapshot, even where vectors are long.

        Raises RuntimeError where a lane is at rest: it says nothing new.
        """
        if self._rest is not None:
            raise RuntimeError("watch before the first round: some lanes are at rest")
        self.last.watched = range(first, first + (nodes_of_snapshot(self.problem.d) if count is None else count))
        return self

    def _advance(self, state: State | None) -> State:
        if state is None:
            return self._rounded(self.algorithm.start(self._measured, self.channel, self._x0, self._steps))
        state = self._without_those_that_leave(state)
        self.last.forget()  # before the next arrays of this size are made
        if self.by_layer:
            self.by_layer.forget()
        self._round += 1
        if self._rest is not None:
            self._rest = self._rest.another_round()
        return self._stepped(state) if len(self._lanes) else state

    def _stepped(self, state: State) -> State:
        if not self.algorithm.looks_back:
            state.point.let_go()
        self.bill.charges.clear()
        self.channel.round = self._round
        self._before = state.x
        is_due = self._is_due(self._round)
        stepped = self._rounded(self.algorithm.step(state, self._measured if is_due else self.problem, self.channel, self._steps))
        if self._may_rest and self._shares is None and is_due and self.channel.simulated and self.channel.is_repeatable:
            self._unchanged = unchanged(_arrays(state), _arrays(stepped))
        return stepped

    @property
    def _steps(self) -> Array:
        """γ of the step to this round, (going, 1)."""
        return self.gammas if self._shares is None else self.gammas * [[share(max(self._round - 1, 0))] for share in self._shares]

    def _rounded(self, state: State) -> State:
        """The state in its precision: a step of a float32 state may be computed in float64."""
        if self._type == np.float64:
            return state
        arrays = {name: np.asarray(value).astype(self._type, copy=False) for name, value in _arrays(state).items()}
        return cast(State, self.algorithm.state(**arrays, point=state.point))

    def _without_those_that_leave(self, state: State) -> State:
        """Those that have ended, and those that have come to rest."""
        alive, arrays = self.liveness.alive, _arrays(state)
        rested = alive & self._unchanged  # (going,)
        if rested.any():
            self._put_to_rest(np.flatnonzero(rested), arrays)
        going = alive & ~rested
        if going.all():
            return state
        self._go_on_with(np.flatnonzero(going))
        return self.algorithm.resume(self.problem, {name: value[going] for name, value in arrays.items()})

    def _put_to_rest(self, places: Array, arrays: dict[str, Array]) -> None:
        """These of the lanes that are going, by their places (m,)."""
        said, going = self.last.pair, len(self._lanes)

        def of_these(values: Array) -> Array:
            return np.broadcast_to(values, (going, *np.shape(values)[1:]))[places]

        rest = Rest(
            self._lanes[places],
            {name: np.array(value[places]) for name, value in arrays.items()},
            {name: of_these(values) for name, values in self._measured_last.items()},
            {name: of_these(values) for name, values in self.bill.entries().items()},
            tuple((name, of_these(amount)) for name, amount in self.bill.charges),
            None if said is None else Pair(*(part[places] for part in said)),
            self.last.first,
        )
        self._rest = rest if self._rest is None else together([self._rest, rest])

    def _go_on_with(self, places: Array) -> None:
        """Only these of the lanes that are going, by their places (kept,)."""
        self._lanes, self.gammas, self._unchanged = self._lanes[places], self.gammas[places], np.zeros(len(places), dtype=bool)
        self._shares = None if self._shares is None else [self._shares[place] for place in places]
        self.channel.keep(places)

    def _is_recorded(self, round: int) -> bool:
        """Whether this round is a record of any lane; of all lanes, if it is due."""
        return self._is_due(round) or not self.liveness.alive.all()

    def _is_due(self, round: int) -> bool:
        return round % self.record_every == 0 or round == self.rounds

    def _record(self, state: State) -> Record:
        is_due = self._is_due(self._round)
        recorded = ~self.liveness.alive | is_due  # (going,)
        belongs = np.zeros(self._lanes_at_first, dtype=bool)  # (lanes,)
        belongs[self._lanes[recorded]] = True
        if len(self._lanes):
            self._measured_last = self._measure(state)
            if is_due and self._stop_at > 0.0:
                self.liveness.end(self._measured_last["grad_norm_sq"] <= self._stop_at)
            measured = {name: values[recorded] for name, values in {**self._measured_last, **self.bill.entries()}.items()}
        else:
            measured = {}
        if self._rest is not None and is_due:
            belongs[self._rest.lanes] = True
            measured = _in_order(measured, self._lanes[recorded], {**self._rest.measured, **self._rest.bill}, self._rest.lanes)
        told = {name: _in_all_lanes(values, belongs) for name, values in measured.items()}
        of_layers = layers_of(self.by_layer, self.channel, self.algorithm, state, self.gammas) if self.by_layer else ()
        return Record(
            round=self._round,
            **{name: values for name, values in told.items() if name in Record._fields},
            seconds=self._seconds,
            snapshot=self.snapshot() if self._round in self.snapshots and belongs[0] else None,
            belongs=belongs,
            more={name: values for name, values in told.items() if name not in Record._fields},
            layers=Layers(*(_in_all_lanes(each[recorded], belongs) for each in of_layers)) if of_layers else None,
        )

    def _measure(self, state: State) -> dict[str, Array]:
        """What there is to measure of the lanes that are going, (going, …) each."""
        moment = Moment(self.problem, self.algorithm, state, self._before, self._steps, self.channel, self._held_out)
        measured = {**{metric.name: number_of(metric, moment) for metric in self.metrics}, "contraction": self._contraction()}
        self._unchanged &= self.channel.is_repeatable  # a metric may ask for the round too
        self._may_rest = self.by_layer is None and bool(np.any(measured["moved"] == 0.0))  # of layers nothing is kept at rest
        return measured

    def _contraction(self) -> Array:
        """Of the last message of every node, (going, nodes); nan where nothing was sent."""
        contraction = self.last.contraction()
        if contraction is None:
            return np.full((len(self._lanes), self.problem.nodes), np.nan)
        return self.channel.gathered(contraction)


def _arrays(state: State) -> dict[str, Array]:
    """Its fields but for the point, (going, …) each."""
    return {name: value for name, value in state._asdict().items() if name != "point"}


def _in_order(going: dict[str, Array], lanes: Array, resting: Mapping[str, Array], their_lanes: Array) -> dict[str, Array]:
    """What is known of some lanes and of others, in the order of their numbers."""
    if not going:
        return dict(resting)
    order = np.argsort(np.concatenate([lanes, their_lanes]))
    return {name: np.concatenate([values, resting[name]])[order] for name, values in going.items()}


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
    shares: Sequence[Share] | None = None,
    stop_at: float = 0.0,
) -> Optimization:
    """Records of `rounds` rounds from x0 (lanes, d), one lane per step size and seed; resumed after `checkpoint` if given.

    Row 0 is x⁰. Every `record_every`-th round and the last of each lane are recorded: a lane ends after `rounds`, in the round in which it
    diverges, or with the first of its records with ‖∇f‖² ≤ `stop_at`, where that is above 0. Rounds in `snapshots` carry a Snapshot of lane
    0. `connect` makes the channel between the nodes and the master. The state is float64 or, in half the bytes, float32: x, what is
    remembered and the gradients are rounded when a step is over. Messages are those of float64, and so is what is measured. With `shares`,
    one for each lane, x goes on from round t by γ · share(t).
    """
    given = (problem, algorithm, compressor, x0, gammas, seeds, rounds, record_every, snapshots, clock, connect, precision, shares, stop_at)
    run = Optimization(*given)
    return run if checkpoint is None else run.resume(checkpoint)
