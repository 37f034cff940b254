"""What it costs a certificate that numbers travel as float32: 1 − α of what arrives, less 1 − α of the exact operator."""

from __future__ import annotations

import math
from collections.abc import Iterable

FLOAT32 = 2.0**-24  # relative: the most that rounding to the nearest float32 number changes it by
RECEIVED = 2.0**-22  # of ‖v‖: the most that rounding the numbers of a message adds to its error
ASIDE = FLOAT32**2  # where every number changes by FLOAT32 of itself, orthogonally to what is dropped: the squares add up


def anywhere(alpha: float, reach: float = RECEIVED) -> float:
    """(√(1 − α) + reach)² − (1 − α), for an error of reach · ‖v‖ in any direction; no digit of a small α is lost."""
    return reach * (2.0 * math.sqrt(1.0 - alpha) + reach)


def turned(frames: Iterable[tuple[int, int]]) -> float:
    """By how much rounding turns frames (I, r), at most: Σ √s, s ≥ ‖(1 − P')U‖² for a frame U and the projection P' on the rounded one.

    Of the weights W that are sent for U (wire/gauge.py), r(I − r) are rounded, none above 2, and the others are the identity: ‖W⁺‖ ≤ 1. So
    s ≤ 4r(I − r)FLOAT32².
    """
    return sum(2.0 * FLOAT32 * math.sqrt(rank * (side - rank)) for side, rank in frames)


def stationary(frames: Iterable[tuple[float, float]], core: int) -> float:
    """For frames (I, r) that leading singular directions span, each in what the ones before have left, and a core of so many numbers.

    With S = XXᵀ and P the projection on its leading directions, tr P'S ≥ tr PS − ‖S‖s, since SP = PS: energy is stationary there, and
    what is lost is s, not √s. The core is rounded inside the frames, ASIDE. RECEIVED² is 16 FLOAT32²: that leaves 12 r(I − r)FLOAT32² for
    the float64 in which the directions are found.
    """
    return RECEIVED**2 * (sum(rank * (side - rank) for side, rank in frames) + core)
