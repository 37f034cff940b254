"""Where an engine's workers are: beside the server, in a process of their own that ends with it, or at an address that was named."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import ef21lab
from ef21lab.jobs.crew import WORKERS

COMMAND = (sys.executable, "-m", "ef21lab", "engine")
PATIENCE = 120.0  # seconds for the process to say where it listens: 10 and more on two cores that eight others want
GOODBYE = 5.0  # seconds for it to end by itself


class EngineEnded(Exception):
    """The engine's own process ended before it said where it listens."""


@contextlib.asynccontextmanager
async def elsewhere(address: str) -> AsyncIterator[str]:
    """The scheduler that somebody else keeps."""
    yield address


@contextlib.asynccontextmanager
async def own_process(workers: int) -> AsyncIterator[str]:
    """An engine process; a session of its own, so that Ctrl-C reaches it only as the end of its standard input."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=PIPE, stdout=PIPE, start_new_session=True, env={**os.environ, "PYTHONPATH": _import_path(), WORKERS: str(workers)}
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: PT018 - both were asked for
    try:
        address = (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode().strip()
        if not address:
            raise EngineEnded(f"the engine process ended with status {await process.wait()}")
        yield address
    finally:
        process.stdin.close()
        await _ended(process)


def _import_path() -> str:
    """This copy of the package first, whatever the working directory is."""
    return os.pathsep.join(filter(None, [str(Path(ef21lab.__file__).parents[1]), os.environ.get("PYTHONPATH")]))


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), GOODBYE)
    except TimeoutError:
        process.kill()
        await process.wait()
