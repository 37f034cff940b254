"""A port of this machine for a process that is being started."""

from __future__ import annotations

import contextlib
import secrets
import socket

LOOPBACK = "127.0.0.1"
OURS = range(15_000, 32_000)  # below all that systems give away by themselves
TRIES = 100


def free_port() -> int:
    """One that nobody uses, and that nobody is given who asks for any port.

    The process that is to listen there comes to it seconds later: one of the system's own choice may be somebody else's by then.
    """
    for _ in range(TRIES):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, OURS[secrets.randbelow(len(OURS))]))
            port: int = probe.getsockname()[1]
            return port
    raise OSError(f"no free port among {TRIES} in {OURS.start}..{OURS.stop - 1}")
