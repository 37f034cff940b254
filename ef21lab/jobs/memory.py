"""How much memory there is for the lab: the machine's, or what its container may have, whichever is less."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

BOUNDS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of a container, as either kind of Linux tells it
UNKNOWN = 2**50  # bytes where nothing tells: no bound

MB = 1024**2
SERVER = 450 * MB  # of the server and the engine's scheduler once every page was seen, a class of fifty among it
WORKER = 150 * MB  # of a worker without PyTorch
TORCH = 200 * MB  # that PyTorch takes besides


def whole(bounds: Sequence[str] = BOUNDS) -> int:
    """Bytes in all."""
    found = [UNKNOWN]
    with contextlib.suppress(AttributeError, ValueError, OSError):  # Windows counts otherwise
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for bound in bounds:
        with contextlib.suppress(OSError, ValueError):  # no such file, or `max`
            found.append(int(Path(bound).read_text()))
    return min(one for one in found if one > 0)


def workers(cores: int, memory: int) -> int:
    """One for each core, and not more than there is memory for beside the server; at least one."""
    return max(1, min(cores, (memory - SERVER) // WORKER))


def has_room_for_torch(workers: int, memory: int) -> bool:
    """Whether every worker may have PyTorch in it, though nobody may ask for a network."""
    return memory >= SERVER + workers * (WORKER + TORCH)
