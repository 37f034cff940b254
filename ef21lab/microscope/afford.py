"""What a budget buys before any vector is seen: by the cost of a Gaussian vector where it depends on the data."""

from __future__ import annotations

from bisect import bisect_right

from ef21lab.compressors.base import Compressor
from ef21lab.microscope.strength import cost, scale


def affordable(compressor: Compressor, d: int, bits: float) -> Compressor | None:
    """The strongest setting of this operator whose message of length d takes at most `bits`; None where even the weakest is over."""
    strengths = scale(compressor, d)
    count = bisect_right(range(len(strengths)), bits, key=lambda place: cost(strengths[place], d))
    return strengths[count - 1] if count else None
