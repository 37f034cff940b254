"""Where runs came to, as NumPy's own files: read one at a time, and one copy in memory for all who take it at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
from zict import LRU

from ef21lab.choices.text import Refusal, Text
from ef21lab.runs.coordinates import x_csv
from ef21lab.runs.trained import npy
from ef21lab.web.server.source import Source

LARGEST = 64 * 2**20  # bytes of one file
KEPT = 64 * 2**20  # bytes of the files that were taken last
SLICE = 2**16  # bytes handed to a browser at a time: one that is slow holds no copy of the rest

NO_POINT = Text(
    "the x of this run is not kept: nothing of it is computed yet, or it was by an earlier version — python -m ef21lab run --x computes it",
    "точка x этого запуска не сохранена: он ещё не начат или вычислен прежней версией; её вычислит python -m ef21lab run --x",
)
TOO_LARGE = Text(
    "x has {d:number|numbers}, which is more than this server hands out — python -m ef21lab run --x computes it",
    "в x {d:число|числа|чисел}, столько этот сервер не отдаёт; её вычислит python -m ef21lab run --x",
)


class PointFiles:
    """The points of a source as files of numpy.load: float64, (d,)."""

    def __init__(self, source: Source, kept: int = KEPT) -> None:
        self._source = source
        self._files: LRU[str, bytes] = LRU(kept, {}, weight=lambda key, file: len(file))
        self._one = asyncio.Lock()

    async def file(self, key: str) -> bytes:
        """Raises Refusal where it is not kept or too large."""
        async with self._one:
            if key in self._files:
                return self._files[key]
            status = await asyncio.to_thread(self._source.status, key)
            file = await asyncio.to_thread(self._read, key)
            if status is not None and status.state == "done":  # what goes on comes to another x
                self._files[key] = file
            return file

    async def table(self, key: str) -> bytes:
        """x as CSV with the names of its coordinates. Raises Refusal as `file` does, and where the names cannot be had."""
        async with self._one:
            x = await asyncio.to_thread(self._checked, key)
            names = await asyncio.to_thread(self._source.coordinates, key)
            return (await asyncio.to_thread(x_csv, names, x)).encode()

    async def network(self, key: str) -> bytes:
        """x as the parameters of its network, a file of PyTorch's. Raises Refusal as `file` does, and where there is no network."""
        async with self._one:
            await asyncio.to_thread(self._checked, key)
            file = await asyncio.to_thread(self._source.network, key)
        if file is None:  # it has left the record since
            raise Refusal(NO_POINT)
        return file

    def _checked(self, key: str) -> np.ndarray:
        x = self._source.point(key)
        if x is None:
            raise Refusal(NO_POINT)
        if x.nbytes > LARGEST:
            raise Refusal(TOO_LARGE.format(d=len(x)))
        return x

    def _read(self, key: str) -> bytes:
        return npy(self._checked(key))


async def slices(file: bytes) -> AsyncIterator[memoryview]:
    """The file piece by piece, without a copy."""
    whole = memoryview(file)
    for at in range(0, len(whole), SLICE):
        yield whole[at : at + SLICE]
