"""Networks: a round against one pooled step of SGD, and three ways to every node's gradient; in processor time, on one core.

The pooled step is what the same rows cost where nobody asks which node they are of: one forward and one backward pass. A round is wanted at
1.6 of it and what a loop costs besides: that is a round in which everything is sent as it is, less its gradients.

What keeps a round with Tucker messages above that: the gradients, of which every node has its own, are 1.3 to 1.4 of the pooled step in
float64; the messages are seventy small eigenproblems and eighty frames, one for each node, tensor and side, in four thousand calls of
NumPy, which take twice as long between two passes of PyTorch as they do by themselves. Measured: 2.1 on MNIST in
float64 and 3.5 in float32, where the pooled step takes half as long and the messages, which are float64, do not; 400 rounds in 3.5 s.
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
RUN = 400  # rounds, wanted in 15 s
COMPRESSORS: dict[str, object] = {"identity": "identity", "top_k": {"name": "top_k", "k": 100}, "per_layer": {"name": "per_layer"}}
Way = Callable[[], Any]


def main() -> None:
    if why := absence():
        print(f"networks: {why.en}")
        return
    import torch

    torch.set_num_threads(1)
    for dataset in ("digits", "mnist"):
        for precision in ("float64", "float32"):
            pooled, own = _gradients(dataset, precision)
            _rounds(dataset, precision, pooled, own)


def _spec(dataset: str, precision: str, compressor: object = "identity") -> RunSpec:
    return RunSpec.make(
        {
            "dataset": dataset,
            "partition": {"name": "shuffled", "nodes": NODES},
            "objective": {"name": "network", "network": "conv"},
            "algorithm": {"name": "ef21_sgdm", "batch": BATCH},
            "compressor": compressor,
            "rounds": ROUNDS,
            "record_every": ROUNDS,
            "precision": precision,
        }
    )


def _gradients(dataset: str, precision: str) -> tuple[float, float]:
    """Of a mini-batch of every node, and of all rows: what the problem does, a loop over the nodes, and vmap of grad.

    Milliseconds of the pooled pass of a mini-batch, and of that which knows the nodes.
    """
    import torch

    spec = _spec(dataset, precision)
    whole: Any = problem_of(spec)
    problem = (whole.in_single() or whole) if precision == "float32" else whole
    x = spec.start.point(whole).astype(precision)
    module, number = problem.module.to(getattr(torch, precision)), getattr(torch, precision)
    given = {name: torch.tensor(part, dtype=number) for name, part in problem.named(x).items()}
    print(f"\nconv on {dataset}, {NODES} nodes, {precision}: ms of a pass, d = {problem.d}")
    batch: dict[str, float] = {}
    for rows in (BATCH, int(problem.facts.node_rows.min())):
        features, classes = problem.batches(problem.first_rows[:, None] + np.arange(rows))
        found = _medians(_ways(problem, x, module, given, features, classes))
        batch = batch or found
        told = ", ".join(f"{name} {ms:.2f} ({ms / found['pooled']:.2f})" for name, ms in found.items())
        print(f"  {rows} rows of each node: {told}")
    return batch["pooled"], batch["here"]


def _ways(problem: Any, x: np.ndarray, module: Any, given: dict[str, Any], features: Any, classes: Any) -> dict[str, Way]:
    parameters = problem.parameters(x)
    return {
        "pooled": lambda: _pooled(module, given, features, classes),
        "here": lambda: problem.sums(parameters, features, classes),
        "loop": lambda: [problem.sums(parameters, features[i : i + 1], classes[i : i + 1]) for i in range(NODES)],
        "vmap": lambda: _by_vmap(module, given, features, classes),
    }


def _rounds(dataset: str, precision: str, pooled: float, own: float) -> None:
    """Whole rounds, messages and all; the records at both ends are left out."""
    found = {name: _round(_spec(dataset, precision, compressor)) for name, compressor in COMPRESSORS.items()}
    loop = found["identity"] - own
    for name, ms in found.items():
        less = f"less the loop's own: {(ms - loop) / pooled:.2f}"
        print(f"  a round of EF21-SGDM, {name}: {ms:.2f} ms, {ms / pooled:.2f} of the pooled step; {less}")
    print(f"  {RUN} rounds with per_layer: {RUN * found['per_layer'] / 1e3:.1f} s")


def _round(spec: RunSpec) -> float:
    """Milliseconds."""
    ends = []
    for rounds in (1, ROUNDS):
        run = start_run(replace(spec, rounds=rounds, record_every=rounds))
        next(run)
        began = time.process_time()
        next(run)
        ends.append(time.process_time() - began)
    return 1e3 * (ends[1] - ends[0]) / (ROUNDS - 1)


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
