"""What an engine is, and the tasks it is given: a chunk of a run, the facts of a problem, a survey of its data.

A run is a chain of chunks, each from the checkpoint of the one before. So to cancel, to pause and to step is not to ask for the next
chunk, a paused run holds no worker, and a worker that dies loses its chunk and nothing else.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.answers import Failed, blamed
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal, Text
from ef21lab.problems.base import Coordinate, Facts
from ef21lab.problems.minimum import Minimum, minimum
from ef21lab.runs.checkpoint import Checkpoint
from ef21lab.runs.coordinates import coordinates
from ef21lab.runs.experiment import start_run
from ef21lab.runs.lanes import advance
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.survey import Survey, survey
from ef21lab.runs.trace import Trace, trace_of
from ef21lab.runs.trained import state_dict_file

FIRST_CHUNK = 0.02  # seconds: the first points are on the screen at once
SHORTEST_CHUNK = 0.01  # to send a chunk costs as much again
FIRST_POINTS = 0.4  # seconds in which everybody who waits for first points is to have some: the more who wait, the shorter their chunks
LATER_CHUNKS = 0.2
BUSY = 2.5  # seconds for a second of computing, beyond which a chunk ends all the same: somebody waits for its points
TASK_SECONDS = 30.0  # of one worker for one task: a chunk, which is at least one record, or the answer to a question
TRIED, TRIED_FOR, TRIED_AT_MOST = 8, 0.4, 1.0  # records, seconds: what a run that may be long is tried for, while somebody waits
RUNS = "runs"  # the owner of all chunks: which run is next is the lab's to say
CHECKPOINT_RATE = 5e6  # bytes a second at most: runs with a large state have longer chunks


Withdraw = Callable[[], None]  # a task that is not begun yet is not computed, and its `on_done` not called; without effect on others


class Chunk(NamedTuple):
    """Some consecutive records of a run, and all that is needed to go on after them."""

    part: Trace
    checkpoint: Checkpoint
    finished: bool


class Failure(NamedTuple):
    """Why a task has no result: words for the person, details for the log."""

    reason: Text
    refused: bool  # a Refusal: asking again gives the same
    details: str = ""
    too_long: bool = False  # it was stopped, and asking again would take as long again


class Engine(Protocol):
    """Computes tasks elsewhere, those of each owner in their order, and of owners the one who had least of the workers' time first."""

    on_workers: Callable[[], None]
    """Called in a thread of the engine's when it has more or fewer workers than before."""

    @property
    def workers(self) -> int:
        """How many tasks are computed at the same time, at least 1."""

    @property
    def alive(self) -> bool:
        """Whether tasks are being computed now; those submitted before that wait."""

    @property
    def missing(self) -> int:
        """How many workers of those that it should have are being started."""

    def start(self) -> None:
        """Make ready before the first task comes; returns at once."""

    def submit(
        self, function: Callable[..., Any], *args: Any, on_done: Callable[[Any], None], owner: str = RUNS, seconds: float = TASK_SECONDS
    ) -> Withdraw:
        """Returns at once. `on_done` gets the result or a Failure, once, in a thread of the engine's.

        A task that is computed for longer than `seconds` is given up, and its worker with it. What is returned takes it back.
        """
        ...

    def close(self) -> None: ...


def execute(
    spec: Json, checkpoint: Checkpoint | None, seconds: float, most_records: int | None = None, facts: Facts | None = None
) -> Chunk:
    """The records that follow `checkpoint`: at least one, then more until it has worked for `seconds` or there are `most_records`."""
    run = start_run(spec, checkpoint, facts)
    over = worked_for(seconds)
    records = []
    for record in run:
        records.append(record)
        if over() or len(records) == most_records:
            break
    reached = run.checkpoint()
    return Chunk(trace_of(records), reached, reached.round >= run.rounds or not reached.alive.any())


def execute_together(
    specs: Sequence[Json],
    checkpoints: Sequence[Checkpoint | None],
    seconds: float,
    most_records: int | None = None,
    facts: Facts | None = None,
) -> list[Chunk]:
    """What `execute` makes of each of these runs, which share lanes and are all at the same round: a chunk for every one."""
    over = worked_for(seconds)
    asked = [RunSpec.make(spec) for spec in specs]
    return [Chunk(*lane) for lane in advance(asked, checkpoints, lambda n: over() or n == most_records, facts)]


