"""What a worker does while nobody asks anything of it: PyTorch is imported ahead of the first network."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ef21lab.problems.networks.base import load

QUIET = 3.0  # seconds without a task


class Leisure:
    """Knows for how long a worker has had nothing to do."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._one_thing = threading.Lock()  # a task that meets PyTorch half imported takes it for a whole one, and fails

    @contextmanager
    def busy(self) -> Iterator[None]:
        """For the duration of a task; one that comes during the import waits for its end."""
        with self._one_thing:
            try:
                yield
            finally:
                self._since = time.monotonic()

    def use(self) -> None:
        """In a thread of its own, once there is time: a second of computing and 180 MB, for which the first network need not wait.

        Where PyTorch is not installed nothing happens.
        """
        self._since = time.monotonic()  # a worker that took long to start has had no time yet
        threading.Thread(target=self._use, name="ef21lab leisure", daemon=True).start()

    def _use(self) -> None:
        while not self._used():
            time.sleep(QUIET / 4)

    def _used(self) -> bool:
        """Whether there has been time; no task begins meanwhile."""
        with self._one_thing:
            if time.monotonic() - self._since < QUIET:
                return False
            load()
            return True


leisure = Leisure()
