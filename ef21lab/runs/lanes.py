"""Runs that differ only in step, start and seed, computed as lanes of one: each has the records of its run alone, bit for bit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.fields import Json, shown
from ef21lab.choices.text import Refusal, Text
from ef21lab.problems.base import Facts
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.experiment import snapshot_rounds
from ef21lab.runs.loop import Optimization, optimize
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.record import Record
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.trace import Trace, traces_of

OWN = ("step", "start", "seed")  # the parts in which lanes may differ
MOST_FLOATS = 2**19  # of one array (lanes, nodes, d), 4 MB: beyond it arrays leave the cache, and more lanes gain nothing


class Advanced(NamedTuple):
    """How far one lane has come: its new records with the x after them, where to go on from, and whether it is over."""

    part: Trace
    checkpoint: Checkpoint
    finished: bool


def run_many(given: Iterable[RunSpec | Mapping[str, Json]], snapshots: bool = True) -> list[Trace]:
    """The whole runs in this process, in the order given: those that may share lanes are computed together.

    Each trace is that of `run`, bit for bit, but for `seconds`: a lane's share of what all took, and without its messages where no
    `snapshots` are wanted. Raises Refusal before anything is computed where one of them is none, or where no list of runs is given.
    """
    if not isinstance(given, Iterable) or isinstance(given, (Mapping, str, bytes)):
        raise Refusal(NO_LIST.format(given=shown(given)))
    specs = [RunSpec.here(one) for one in given]
    for spec in specs:
        _ = plan(spec, problem_of(spec).facts).gamma
    traces: dict[int, Trace] = {}
    for group in groups(specs):
        traces |= zip(group, (lane.part for lane in advance([specs[place] for place in group], snapshots=snapshots)), strict=True)
    return [traces[place].of(spec) for place, spec in enumerate(specs)]


def groups(specs: Sequence[RunSpec]) -> list[list[int]]:
    """The places of those that may share lanes, together; every place once, groups and their places in the order given."""
    shared: dict[str, list[int]] = {}
    for place, spec in enumerate(specs):
        shared.setdefault(common(spec), []).append(place)
    return list(shared.values())


def common(spec: RunSpec) -> str:
    """What runs that share lanes have in common; runs with the same of it may."""
    if spec.unnamed is not None:  # functions are the same where they are one object
        return repr([(name, hash(part), str(part)) for name, part in spec.parts().items() if name not in OWN])
    return json.dumps({name: part for name, part in spec.json().items() if name not in OWN}, sort_keys=True)


def advance(
    specs: Sequence[RunSpec],
    checkpoints: Sequence[Checkpoint | None] | None = None,
    enough: Callable[[int], bool] = lambda records: False,
    facts: Facts | None = None,
    snapshots: bool = True,
) -> list[Advanced]:
    """The next records of runs that may share lanes, from round 0 or after their checkpoints, which are of one round.

    It stops after the record, of at least one, with which `enough(records so far)` holds, or when every lane has ended. Raises Refusal
    where one of them is no run, ValueError where they share no lanes.
    """
    points = [point for point in checkpoints or () if point is not None]
    if len({common(spec) for spec in specs}) != 1 or len({point.round for point in points}) > 1 or 0 < len(points) < len(specs):
        raise ValueError("these runs share no lanes")
    problem = problem_of(specs[0], facts)
    most = max(1, MOST_FLOATS // (problem.nodes * problem.d))
    parts = [slice(at, at + most) for at in range(0, len(specs), most)]
    return [lane for part in parts for lane in _Together(specs[part], points[part], facts, snapshots).advanced(enough)]


class _Together:
    """Lanes from one round on, each followed to its own end."""

    def __init__(self, specs: Sequence[RunSpec], points: Sequence[Checkpoint], facts: Facts | None, snapshots: bool) -> None:
        self._run = start_many(specs, _joined(points) if points else None, facts)
        self._kept = snapshot_rounds(specs[0].rounds, specs[0].record_every) if snapshots else range(0)
        self._going = list(range(len(specs)))
        self._seconds = [point.seconds for point in points] or [0.0] * len(specs)
        self._times: list[list[float]] = [[] for _ in specs]  # of every record of a lane
        self._shots: list[dict[int, Snapshot]] = [{} for _ in specs]
        self._ends: dict[int, Checkpoint] = {}

    def advanced(self, enough: Callable[[int], bool]) -> list[Advanced]:
        records, before = [], 0.0
        for record in self._run:
            records.append(record)
            with np.errstate(over="ignore", invalid="ignore"):  # a message of a lane that diverges may be too large for float32
                self._take(record, record.seconds - before)
            before = record.seconds
            if enough(len(records)):
                break
        reached = self._run.checkpoint()
        over = reached.round >= self._run.rounds
        last = {lane: reached.alone(lane, self._seconds[lane]) for lane in self._going}
        return [
            self._lane(lane, found, last[lane] if lane in last else self._ends[lane], over or lane not in last)
            for lane, found in enumerate(traces_of(records, range(len(self._times))))
        ]

    def _take(self, record: Record, seconds: float) -> None:
        """One more record, of those to whom it belongs; whoever ended with it goes no further."""
        computed, belongs = self._run.computed, np.broadcast_to(record.belongs, len(self._times))
        for lane in computed:
            self._seconds[lane] += seconds / len(computed)
        for lane in self._going:
            if belongs[lane]:
                self._times[lane].append(self._seconds[lane])
            if belongs[lane] and record.round in self._kept and (shot := self._run.snapshot(lane=lane)) is not None:
                self._shots[lane][record.round] = shot
        ended = set(self._run.ended.tolist())
        if ended:
            reached = self._run.checkpoint()
            self._ends |= {lane: reached.alone(lane, self._seconds[lane]) for lane in ended}
            self._going = [lane for lane in self._going if lane not in ended]

    def _lane(self, lane: int, found: Trace, reached: Checkpoint, finished: bool) -> Advanced:
        columns = {**found.columns, "seconds": np.array(self._times[lane])}
        part = Trace(columns, found.contraction, self._shots[lane], reached.point(), layers=found.layers)
        return Advanced(part, reached, finished)


def start_many(specs: Sequence[RunSpec], checkpoint: Checkpoint | None = None, facts: Facts | None = None) -> Optimization:
    """The records of runs that share lanes as an iterator, from round 0 or after a checkpoint of all of them. Raises as `advance`."""
    first = specs[0]
    problem = problem_of(first, facts)
    planned = [plan(spec, problem.facts) for spec in specs]
    return optimize(
        problem,
        first.algorithm,
        planned[0].compressor,
        x0=np.stack([spec.start.point(problem) for spec in specs]),
        gammas=[one.gamma for one in planned],
        seeds=[spec.seed for spec in specs],
        rounds=first.rounds,
        record_every=first.record_every,
        precision=first.precision,
        checkpoint=checkpoint,
        shares=[spec.step.share for spec in specs] if any(spec.step.fades for spec in specs) else None,
        stop_at=first.stop_at,
    )


def _joined(points: Sequence[Checkpoint]) -> Checkpoint:
    """Checkpoints of single runs as lanes of one; its seconds begin anew, each lane goes on from its own."""
    state, bill = ({name: np.concatenate([part[name] for part in parts]) for name in parts[0]} for parts in _parts(points))
    return Checkpoint(points[0].round, 0.0, np.arange(len(points)), np.concatenate([point.alive for point in points]), state, bill)


def _parts(points: Sequence[Checkpoint]) -> tuple[list[dict[str, np.ndarray]], list[dict[str, np.ndarray]]]:
    return [point.state for point in points], [point.bill for point in points]


NO_LIST = Text(
    "run_many takes a list of runs, got {given}; run takes one",
    "run_many принимает список запусков, а получено {given}; один запуск — это run",
)
