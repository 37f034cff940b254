"""What a sweep costs through lanes and in a loop, in seconds of the processor; mushrooms, 20 nodes, a record in every round.

- grid: 3 methods × 3 compressors × 10 multiples × 5 repeats of 2000 rounds. It is measured over ROUNDS of them, and of the loop every
  SAMPLE-th run is computed; what 2000 rounds take is that times 2000/ROUNDS, which ignores that some lanes diverge and end.
- step tolerance: EF14, EF21 and EF21+ with Top-1, 10 multiples from 1 to 512, all 2000 rounds, by two processes: the figure of the paper.

One process with one BLAS thread but in the last line. Other work on the machine costs a sweep its cache and the core its pace: numbers of a
shared machine are too high, the ratio hardly.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from threadpoolctl import threadpool_limits

from ef21lab.runs.experiment import run
from ef21lab.sweeps.grid import cells
from ef21lab.sweeps.sweep import sweep

ROUNDS, ALL_ROUNDS, SAMPLE = 100, 2000, 7
MULTIPLES = [2.0**power for power in range(10)]
GRID: Mapping[str, Any] = {
    "algorithm": ["ef21", "ef21_plus", "ef14"],
    "compressor": ["top_k", {"name": "st_hosvd", "ranks": 1}, "sign"],
    "step.multiple": MULTIPLES,
    "repeat": range(5),
}
TOLERANCE: Mapping[str, Any] = {"algorithm": ["ef14", "ef21", "ef21_plus"], "step.multiple": MULTIPLES}


def main() -> None:
    base = {"dataset": "mushrooms", "rounds": ROUNDS}
    run({**base, "rounds": 1})  # what is computed once for a problem
    specs = [cell.spec for cell in cells(base, GRID)]
    with threadpool_limits(1):
        together = _seconds(lambda: sweep(base, GRID))
        alone = _seconds(lambda: [run(spec) for spec in specs[::SAMPLE]]) * len(specs) / len(specs[::SAMPLE])
    scale = ALL_ROUNDS / ROUNDS
    print(
        f"grid of {len(specs)} runs: {scale * together:.0f} s through lanes, {scale * alone:.0f} s in a loop: {alone / together:.1f} times"
    )
    began = time.perf_counter()
    used = _seconds(lambda: sweep({**base, "rounds": ALL_ROUNDS}, TOLERANCE, workers=2))
    print(
        f"step tolerance, 30 runs of {ALL_ROUNDS} rounds: {used:.1f} s of the processor, {time.perf_counter() - began:.1f} s on the clock"
    )


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor, by this process and by those that it has ended."""
    before = os.times()
    work()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


if __name__ == "__main__":
    main()
