"""Processes of one's own that answer questions, fed through pipes.

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
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from ef21lab.choices import answers
from ef21lab.choices.fields import shown
from ef21lab.choices.spec import Spec
from ef21lab.choices.text import Refusal, Text
from ef21lab.runs.spec import FAMILIES, RunSpec

PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from ef21lab.sweeps.worker import main; main()"  # the same package, the same plugins


class Question(NamedTuple):
    """A function of a module, which is called with these in a process; None for an answer means that it has to be asked here."""

    function: Callable[..., Any]
    args: tuple[Any, ...]


class Unanswered(NamedTuple):
    """The process has ended before it answered."""

    why: str


class Pool:
    """So many processes, each begun when there is something for it to do."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._waiting: queue.SimpleQueue[tuple[Any, Question] | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        self._own: list[_Worker] = []
        self._going = 0

    def ask(self, name: Any, question: Question) -> None:
        """Its answer will be among those of `next`, under this name."""
        self._going += 1
        self._waiting.put((name, question))
        if len(self._own) < min(self._going, self.workers):
            self._own.append(_Worker(self._waiting, self._ready))
            self._own[-1].start()

    def next(self) -> tuple[Any, Any]:
        """The name and the answer of the next that is ready, or Unanswered. What is asked and not yet taken is waited for.

        It looks up now and then: elsewhere than on POSIX a wait without end cannot be interrupted.
        """
        while True:
            with contextlib.suppress(queue.Empty):
                found = self._ready.get(timeout=0.5)
                self._going -= 1
                return found

    def close(self) -> None:
        for _ in self._own:
            self._waiting.put(None)
        for worker in self._own:
            worker.end()


@contextlib.contextmanager
def pool(workers: int) -> Iterator[Pool | None]:
    """Processes where there are to be several; they are ended with the block."""
    found = Pool(workers) if workers > 1 else None
    try:
        yield found
    finally:
        if found is not None:
            found.close()


def is_of_here(spec: RunSpec) -> bool:
    """Whether a part of it is a class of the script or notebook that runs here, which another process does not have."""
    waiting: list[Any] = [getattr(spec, noun) for noun in FAMILIES]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Spec):
            if type(part).__module__ == "__main__":
                return True
            waiting.extend(getattr(part, name) for name in type(part).fields())
    return False


def number_of(workers: Any) -> int:
    """How many processes are asked for. Raises Refusal for what is no such number."""
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise Refusal(NO_WORKERS.format(given=shown(workers)))
    return workers


class _Worker(threading.Thread):
    """A process and the thread that feeds it. One that ends before its answer is replaced, and what it was at is lost."""

    def __init__(self, waiting: queue.SimpleQueue[tuple[Any, Question] | None], ready: queue.SimpleQueue[tuple[Any, Any]]) -> None:
        super().__init__(daemon=True)
        self._waiting, self._ready = waiting, ready
        self._lock = threading.Lock()  # of the two below: whoever ends this does so from another thread
        self._process: subprocess.Popen[bytes] | None = None
        self._over = False

    def run(self) -> None:
        while not self._over and (asked := self._waiting.get()) is not None:
            name, question = asked
            self._ready.put((name, self._answer(question)))
        self.end()

    def end(self) -> None:
        """Its process too, also where it is being begun just now."""
        with self._lock:
            self._over = True
        self._put_away()

    def _put_away(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            with contextlib.suppress(OSError):  # what was not yet written to one who has gone
                process.communicate()

    def _answer(self, question: Question) -> Any:
        try:
            process = self._begun()
            assert process.stdin is not None  # both are pipes
            assert process.stdout is not None
            pickle.dump(tuple(question), process.stdin)
            process.stdin.flush()
            answer, noted = pickle.load(process.stdout)
            answers.hear(noted)
            return answer
        except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
            code = self._code()
            self._put_away()
            return Unanswered(f"the process that computed it has ended (exit code {code}): {error!r}")

    def _begun(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._over:
                raise OSError("nobody waits for it any more")
            self._process = self._process or _started()
            return self._process

    def _code(self) -> int | None:
        """With what the process has ended; None where it has not, or was never begun."""
        process = self._process
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(timeout=5.0) if process is not None else None
        return None


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, *sys.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


NO_WORKERS = Text("workers={given}: an integer of at least 1", "workers={given}: целое число не меньше 1")
