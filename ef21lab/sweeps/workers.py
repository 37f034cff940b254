"""Portions of a sweep in processes of their own, fed through pipes.

Not multiprocessing: its children run the script again that has started them, which a notebook has not got and a script without a guard
must not. Who starts these ends them, also when it is interrupted.
"""

from __future__ import annotations

import contextlib
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal
from ef21lab.runs.spec import FAMILIES, RunSpec
from ef21lab.sweeps.work import Ended, outcomes, portions

PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from ef21lab.sweeps.worker import main; main()"  # the same package, the same plugins


class Done(NamedTuple):
    """What became of the run at a place."""

    place: int
    outcome: Ended


def computed(specs: Sequence[RunSpec], workers: int, snapshots: bool) -> Iterator[Done]:
    """Every run, as they are ready: here where there is one worker, else in as many processes as there is work for."""
    asked = portions(specs, workers)
    away = [portion for portion in asked if not any(_is_of_here(specs[place]) for place in portion)] if workers > 1 else []
    here = [portion for portion in asked if portion not in away]
    if len(away) > 1:
        yield from _among(specs, away, min(workers, len(away)), snapshots)
    else:
        here = asked
    for portion in here:
        yield from map(Done, portion, outcomes([specs[place] for place in portion], snapshots))


def _is_of_here(spec: RunSpec) -> bool:
    """Whether a part of it is a class of the script or notebook that runs here, which another process does not have."""
    waiting: list[Any] = [getattr(spec, noun) for noun in FAMILIES]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Spec):
            if type(part).__module__ == "__main__":
                return True
            waiting.extend(getattr(part, name) for name in type(part).fields())
    return False


def _among(specs: Sequence[RunSpec], asked: Sequence[Sequence[int]], workers: int, snapshots: bool) -> Iterator[Done]:
    waiting: queue.SimpleQueue[Sequence[int]] = queue.SimpleQueue()
    ready: queue.SimpleQueue[list[Done]] = queue.SimpleQueue()
    for portion in asked:
        waiting.put(portion)
    own = [_Worker(specs, snapshots, waiting, ready) for _ in range(workers)]
    try:
        for worker in own:
            worker.start()
        for _ in asked:
            yield from _next(ready)
    finally:
        for worker in own:
            worker.end()


class _Worker(threading.Thread):
    """A process and the thread that feeds it. One that ends before its answer is replaced, and what it was at has no trace."""

    def __init__(
        self, specs: Sequence[RunSpec], snapshots: bool, waiting: queue.SimpleQueue[Sequence[int]], ready: queue.SimpleQueue[list[Done]]
    ) -> None:
        super().__init__(daemon=True)
        self._specs, self._snapshots, self._waiting, self._ready = specs, snapshots, waiting, ready
        self._process: subprocess.Popen[bytes] | None = None
        self._over = False

    def run(self) -> None:
        while not self._over:
            try:
                portion = self._waiting.get_nowait()
            except queue.Empty:
                break
            self._ready.put([Done(place, outcome) for place, outcome in zip(portion, self._answer(portion), strict=True)])
        self.end()

    def end(self) -> None:
        self._over = True
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):  # what was not yet written to one who has gone
                process.communicate()

    def _answer(self, portion: Sequence[int]) -> Sequence[Ended]:
        asked = [self._specs[place] for place in portion]
        try:
            process = self._process = self._process or _started()
            assert process.stdin is not None  # both are pipes
            assert process.stdout is not None
            pickle.dump(([spec.json() for spec in asked], self._snapshots), process.stdin)
            process.stdin.flush()
            found = pickle.load(process.stdout)
            if found is None:
                return outcomes(asked, self._snapshots)
            return [Ended(trace, error, RunSpec.make(ran)) for trace, error, ran in found]
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            code = self._code()
            self._replace()
            return [Ended(None, f"the process that computed it has ended (exit code {code}): {error!r}", spec) for spec in asked]

    def _code(self) -> int | None:
        """With what the process has ended; None where it has not, or was never begun."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(timeout=5.0) if self._process is not None else None
        return None

    def _replace(self) -> None:
        over = self._over
        self.end()
        self._over = over


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *sys.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _next(ready: queue.SimpleQueue[list[Done]]) -> list[Done]:
    """The next that is ready. It looks up now and then: elsewhere than on POSIX a wait without end cannot be interrupted."""
    while True:
        with contextlib.suppress(queue.Empty):
            return ready.get(timeout=0.5)


def answered(question: tuple[Sequence[Mapping[str, Any]], bool]) -> list[tuple[Any, str | None, Any]] | None:
    """What a worker says to a question: of every run its trace, why there is none, and the run itself as JSON.

    None where it does not know a member that is meant: whoever asks may have added it by himself.
    """
    documents, snapshots = question
    try:
        specs = [RunSpec.make(one) for one in documents]
    except Refusal:
        return None
    return [(trace, error, ran.json()) for trace, error, ran in outcomes(specs, snapshots)]
