"""Small questions to a worker: answered once for all who ask, and remembered for a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from zict import LRU

from ef21lab.choices.text import Refusal
from ef21lab.jobs.engine import Engine, Failure, Withdraw

Answer = Any  # whatever the function asked returns
Hearer = Callable[[Answer], None]

NOT_AGAIN = 300.0  # seconds for which a question that took too long is not asked again

log = logging.getLogger(__name__)


@dataclass
class _Asked:
    """A question that is not answered yet."""

    future: Future[Answer] = field(default_factory=Future)
    waiting: int = 0  # how many callers
    withdraw: Withdraw = lambda: None


class Questions:
    """Answers by key. Concurrent callers share one task; the `most` latest answers stay in memory.

    A question that nobody waits for any more is withdrawn unless a worker has begun it. One that took too long is not tried again for
    a while: every try costs a worker.
    """

    def __init__(self, engine: Engine, most: int = 256, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine, self._clock = engine, clock
        self._lock = threading.Lock()
        self._known: LRU[str, Answer] = LRU(most, {})
        self.waits: Callable[[], AbstractContextManager[None]] = nullcontext  # around every wait, in the thread of whoever asks
        self._too_long: dict[str, tuple[float, Refusal]] = {}  # until when, and why
        self._asked: dict[str, _Asked] = {}

    def known(self, key: str) -> Answer | None:
        """The answer where it is at hand."""
        with self._lock:
            return self._known.get(key)

    def remember(self, key: str, answer: Answer) -> None:
        with self._lock:
            self._known[key] = answer

    def ask(
        self,
        key: str,
        function: Callable[..., Answer],
        *args: Any,
        timeout: float,
        hear: Hearer | None = None,
        owner: str = "",
    ) -> Answer:
        """`function(*args)`, computed by a worker in `owner`'s turn unless it is known; `hear` is told of it once, in the engine's thread.

        Raises the function's Refusal, or TimeoutError.
        """
        answer = self.known(key)
        return self._answered(key, function, args, timeout, hear, owner) if answer is None else answer

    def _answered(
        self, key: str, function: Callable[..., Answer], args: tuple[Any, ...], timeout: float, hear: Hearer | None, owner: str
    ) -> Answer:
        asked = self._joined(key, function, args, hear, owner)
        try:
            with self.waits():
                return asked.future.result(timeout)
        finally:
            self._part_from(key, asked)

    def _joined(self, key: str, function: Callable[..., Answer], args: tuple[Any, ...], hear: Hearer | None, owner: str) -> _Asked:
        """The question under this key, with one more who waits."""
        with self._lock:
            self._refuse_for_now(key)
            if key in self._asked:
                self._asked[key].waiting += 1
                return self._asked[key]
            asked = self._asked[key] = _Asked(waiting=1)
        asked.withdraw = self._engine.submit(function, *args, on_done=lambda outcome: self._arrived(key, asked, outcome, hear), owner=owner)
        return asked

    def _refuse_for_now(self, key: str) -> None:
        """Raises the Refusal of a question that took too long a moment ago."""
        self._too_long = {other: held for other, held in self._too_long.items() if held[0] > self._clock()}
        if key in self._too_long:
            raise self._too_long[key][1]

    def _part_from(self, key: str, asked: _Asked) -> None:
        """One waits no more. Without anybody it is as if it had never been asked; an answer that comes all the same is kept."""
        with self._lock:
            asked.waiting -= 1
            if asked.waiting or asked.future.done():
                return
            if self._asked.get(key) is asked:
                del self._asked[key]
        asked.withdraw()

    def _arrived(self, key: str, asked: _Asked, outcome: Answer | Failure, hear: Hearer | None) -> None:
        if not isinstance(outcome, Failure):
            self.remember(key, outcome)
            if hear:
                hear(outcome)
            asked.future.set_result(outcome)
        else:
            if outcome.details:
                log.error("a question failed\n%s", outcome.details)
            refusal = Refusal(outcome.reason)
            if outcome.too_long:
                with self._lock:
                    self._too_long[key] = self._clock() + NOT_AGAIN, refusal
            asked.future.set_exception(refusal)
        with self._lock:
            if self._asked.get(key) is asked:
                del self._asked[key]