def worked_for(
    seconds: float, own: Callable[[], float] = time.thread_time, wall: Callable[[], float] = time.perf_counter
) -> Callable[[], bool]:
    """Whether this thread has worked for so many seconds from now on, or is kept waiting beyond BUSY times as long.

    Its own seconds: to send a chunk costs as much whatever is in it, and where others use the machine too, one that ended by the clock on
    the wall would hold a tenth of what it holds on a quiet one.
    """
    worked, waited = own() + seconds, wall() + BUSY * seconds
    return lambda: own() >= worked or wall() >= waited


# The tasks below are told the facts of the problem where these are known: another worker has computed them, and that takes long.

PROBLEM = ("dataset", "partition", "objective", "held_out", "held_out_seed")  # the parts of a run that make its problem
SURVEYED = (*PROBLEM, "start")
PACED = (*PROBLEM, "algorithm", "compressor", "step", "record_every")


def pace_of(spec: Json, facts: Facts | None = None) -> float:
    """Seconds of this thread that a round of this run takes, records included: of TRIED records, or of two at least and TRIED_FOR seconds.

    A thread's own seconds do not grow because others use the machine too. A first record that takes TRIED_AT_MOST stands for a round.
    """
    every = int(spec["record_every"])
    run = start_run({**spec, "rounds": every * TRIED}, facts=facts)
    began, ends = time.thread_time(), list[float]()
    for _ in run:
        ends.append(time.thread_time())
        if ends[-1] - began >= (TRIED_FOR if len(ends) > 1 else TRIED_AT_MOST):
            break
    return (ends[-1] - ends[0]) / (every * (len(ends) - 1)) if len(ends) > 1 else ends[0] - began


def facts_of(spec: Json) -> Facts:
    """The constants of a run's problem, which stays in this process for the run that follows."""
    asked = RunSpec.make(spec)
    return problem_of(asked).facts


def survey_of(spec: Json) -> Survey:
    """What there is to see of a run's data."""
    return survey(RunSpec.make(spec))


def messages_of(spec: Json, rounds: range, first: int, facts: Facts | None = None) -> dict[int, Snapshot]:
    """The messages of these recorded rounds, of as many nodes from `first` on as fit a snapshot: the run is computed again up to them."""
    run, found = start_run(RunSpec.make(spec), facts=facts).watch(first), {}
    for record in run:
        if record.round in rounds and (shot := run.snapshot(first)) is not None:
            found[record.round] = shot
        if record.round >= rounds[-1]:
            break
    return found


def minimum_of(spec: Json, facts: Facts | None = None) -> Minimum:
    """Where the least value of a run's f lies; f must be strongly convex."""
    asked = RunSpec.make(spec)
    return minimum(problem_of(asked, facts))


def coordinates_of(spec: Json) -> tuple[Coordinate, ...]:
    """What the coordinates of a run's x are called."""
    return coordinates(RunSpec.make(spec))


def network_of(spec: Json, x: Any) -> bytes:
    """The file with the parameters of a run's network."""
    return state_dict_file(RunSpec.make(spec), x)


def chunk_seconds(checkpoint: Checkpoint | None, waiting: float = 0.0) -> float:
    """How long the chunk after `checkpoint` is to last, where so many others for each worker wait for their first."""
    if checkpoint is None:
        return max(SHORTEST_CHUNK, min(FIRST_CHUNK, FIRST_POINTS / (1.0 + waiting)))
    return max(LATER_CHUNKS, size_of(checkpoint) / CHECKPOINT_RATE)


def size_of(checkpoint: Checkpoint) -> int:
    """Bytes of its arrays."""
    return sum(int(array.nbytes) for array in (checkpoint.alive, *checkpoint.state.values(), *checkpoint.bill.values()))


def guarded(function: Callable[..., Any], *args: Any) -> Any:
    """The result of `function(*args)`, or the Failure that it ended in: errors cross between processes as words."""
    try:
        return function(*args)
    except Failed as failed:
        return Failure(failed.text, refused=False, details=traceback.format_exc())
    except Refusal as refusal:
        return Failure(refusal.text, refused=True)
    except Exception as error:  # whatever it is, the run fails with its words and the worker lives on
        blame = blamed(error)
        return Failure(in_words(error) if blame is None else blame.text, refused=False, details=traceback.format_exc())


def in_words(error: BaseException) -> Text:
    """Type and message on one line."""
    message = " ".join(str(error).split())[:300]
    words = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return Text("the computation failed: {words}", "вычисление завершилось ошибкой: {words}").format(words=words)
