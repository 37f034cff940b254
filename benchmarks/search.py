"""What a search computes of the whole grid, and whether it finds the grid's winner: rounds, seconds of the processor, the winner's bits.

Mushrooms with 20 nodes and breast cancer with 5, the grid GRID, three values of ε. The grid is computed whole first, then each search by
itself. Rounds count alike whatever they cost, seconds do not: of dear messages a search computes the fewest.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from ef21lab.choices.fields import Json
from ef21lab.searches.search import search
from ef21lab.sweeps.sweep import sweep

T = TypeVar("T")

PROBLEMS: Mapping[str, Json] = {
    "mushrooms": {"dataset": "mushrooms", "rounds": 400},
    "breast cancer": {"dataset": "breast_cancer", "partition": {"name": "contiguous", "nodes": 5}, "rounds": 800},
}
GRID: Mapping[str, Any] = {
    "compressor": [
        *({"name": "top_k", "k": k} for k in (1, 2, 4, 8)),
        *({"name": "st_hosvd", "ranks": rank} for rank in (1, 2)),
        {"name": "rand_k", "k": 2},
        "sign",
        "qsgd",
        "natural",
        "identity",
    ],
    "step.multiple": [2.0**octave for octave in range(10)],
}
PARTS = (1e-1, 1e-3, 1e-5)  # ε, of the value at x⁰


def main() -> None:
    print(f"{'':<24} {'rounds':>8} {'seconds':>8} {'bits, to the least of the grid':>32}")
    for name, spec in PROBLEMS.items():
        every, whole = _timed(partial(sweep, spec, GRID))
        start = max(float(trace["grad_norm_sq"][0]) for trace in every.traces if trace is not None)
        for part in PARTS:
            least = min(trace.bits_to(part * start) for trace in every.traces if trace is not None and not trace.diverged)
            found, taken = _timed(partial(search, spec, part * start, GRID, starts=1))
            known = found.mark(found.best)
            ratio = known.cost / least if known is not None and math.isfinite(least) else math.nan
            print(f"{f'{name}, ε {part:g}':<24} {found.share:8.3f} {taken / whole:8.3f} {ratio:32.3f}", flush=True)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """With the seconds of the processor that it took."""
    before = time.process_time()
    made = work()
    return made, time.process_time() - before
