"""How long the microscope takes at d = 4096: a look at every rung of every operator, all operators at one budget, every fold.

One process, one BLAS thread, the median of repeats for a look and the first and a later call for the rest: the first finds out how strong
each operator can be, which is then remembered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

from threadpoolctl import threadpool_limits

from ef21lab.compressors.base import compressors
from ef21lab.microscope import at_budget, best_fold, frontier, ladder, look, spectra, strongest
from ef21lab.microscope.strength import scale
from ef21lab.vectors.base import Sample, vectors

BUDGETS = (1_000, 10_000, 60_000)
LOOK_TARGET, BUDGET_TARGET, FOLD_TARGET = 40, 1500, 1500  # milliseconds


def main() -> None:
    vector = vectors.make({"name": "low_rank", "dims": [16, 16, 16]})
    sample = vector.sample()
    with threadpool_limits(1):
        print(f"{vector}: milliseconds")
        _budgets(sample)
        _searches(sample)
        _looks(sample)


def _budgets(sample: Sample) -> None:
    print(f"\nthe strongest within a budget (all together promised: {BUDGET_TARGET})")
    print(f"{'bits':<20}", *(f"{bits:>10,}" for bits in BUDGETS))
    for name in compressors.members:
        print(f"{name:<20}", *(f"{_timed(partial(strongest, compressors.make(name), sample, bits)):10.1f}" for bits in BUDGETS))
    print(f"{'all, the first time':<20}", *(f"{_first(partial(at_budget, sample, bits)):10.1f}" for bits in BUDGETS))
    print(f"{'all':<20}", *(f"{_timed(partial(at_budget, sample, bits)):10.1f}" for bits in BUDGETS))


def _searches(sample: Sample) -> None:
    print(f"\n{'best fold, bits':<20}", *(f"{bits:>10,}" for bits in BUDGETS), f"   (promised: {FOLD_TARGET})")
    for name in ("st_hosvd", "hosvd"):
        print(f"{name:<20}", *(f"{_timed(partial(best_fold, sample, bits, name)):10.1f}" for bits in BUDGETS))
    print(f"{'frontier':<20} {_timed(partial(frontier, sample)):10.1f}")
    print(f"{'spectra':<20} {_timed(partial(spectra, sample.values, (16, 16, 16))):10.1f}")


def _looks(sample: Sample) -> None:
    print(f"\n{'a look (promised:':<20} {LOOK_TARGET:>9}) {'at rung':<40} {'its ladder':>10}")
    for name in compressors.members:
        began = _first(partial(ladder, name, len(sample.values), sample.layout))
        times = {
            rung: median(_timed(partial(look, rung, sample)) for _ in range(3)) for rung in ladder(name, len(sample.values), sample.layout)
        }
        if times:
            slowest = max(times, key=times.__getitem__)
            print(f"{name:<20} {times[slowest]:10.1f} {slowest!s:<40} {began:10.1f}")


def _first(work: Callable[[], object]) -> float:
    """Milliseconds of a call that remembers nothing."""
    ladder.cache_clear()
    scale.cache_clear()
    return _timed(work)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


if __name__ == "__main__":
    main()
