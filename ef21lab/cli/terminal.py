"""A progress bar for a terminal, and nothing at all where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

REFRESH = 0.1  # seconds between two drawings
WIDTH = 30


class ProgressBar:
    """`show(done, total, note)` redraws one line, a few times a second; a `total` of 0 means that nobody knows it."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._visible = stream.isatty()
        self._next, self._drawn = 0.0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if self._drawn:
            self._stream.write("\r" + " " * self._drawn + "\r")
            self._stream.flush()

    def show(self, done: int, total: int, note: str = "") -> None:
        now = self._clock()
        if self._visible and now >= self._next:
            self._next = now + REFRESH
            self._draw(f"{_bar(done, total)} {note}".rstrip())

    def _draw(self, line: str) -> None:
        self._stream.write("\r" + line.ljust(self._drawn))
        self._stream.flush()
        self._drawn = len(line)


def _bar(done: int, total: int) -> str:
    if total <= 0:
        return f"{done:,}"
    filled = WIDTH * min(done, total) // total
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done:,}/{total:,}"
