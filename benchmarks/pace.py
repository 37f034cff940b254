"""Random runs: how near is what a run is told to take before it is accepted to what it takes?

    EF21LAB_PACE_RUNS=1000 python -m benchmarks pace

Every run is tried as a worker tries it, and then computed for some seconds; the measured seconds of a round are compared with the trial's.
"""

from __future__ import annotations

import os
import random
import time

import numpy as np
from threadpoolctl import threadpool_limits

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.fields import Json
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.jobs.engine import PACED, pace_of
from ef21lab.jobs.limits import Limits, estimated_seconds
from ef21lab.runs.experiment import start_run
from ef21lab.runs.planned import plan
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

RUNS = int(os.environ.get("EF21LAB_PACE_RUNS", "200"))
COMPUTED_FOR = 1.5  # seconds of one run
MOST_ROUNDS = 300
DATASETS = ("mushrooms", "digits", "breast_cancer", "synthetic_classification")
FOLDS = ([4, 4, 7], [8, 14], "auto", [2, 7, 8], [5, 5, 5])


def main() -> None:
    chance, ratios, guesses, heavy = random.Random(0), [], [], 0
    with threadpool_limits(1):
        while len(ratios) < RUNS:
            try:
                spec = RunSpec.make(_random(chance))
                problem = problem_of(spec)
                planned = plan(spec, problem.facts)
            except Refusal:
                continue
            if planned.reason is not None:
                continue
            tried = pace_of({name: value for name, value in spec.json().items() if name in PACED})
            taken = _taken(spec)
            ratios.append(tried / taken)
            guesses.append(estimated_seconds(planned) / spec.rounds / taken)
            heavy += taken * spec.rounds > Limits().seconds
    print(f"{RUNS} random runs; {heavy} of them would take more than {Limits().seconds} s over {MOST_ROUNDS} rounds\n")
    for name, values in (("a trial on the worker", ratios), ("arithmetic, which decides on a trial", guesses)):
        low, middle, high = np.quantile(values, (0.01, 0.5, 0.99))
        near = np.mean([0.5 <= value <= 2 for value in values])
        worst = f"worst ×{min(values):.2f}, ×{max(values):.2f}"
        print(f"{name:<40} ×{low:.2f} … ×{middle:.2f} … ×{high:.2f} (1, 50, 99 %)   within 2: {near:.1%}   {worst}")


def _taken(spec: RunSpec) -> float:
    """Seconds of a round, of as many as fit."""
    run, began, rounds = start_run(spec), time.thread_time(), 0
    next(run)
    first = time.thread_time()
    for _ in run:
        rounds += 1
        if time.thread_time() - began > COMPUTED_FOR:
            break
    return (time.thread_time() - first) / rounds if rounds else first - began


def _random(chance: random.Random) -> Json:
    return {
        "dataset": chance.choice(DATASETS),
        "partition": {"name": "contiguous", "nodes": chance.choice([2, 5, 20, 20, 100, 500])},
        "objective": chance.choice(["logistic_nonconvex", "logistic_ridge", "softmax"]),
        "algorithm": _algorithm(chance),
        "compressor": _compressor(chance, deep=True),
        "step": {"rule": "fixed", "gamma": 1e-3},
        "rounds": MOST_ROUNDS,
        "seed": chance.randrange(100),
    }


def _algorithm(chance: random.Random) -> Json:
    name = chance.choice([name for name in algorithms.members if name not in ("diana", "marina")])
    downlink = {"downlink": _compressor(chance, deep=False)} if name == "ef21_bc" else {}
    return {"name": name, **downlink} if downlink and "downlink" in algorithms.members[name].fields() else {"name": name}


def _compressor(chance: random.Random, deep: bool) -> Json:
    name = chance.choice([name for name in compressors.members if deep or name not in ("then", "residual")])
    fields = compressors.members[name].fields()
    settings: dict[str, Json] = {"name": name}
    if "dims" in fields:
        settings["dims"] = chance.choice(FOLDS)
    if "ranks" in fields:
        settings["ranks"] = chance.randint(1, 4)
    if "sweeps" in fields:
        settings["sweeps"] = chance.choice([1, 2, 5, 20, 50])
    if "k" in fields:
        settings["k"] = chance.choice([1, 3, 10])
    if "error" in fields and chance.random() < 0.3:
        settings["error"] = chance.choice([0.2, 0.5, 0.9])
    if name == "residual":
        settings |= {"first": _compressor(chance, deep=False), "second": _compressor(chance, deep=False)}
    return settings


if __name__ == "__main__":
    main()
