"""Pages are put together one after another: where fifty come at once, the first have theirs, and their runs begin, while the others wait.

All scripts share one interpreter. Fifty at a time it has done no sooner than one after another, but then every one of them is done last.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2  # one computes while another waits for the disk

_floor = threading.BoundedSemaphore(AT_ONCE)
_mine = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """For what puts a page together: begins when it is this thread's turn."""
    with _floor:
        _mine.held = True
        try:
            yield
        finally:
            _mine.held = False


@contextmanager
def aside() -> Iterator[None]:
    """For the time in which a page only waits for a worker: others go on meanwhile. Nothing where it is nobody's turn."""
    if not getattr(_mine, "held", False):
        yield
        return
    _mine.held = False
    _floor.release()
    try:
        yield
    finally:
        _floor.acquire()
        _mine.held = True
