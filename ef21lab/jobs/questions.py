"""Small questions to a worker: answered once for all who ask, and remembered for a while."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from ef21lab.jobs.engine import Engine, Failure
from ef21lab.text import Refusal

Answer = Any  # whatever the function asked returns
Hearer = Callable[[Answer], None]

log = logging.getLogger(__name__)


class Questions:
    """Answers by key. Concurrent callers share one task; the `most` latest answers stay in memory."""

    def __init__(self, engine: Engine, most: int = 256) -> None:
        self._engine, self._most = engine, most
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Answer] = OrderedDict()
        self._asked: dict[str, Future[Answer]] = {}

    def known(self, key: str) -> Answer | None:
        """The answer where it is at hand."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
            return self._known.get(key)

    def remember(self, key: str, answer: Answer) -> None:
        with self._lock:
            self._known[key] = answer
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def ask(
        self,
        key: str,
        function: Callable[..., Answer],
        *args: Any,
        timeout: float,
        hear: Hearer | None = None,
    ) -> Answer:
        """`function(*args)`, computed by a worker unless it is known; `hear` is told of it once, in the engine's thread.

        Raises the function's Refusal, or TimeoutError.
        """
        answer = self.known(key)
        return self._future(key, function, args, hear).result(timeout) if answer is None else answer

    def _future(self, key: str, function: Callable[..., Answer], args: tuple[Any, ...], hear: Hearer | None) -> Future[Answer]:
        with self._lock:
            if key in self._asked:
                return self._asked[key]
            future = self._asked[key] = Future()
        self._engine.submit(function, *args, on_done=lambda outcome: self._arrived(key, future, outcome, hear), urgent=True)
        return future

    def _arrived(self, key: str, future: Future[Answer], outcome: Answer | Failure, hear: Hearer | None) -> None:
        if isinstance(outcome, Failure):
            if outcome.details:
                log.error("a question failed\n%s", outcome.details)
            future.set_exception(Refusal(outcome.reason))
        else:
            self.remember(key, outcome)
            if hear:
                hear(outcome)
            future.set_result(outcome)
        with self._lock:
            self._asked.pop(key, None)
