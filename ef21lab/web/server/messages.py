"""What a node wanted to send in one round and what was received: kept, computed again, or else of the nearest kept round, which is said."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, NamedTuple

import numpy as np

from ef21lab.channels.snapshot import Snapshot
from ef21lab.choices.text import Refusal, Text
from ef21lab.web.server.source import Source

PLACES = 1  # runs that are computed again at once; the workers are shared with those who wait for curves
WAITING = 24  # who wait for that; whoever comes next is given what is kept

BUSY = Text("many messages are being computed again at this moment", "сейчас пересчитывается слишком много сообщений")


class Found(NamedTuple):
    """The messages of a round; `why` they are not of the round that was asked for."""

    round: int
    shot: Snapshot
    why: Text | None = None


class Messages:
    """The messages of a source, a bounded number of them computed again at a time."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._places = asyncio.Semaphore(PLACES)
        self._waiting = 0

    async def found(self, key: str, round: int, node: int) -> Found:
        """Those of this round, or, where that is refused, of the kept round nearest to it. Raises the Refusal where none is kept."""
        kept = await asyncio.to_thread(self._source.snapshot, key, round)
        if kept is not None and node in kept.nodes:
            return Found(round, kept)
        try:
            return Found(round, await self._again(key, round, node))
        except Refusal as refusal:
            nearest = await asyncio.to_thread(self._nearest, key, round, node)
            if nearest is None:
                raise
            return Found(*nearest, why=refusal.text)

    async def _again(self, key: str, round: int, node: int) -> Snapshot:
        if self._waiting >= WAITING:
            raise Refusal(BUSY)
        self._waiting += 1
        try:
            async with self._places:
                return await asyncio.to_thread(self._source.snapshot_again, key, round, node)
        finally:
            self._waiting -= 1

    def _nearest(self, key: str, round: int, node: int) -> tuple[int, Snapshot] | None:
        rounds = self._source.snapshot_rounds(key)
        if not rounds:
            return None
        nearest = min(rounds, key=lambda kept: abs(kept - round))
        shot = self._source.snapshot(key, nearest)
        return None if shot is None or node not in shot.nodes else (nearest, shot)


def packed(found: Found, asked: int, node: int) -> dict[str, Any]:
    """One node's message as JSON: vectors as base64 of little-endian float32."""
    row = [int(number) for number in found.shot.nodes].index(node)
    return {
        "round": found.round,
        "asked": asked,
        "why": None if found.why is None else {"en": found.why.en, "ru": found.why.ru},
        "node": node,
        "d": found.shot.wanted.shape[-1],
        "wanted": _packed32(found.shot.wanted[row]),
        "received": _packed32(found.shot.received[row]),
    }


def _packed32(vector: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(vector, dtype="<f4").tobytes()).decode()
