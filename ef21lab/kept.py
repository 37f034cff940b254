"""What is kept in memory for whoever asks next: the latest things, up to so many bytes."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic, TypeVar

import numpy as np
from zict import LRU

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by key, of `most` bytes together: those used longest ago are forgotten. The latest stays, whatever it weighs."""

    def __init__(self, most: int, weight: Callable[[V], int] | None = None) -> None:
        self.most, weigh = most, weight or array_bytes
        self._values: LRU[K, V] = LRU(math.inf, {}, weight=lambda key, value: weigh(value))
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """What they weigh now."""
        return int(self._values.total_weight)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of `key`, made where it is not kept. A value is weighed when it is made."""
        with self._lock:
            if key in self._values:
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while self.bytes > self.most and len(self._values) > 1:
                self._values.evict()
        return value


def array_bytes(thing: Any) -> int:
    """Bytes of all arrays within `thing`, its attributes, and theirs; a buffer that several arrays share counts once."""
    seen, waiting, total = set(), [thing], 0
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, type):
            continue
        seen.add(id(one))
        if isinstance(one, np.ndarray) and isinstance(one.base, np.ndarray):
            waiting.append(one.base)
        elif isinstance(one, np.ndarray):
            total += one.nbytes
        elif isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, (tuple, list, set, frozenset)):
            waiting.extend(one)
        elif hasattr(one, "__dict__"):
            waiting.append(vars(one))
    return total
