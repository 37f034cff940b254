"""How long the code of others is waited for: as long as it takes, unless this process is a server, where others wait for whoever asks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")

_most: float | None = None  # seconds
_silent: set[Hashable] = set()  # what has not come back once is not asked again
_asking = threading.local()


class Silence(Exception):
    """It has not come back in so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def wait_at_most(seconds: float | None) -> None:
    """From now on in this process; None: for as long as it takes, where somebody is there who can end it."""
    global _most
    _most = seconds
    _silent.clear()


def in_time(work: Callable[[], T], which: Hashable) -> T:
    """What `work` returns or raises, asked in a thread of its own where there is a limit.

    Raises Silence where it takes longer, and at once where `which` did before. Its thread is left behind: nothing can end it.
    """
    if _most is None or getattr(_asking, "is_one", False):
        return work()
    if which in _silent:
        raise Silence(_most)
    returned: list[T] = []
    raised: list[BaseException] = []

    def ask() -> None:
        _asking.is_one = True
        try:
            returned.append(work())
        except BaseException as error:  # for whoever asks, in his own thread
            raised.append(error)

    thread = threading.Thread(target=ask, name="ef21lab plugin", daemon=True)
    thread.start()
    thread.join(_most)
    if thread.is_alive():
        _silent.add(which)
        raise Silence(_most)
    if raised:
        raise raised[0]
    return returned[0]
