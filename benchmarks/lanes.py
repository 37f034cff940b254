"""What a lane of a run of many costs beside a run alone: EF21, 20 nodes, a record in every round.

    EF21LAB_DATA=../shared/data python -m benchmarks lanes

Lanes differ in the multiple of the step. One process, one BLAS thread, seconds of its core; a run alone and runs of 8 and 32 lanes take
turns, and of each the best of several turns counts, since other work on the machine only ever adds. Only the ratios mean something on
another one; they fall with what a round costs besides its arithmetic, and rise where that was made cheaper for a single run.

What is left is arithmetic: of a margin an exp, a log1p and ten passes, 3 to 5 ns; of an entry of sparse data 0.3 ns in each direction,
where a single run waits 0.6 ns for memory. Dense data take as long for each of many lanes as for one: a lane's matrix products must be
those of its run alone, bit for bit, so the lanes are not made one large matrix. Of a lane of softmax on digits a quarter are these two
products, at the speed of the core (40 GFlop/s), an eighth is what is done to margins, and most of the rest are passes over the method's
own arrays, 20 nodes × 640 numbers, which a run alone makes too: all that lanes share is what a round costs besides.

A lane that diverges costs nothing from then on, nor does one at rest, whose numbers a round has left as they were to the last bit. The
second table says how many of ten multiples, ×1 … ×512, have come to that within so many rounds: long after ‖∇f‖² has reached 1e-30, so
seldom within a usual budget, and not at all where a method cycles among a few last digits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits

from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal
from ef21lab.runs.lanes import advance, start_many
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

LANES = (1, 8, 32)
ROUNDS = 400  # of which one in ten keeps a snapshot
TURNS = 5
SECONDS = 0.7  # about what a turn of one kind takes


MULTIPLES = tuple(2.0**octave for octave in range(10))
SMALL: Json = {"dataset": "breast_cancer"}
ENDS = (  # a problem with its method, and rounds
    ("mushrooms, Top-1", {"dataset": "mushrooms", "compressor": "top_k"}, 2000),
    ("mushrooms, Top-1, EF21+", {"dataset": "mushrooms", "compressor": "top_k", "algorithm": "ef21_plus"}, 2000),
    ("breast_cancer, Top-1", {**SMALL, "compressor": "top_k"}, 2000),
    ("breast_cancer, Top-11", {**SMALL, "compressor": {"name": "top_k", "k": 11}}, 2000),
    ("breast_cancer, HOSVD", {**SMALL, "compressor": {"name": "hosvd", "ranks": 1}}, 2000),
)


class Case(NamedTuple):
    """A problem with its operator, and the share of a run alone that a lane is to cost at most."""

    name: str
    spec: Json
    wanted: float


SOFTMAX: Json = {"dataset": "digits", "objective": "softmax"}
ST_HOSVD: Json = {"name": "st_hosvd", "ranks": 1}
CASES = (
    Case("mushrooms", {"dataset": "mushrooms"}, 0.40),
    Case("digits/softmax", SOFTMAX, 0.40),
    Case("a9a", {"dataset": "a9a"}, 0.50),
    Case("w8a", {"dataset": "w8a"}, 0.50),
    Case("mushrooms, ST-HOSVD", {"dataset": "mushrooms", "compressor": ST_HOSVD}, 0.30),
)


def main() -> None:
    print(f"{'':<20} {'ms a round alone':>16}", *(f"{f'a lane of {lanes}':>12}" for lanes in LANES[1:]), f"{'wanted':>8}")
    with threadpool_limits(1):
        for case in CASES:
            print(_row(case), flush=True)
        print(f"what lanes cannot share, digits/softmax: {_arithmetic()}")
        print(f"\n{'of 10 multiples':<24} {'rounds':>8} {'at rest':>8} {'diverged':>9} {'rounds not computed':>20}")
        for name, spec, rounds in ENDS:
            print(f"{name:<24} {_ends(spec, rounds)}", flush=True)
        print(f"a round of breast_cancer, Top-11, ×32, alone; at rest: {_at_rest()}")


def _row(case: Case) -> str:
    try:
        alone, *each = _measured(case)
    except Refusal as refusal:
        return f"{case.name:<20} not measured: {refusal}"
    return " ".join([f"{case.name:<20} {1e3 * alone:16.3f}", *(f"{seconds / alone:12.2f}" for seconds in each), f"{case.wanted:8.2f}"])


def _measured(case: Case) -> list[float]:
    """Seconds of a lane's round, for every number of LANES."""
    work = [_lanes(case, lanes) for lanes in LANES]
    once = _seconds(work[0], 20) / 20  # with what is computed once for a problem, after that
    once = _seconds(work[0], 20) / 20
    records = [max(10, min(ROUNDS, round(SECONDS / (once * lanes)))) for lanes in LANES]
    turns = [[_seconds(specs, count) for specs, count in zip(work, records, strict=True)] for _ in range(TURNS)]
    return [min(times) / (lanes * count) for times, lanes, count in zip(zip(*turns, strict=True), LANES, records, strict=True)]


