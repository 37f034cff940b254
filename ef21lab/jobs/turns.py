"""Whose turn it is, where more is asked for than there are workers."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

EXPECTED = 0.1  # seconds of a worker: what the first task of an owner is taken for until it has ended
FORGIVEN = 5.0  # seconds of a worker: nobody is served for longer in a row because they asked for little before


class Turns(Generic[T]):
    """A queue of those who wait, each with a line of their own: next is the first in the line that was served least so far.

    Served is counted in seconds of a worker (start-time fair queueing: Goyal, Vin, Cheng 1996): a flood of small questions, one question
    that takes long and a run of many chunks weigh the same when they took the same time. A task is charged beforehand with what the
    owner's last one took, and the difference is settled when it ends. Who comes newly begins level with the least served.
    """

    def __init__(self) -> None:
        self._lines: dict[str, deque[T]] = {}
        self._served: dict[str, float] = {}  # of everybody who waits or is being served
        self._going: dict[str, deque[float]] = {}  # what they were charged beforehand for what they have
        self._last: dict[str, float] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def join(self, owner: str, item: T, *, first: bool = False) -> None:
        """At the end of `owner`'s line, or at its head: what had its turn and lost it."""
        if owner not in self._served:
            self._served[owner] = self._level()
        line = self._lines.setdefault(owner, deque())
        (line.appendleft if first else line.append)(item)

    def next(self) -> T:
        """Take the one whose turn it is; `end` tells when it has been served. Raises IndexError where nobody waits."""
        if not self._lines:
            raise IndexError("nobody waits")
        owner = min(self._lines, key=lambda name: self._served[name])
        line = self._lines[owner]
        item = line.popleft()
        if not line:
            del self._lines[owner]
        charge = self._last.get(owner, EXPECTED)
        self._going.setdefault(owner, deque()).append(charge)
        self._served[owner] += charge
        return item

    def end(self, owner: str, seconds: float) -> None:
        """What `owner` was given has taken so long."""
        charged = self._going[owner].popleft()
        self._served[owner] = max(self._served[owner] - charged, self._level() - FORGIVEN) + seconds
        self._last[owner] = seconds
        if not self._going[owner]:
            del self._going[owner]
        self._forget_the_absent()

    def leave(self, owner: str, item: T) -> bool:
        """Out of the line, unserved; False where it is not in it any more."""
        line = self._lines.get(owner, deque())
        if item not in line:
            return False
        line.remove(item)
        if not line:
            del self._lines[owner]
        self._forget_the_absent()
        return True

    def _level(self) -> float:
        """What the least served of those present was served."""
        return min(self._served.values(), default=0.0)

    def _forget_the_absent(self) -> None:
        """Whoever neither waits nor is served: unless they were served more than others, who would then wait for them when they return."""
        level = min((self._served[name] for name in (*self._lines, *self._going)), default=None)
        for name in [name for name in self._served if name not in self._lines and name not in self._going]:
            if level is None or self._served[name] <= level:
                del self._served[name]
                self._last.pop(name, None)
