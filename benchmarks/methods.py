"""What a round of each method costs beside a round of EF21: mushrooms, 20 nodes, every setting at its default.

Every method takes turns with EF21 under the same compressor, the first of COMPRESSORS that the method accepts; Rand-k is unbiased for DIANA
and MARINA and contractive for EF21, the same work. The ratio is the median over turns. It is measured with a record (loss, ‖∇f‖², G) in
every round, and with one in twenty, where a method that needs no full gradient computes none in between. A mini-batch is not cheaper here
than all rows: it is the same product with most weights zero.

One process, one BLAS thread; EF21 against itself shows how far to trust the rest.
"""

from __future__ import annotations

import time
from statistics import median
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal
from ef21lab.runs.experiment import start_run
from ef21lab.runs.loop import Optimization

TOP_1: Json = {"name": "top_k", "k": 1}
RAND_1: Json = {"name": "rand_k", "k": 1}
COMPRESSORS = ((TOP_1, TOP_1), (RAND_1 | {"scaling": "unbiased"}, RAND_1))  # for the method, for EF21 beside it
EVERY = (1, 20)  # rounds between records
TURNS, ROUNDS = 40, 20


class Cost(NamedTuple):
    milliseconds: float  # of a round
    ratio: float  # to EF21's


def main() -> None:
    print("a round of each method, and how many times EF21's with the same compressor it is\n")
    print(f"{'':<12} {'compressor':<10}", *(f"{f'ms, record in {every}':>16} {'ratio':>8}" for every in EVERY))
    with threadpool_limits(1):
        for name in algorithms.members:
            print(_row(name), flush=True)


def _row(name: str) -> str:
    compressor, of_ef21 = fitting(name)
    costs = [cost(begun(name, compressor, every), begun("ef21", of_ef21, every)) for every in EVERY]
    return " ".join([f"{name:<12} {compressor['name']:<10}", *(f"{c.milliseconds:16.3f} {c.ratio:7.2f}×" for c in costs)])


def fitting(name: str) -> tuple[Json, Json]:
    """The first compressor that the method does not refuse, and EF21's beside it."""
    for pair in COMPRESSORS:
        try:
            begun(name, pair[0], 1)
        except Refusal:
            continue
        return pair
    raise LookupError(f"{name} refuses all of {COMPRESSORS}")


def cost(run: Optimization, ef21: Optimization) -> Cost:
    turns = [turn(run, ef21) if even else turn(ef21, run)[::-1] for even in (True, False) * (TURNS // 2)]
    return Cost(median(mine for mine, _ in turns), median(mine / theirs for mine, theirs in turns))


def turn(first: Optimization, second: Optimization) -> tuple[float, float]:
    return milliseconds(first), milliseconds(second)


def begun(name: str, compressor: Json, every: int) -> Optimization:
    """A run that is past round 0."""
    run = start_run({"dataset": "mushrooms", "algorithm": name, "compressor": compressor, "rounds": 1_000_000, "record_every": every})
    next(run)
    return run


def milliseconds(run: Optimization) -> float:
    """The mean of a round over the next ROUNDS."""
    first, start = run.round, time.perf_counter()
    while run.round < first + ROUNDS:
        next(run)
    return 1e3 * (time.perf_counter() - start) / ROUNDS


if __name__ == "__main__":
    main()
