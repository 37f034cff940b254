"""Bytes that no sender writes, and numbers that no message holds: each is refused in words."""

from __future__ import annotations

import numpy as np

from ef21lab.choices.text import Refusal, Text
from ef21lab.compressors.base import Array

LARGEST_SENT = 2.0**100  # bounds a float32 in a message: ‖x‖ ≤ √d · 2^60 after scaling

LIMIT = 2.0**1000  # beyond it a reconstruction might overflow float64


def honest(values: Array, largest: float = LARGEST_SENT) -> Array:
    """`values` as float64, or a Refusal where one of them is NaN, infinite or beyond `largest`."""
    values = finite(values).astype(np.float64)
    if np.any(np.abs(values) > largest):
        raise malformed(Text("a value in it is larger than any that is sent", "одно из чисел в нём больше всех, что посылаются"))
    return values


def finite(values: Array) -> Array:
    """`values`, or a Refusal where one of them is NaN or infinite."""
    if not np.all(np.isfinite(values)):
        raise malformed(Text("a value in it is NaN or infinite", "одно из чисел в нём — NaN или бесконечность"))
    return values


def malformed_index() -> Refusal:
    """For an index code that stands for no set of coordinates."""
    return malformed(Text("its index code is out of range", "код индексов вне допустимых значений"))


def malformed(why: Text) -> Refusal:
    """For bytes that no sender writes."""
    return Refusal(Text("malformed message: {why}", "испорченное сообщение: {why}").format(why=why))