def _arithmetic(lanes: int = 8) -> str:
    """Of a lane's round: both products with the data, each lane's by itself, and the exponentials of its margins."""
    problem: Any = problem_of(RunSpec.make(SOFTMAX))
    outputs, products = problem.loss_of_margins.outputs, problem.products
    x = np.random.default_rng(0).normal(size=(lanes * outputs, products.p))
    margins = products.forward(x, outputs)
    forward, backward = _best(lambda: products.forward(x, outputs)), _best(lambda: products.backward(margins, outputs))
    exponentials, operations = _best(lambda: np.exp(margins)), 2 * 2 * lanes * problem.facts.entries
    return (
        f"products {1e3 * (forward + backward) / lanes:.3f} ms, {1e-9 * operations / (forward + backward):.0f} GFlop/s; "
        f"exp {1e3 * exponentials / lanes:.3f} ms, {1e9 * exponentials / margins.size:.1f} ns each"
    )


def _best(work: Callable[[], object]) -> float:
    """Seconds."""
    found = []
    for _ in range(40):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def _ends(spec: Json, rounds: int) -> str:
    """How many lanes stop costing, and how much is never computed."""
    specs = [RunSpec.make({**spec, "rounds": rounds, "step": {"rule": "theory", "multiple": multiple}}) for multiple in MULTIPLES]
    run = start_many(specs)
    computed = sum(len(run.computed) for _ in run)
    going = len(run.checkpoint().lanes)
    return f"{rounds:8d} {going - len(run.computed):8d} {len(specs) - going:9d} {1.0 - computed / (len(specs) * (rounds + 1)):20.0%}"


def _at_rest() -> str:
    """Microseconds of a round, records included, before and after a run alone has come to rest."""
    run = start_many(
        [RunSpec.make({**SMALL, "compressor": {"name": "top_k", "k": 11}, "rounds": 2000, "step": {"rule": "theory", "multiple": 32.0}})]
    )
    spent, rounds = [0.0, 0.0], [0, 0]  # while it is computed, and after that
    before = time.process_time()
    for _ in run:
        now, rests = time.process_time(), len(run.computed) == 0
        spent[rests], rounds[rests], before = spent[rests] + now - before, rounds[rests] + 1, now
    return "; ".join(f"{1e6 * seconds / count:.1f} µs" for seconds, count in zip(spent, rounds, strict=True))


def _lanes(case: Case, lanes: int) -> list[RunSpec]:
    made = {**case.spec, "rounds": ROUNDS}
    return [RunSpec.make({**made, "step": {"rule": "theory", "multiple": 1.0 + lane / 16}}) for lane in range(lanes)]


def _seconds(specs: Sequence[RunSpec], records: int) -> float:
    """Of this process's core, which another one may have to itself at times."""
    began = time.process_time()
    advance(specs, enough=lambda so_far: so_far == records)
    return time.process_time() - began
