"""The microscope's desk: one look at a time for each place, packed for the browser."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import numpy as np

from ef21lab.web.server.source import Microscope

PLACES = 8  # looks under way at once; a dragged slider asks often, and the workers are shared


class Desk:
    """Asks the lab off the event loop, a bounded number of questions at a time."""

    def __init__(self, microscope: Microscope) -> None:
        self._microscope = microscope
        self._places = asyncio.Semaphore(PLACES)

    async def look(self, vector: Any, compressor: Any, seed: int, owner: str) -> dict[str, Any]:
        """The answer to "look", its arrays as base64 of little-endian float32. Raises Refusal."""
        question = {"ask": "look", "vector": vector, "compressor": compressor, "seed": seed}
        async with self._places:
            return packed(await asyncio.to_thread(self._microscope.ask, question, owner=owner))


def packed(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer whose arrays are words."""
    return {name: _packed(value) if isinstance(value, np.ndarray) else value for name, value in answer.items()}


def _packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()
