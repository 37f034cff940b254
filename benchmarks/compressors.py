"""How fast the compressors are: vectors per second, and sequentially truncated HOSVD against a loop over tensorly.

One process, one BLAS thread, medians of repeats; the two sides of the ratio take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import NamedTuple

import numpy as np
import tensorly
from tensorly.decomposition import tucker
from threadpoolctl import threadpool_limits

from ef21lab.compressors.base import Compressor, compressors

VECTORS = 640
LENGTHS = (112, 640, 7840)
RATIO_DIMS, RATIO_RANKS = (4, 4, 7), (2, 2, 2)
TARGET = 30  # the ratio that is promised


class Row(NamedTuple):
    """One measurement: an operator on `VECTORS` vectors of length d."""

    compressor: Compressor
    d: int
    seconds: float

    @property
    def vectors_per_second(self) -> float:
        return VECTORS / self.seconds


def rows(repeats: int = 7) -> Iterator[Row]:
    """Every compressor of the registry with its defaults, and Top-k with one coordinate in ten, at every length."""
    for d in LENGTHS:
        x = np.random.default_rng(0).normal(size=(VECTORS, d))
        for given in (*compressors.members, {"name": "top_k", "k": d // 10}):
            compressor = compressors.make(given)
            noise = compressor.draw(np.random.default_rng(1), x.shape)
            yield Row(compressor, d, _seconds(partial(compressor.compress, x, noise), repeats))


def tensorly_ratio(repeats: int = 7) -> float:
    """Seconds of a Python loop over tensorly's tucker (SVD start, one sweep, rebuilt) divided by seconds of one batched ST-HOSVD."""
    x = np.random.default_rng(0).normal(size=(VECTORS, np.prod(RATIO_DIMS)))
    st_hosvd = compressors.make({"name": "st_hosvd", "dims": RATIO_DIMS, "ranks": RATIO_RANKS})
    return median(_timed(partial(_tensorly_loop, x)) / _seconds(partial(st_hosvd.compress, x), 3) for _ in range(repeats))


def main() -> None:
    with threadpool_limits(1):
        print(f"{VECTORS} float64 vectors, one BLAS thread")
        print(f"{'compressor':<36}{'d':>8}{'ms':>10}{'vectors/s':>14}")
        for row in rows():
            print(f"{row.compressor!s:<36}{row.d:>8}{1e3 * row.seconds:>10.2f}{row.vectors_per_second:>14,.0f}")
        print(f"ST-HOSVD, d = 112 as 4×4×7, ranks 2: {tensorly_ratio():.0f}× a loop over tensorly's tucker (promised: {TARGET}×)")


def _tensorly_loop(x: np.ndarray) -> None:
    for vector in x:
        tensorly.tucker_to_tensor(tucker(vector.reshape(RATIO_DIMS), rank=list(RATIO_RANKS), n_iter_max=1, init="svd"))


def _seconds(work: Callable[[], object], repeats: int) -> float:
    """The median time of one call, after one that warms up."""
    work()
    return median(_timed(work) for _ in range(repeats))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
