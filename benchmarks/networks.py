"""Networks: a round against one pooled step of SGD, and three ways to every node's gradient; in processor time, on one core.

The pooled step is what the same rows cost where nobody asks which node they are of: one forward and one backward pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ef21lab.problems.networks.base import absence
from ef21lab.runs.experiment import start_run
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

NODES, BATCH, ROUNDS, TIMES = 10, 16, 60, 15
Way = Callable[[], Any]


def main() -> None:
    if why := absence():
        print(f"networks: {why.en}")
        return
    import torch

    torch.set_num_threads(1)
    for precision in ("float64", "float32"):
        _gradients(precision)
        _rounds(precision)


def _spec(precision: str, compressor: object = "identity") -> RunSpec:
    return RunSpec.make(
        {
            "dataset": "digits",
            "partition": {"name": "shuffled", "nodes": NODES},
            "objective": {"name": "network", "network": "conv"},
            "algorithm": {"name": "ef21_sgdm", "batch": BATCH},
            "compressor": compressor,
            "rounds": ROUNDS,
            "record_every": ROUNDS,
            "precision": precision,
        }
    )


def _gradients(precision: str) -> None:
    """Of a mini-batch of every node, and of all rows: what the problem does, a loop over the nodes, and vmap of grad."""
    import torch

    spec = _spec(precision)
    whole: Any = problem_of(spec)
    problem = (whole.in_single() or whole) if precision == "float32" else whole
    x = spec.start.point(whole).astype(precision)
    module, number = problem.module.to(getattr(torch, precision)), getattr(torch, precision)
    given = {name: torch.tensor(part, dtype=number) for name, part in problem.named(x).items()}
    print(f"\nconv on digits, {NODES} nodes, {precision}: ms of a pass, d = {problem.d}")
    for rows in (BATCH, int(problem.facts.node_rows.min())):
        features, classes = problem.batches(problem.first_rows[:, None] + np.arange(rows))
        found = _medians(_ways(problem, x, module, given, features, classes))
        told = ", ".join(f"{name} {ms:.2f} ({ms / found['pooled']:.2f})" for name, ms in found.items())
        print(f"  {rows} rows of each node: {told}")


def _ways(problem: Any, x: np.ndarray, module: Any, given: dict[str, Any], features: Any, classes: Any) -> dict[str, Way]:
    return {
        "pooled": lambda: _pooled(module, given, features, classes),
        "here": lambda: problem.sums(x, features, classes),
        "loop": lambda: [problem.sums(x, features[i : i + 1], classes[i : i + 1]) for i in range(NODES)],
        "vmap": lambda: _by_vmap(module, given, features, classes),
    }


def _rounds(precision: str) -> None:
    """Whole rounds, messages and all; the records at both ends are left out."""
    for compressor in ("identity", {"name": "top_k", "k": 100}, {"name": "per_layer"}):
        spec = _spec(precision, compressor)
        ends = []
        for rounds in (1, ROUNDS):
            run = start_run(replace(spec, rounds=rounds, record_every=rounds))
            next(run)
            began = time.process_time()
            next(run)
            ends.append(time.process_time() - began)
        print(f"  a round of EF21-SGDM, {compressor}: {1e3 * (ends[1] - ends[0]) / (ROUNDS - 1):.2f} ms")


def _pooled(module: Any, given: dict[str, Any], features: Any, classes: Any) -> Any:
    import torch

    parameters = {name: part.requires_grad_() for name, part in given.items()}
    logits = torch.func.functional_call(module, parameters, (features.flatten(0, 1),))
    loss = torch.nn.functional.cross_entropy(logits, classes.flatten())
    return torch.autograd.grad(loss, list(parameters.values()))


def _by_vmap(module: Any, given: dict[str, Any], features: Any, classes: Any) -> Any:
    import torch

    def loss(parameters: dict[str, Any], rows: Any, own: Any) -> Any:
        return torch.nn.functional.cross_entropy(torch.func.functional_call(module, parameters, (rows,)), own)

    detached = {name: part.detach() for name, part in given.items()}
    return torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(detached, features, classes)


def _medians(ways: dict[str, Way]) -> dict[str, float]:
    """Milliseconds of processor time, taken in turns so that what else the machine does strikes all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(TIMES + 2):
        for name, way in ways.items():
            began = time.process_time()
            way()
            if turn > 1:
                seconds[name].append(time.process_time() - began)
    return {name: 1e3 * float(np.median(each)) for name, each in seconds.items()}
