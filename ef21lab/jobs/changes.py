"""Which runs have changed: a number for each that grows, and listeners who are told."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable

from zict import LRU

log = logging.getLogger(__name__)

Listener = Callable[[str], None]

MOST_VERSIONS = 10_000  # counted one by one


class Changes:
    """Versions by key. Any thread may call any method."""

    def __init__(self, most: int = MOST_VERSIONS) -> None:
        self._lock = threading.Lock()
        self._last = self._evicted = 0
        self._versions: LRU[str, int] = LRU(most, {}, on_evict=self._evict)
        self._listeners: list[Listener] = []

    def version(self, key: str) -> int:
        """A number that grows with every change of this run; runs that changed long ago share one."""
        with self._lock:
            return self._versions.get(key, self._evicted)

    def announce(self, keys: Iterable[str]) -> None:
        """These runs have changed: their listeners are called in this thread, one after another."""
        for key in keys:
            with self._lock:
                self._last += 1
                self._versions[key] = self._last
                listeners = list(self._listeners)
            for listener in listeners:
                try:
                    listener(key)
                except Exception:
                    log.exception("a listener failed")

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """`listener(key)` is called after every change and must not block. The function returned here ends that."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._unsubscribe(listener)

    def _unsubscribe(self, listener: Listener) -> None:
        with self._lock, contextlib.suppress(ValueError):
            self._listeners.remove(listener)

    def _evict(self, key: str, version: int) -> None:
        """Called with the lock held: whoever asks for this run's version next is given one no smaller."""
        self._evicted = max(self._evicted, version)
