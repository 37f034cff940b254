"""Networks: a round against one pooled step of SGD, and three ways to every node's gradient; in processor time, on one core.

Of all rows a loop over the nodes is the fastest where one node fills the cache by itself, of mini-batches one pass of all nodes whose
weights' gradients are parted afterwards; `here` is the one that the problem chooses by its shapes.

The pooled step is what the same rows cost where nobody asks which node they are of: one forward and one backward pass. A round is wanted at
1.6 of it and what a loop costs besides. A round is three parts, told beside it: the gradients of every node; the messages, which are what
a round takes longer than one in which everything is sent as it is; and the loop, which is all else of that one: rows drawn, momenta,
differences and estimates of ten nodes, the bill.

What keeps a round with Tucker messages a little above that is the messages: seventy small eigenproblems and eighty frames, one for each
node, tensor and side, half of whose time is LAPACK's and the other that of Python's calls. They are float64 in float32 too, where the
pooled step takes half as long. The gradients, of which every node has its own, are 1.0 to 1.1 of the pooled step in float64 and 1.2 in
float32. Lanes follow each other through the network and share their messages.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ef21lab.problems.networks.base import absence
from ef21lab.runs.experiment import start_run
from ef21lab.runs.lanes import start_many
from ef21lab.runs.loop import Optimization
from ef21lab.runs.posed import problem_of
from ef21lab.runs.spec import RunSpec

NODES, BATCH, ROUNDS, TIMES, TURNS, LANES = 10, 16, 60, 15, 3, 4
WANTED = 1.6  # of the pooled step, and the loop
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
    """Of a mini-batch of every node, and of all rows: what the problem does, a loop over the nodes, and vmap of grad, which it never does:
    its first call imports a compiler, 1.4 s and 80 MB in every worker.

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
    batches: dict[str, list[Any]] = {
        f"{BATCH} rows of each node": [problem.batches(problem.first_rows[:, None] + np.arange(BATCH))],
        "all rows": [problem.batches(group.places) for group in problem.groups],
    }
    medians = [_medians(_ways(problem, x, module, given, each)) for each in batches.values()]
    for name, found in zip(batches, medians, strict=True):
        told = ", ".join(f"{way} {ms:.2f} ({ms / found['pooled']:.2f})" for way, ms in found.items())
        print(f"  {name}: {told}")
    batch = medians[0]
    return batch["pooled"], batch["here"]


def _ways(problem: Any, x: np.ndarray, module: Any, given: dict[str, Any], passes: list[Any]) -> dict[str, Way]:
    """Ways to take the rows that the problem itself takes in these passes, (some nodes, m, p) and their classes each."""
    import torch

    parameters = problem.parameters(x)
    features, classes = (torch.cat([each.flatten(0, 1) for each in parts]) for parts in zip(*passes, strict=True))
    features, classes = (each[: len(each) // NODES * NODES].unflatten(0, (NODES, -1)) for each in (features, classes))
    return {
        "pooled": lambda: _pooled(module, given, features, classes),
        "here": lambda: [problem.sums(parameters, *each) for each in passes],
        "loop": lambda: [problem.sums(parameters, features[i : i + 1], classes[i : i + 1]) for i in range(NODES)],
        "vmap": lambda: _by_vmap(module, given, features, classes),
    }


def _rounds(dataset: str, precision: str, pooled: float, own: float) -> None:
    """Whole rounds, messages and all; the records at both ends are left out. In turns, and the least of each counts."""
    turns = [{name: _round(_spec(dataset, precision, each)) for name, each in COMPRESSORS.items()} for _ in range(TURNS)]
    found = {name: min(turn[name] for turn in turns) for name in COMPRESSORS}
    loop = max(0.0, found["identity"] - own)
    print(f"  the loop: {loop:.2f} ms, {loop / pooled:.2f} of the pooled step, so {WANTED + loop / pooled:.2f} of it is wanted")
    for name, ms in found.items():
        parts = f"gradients {own / pooled:.2f}, loop {loop / pooled:.2f}, messages {(ms - own - loop) / pooled:.2f}"
        print(f"  a round of EF21-SGDM, {name}: {ms:.2f} ms, {ms / pooled:.2f} of the pooled step: {parts}")
    print(f"  {RUN} rounds with per_layer: {RUN * found['per_layer'] / 1e3:.1f} s")
    lanes = min(_round(_spec(dataset, precision, "per_layer"), LANES) for _ in range(TURNS)) / LANES
    print(f"  {LANES} seeds as lanes, per_layer: {lanes:.2f} ms a round of each, {lanes / found['per_layer']:.2f} of one alone")


def _round(spec: RunSpec, lanes: int = 1) -> float:
    """Milliseconds."""
    ends = []
    for rounds in (1, ROUNDS):
        run = _begun(replace(spec, rounds=rounds, record_every=rounds), lanes)
        next(run)
        began = time.process_time()
        next(run)
        ends.append(time.process_time() - began)
    return 1e3 * (ends[1] - ends[0]) / (ROUNDS - 1)


def _begun(spec: RunSpec, lanes: int) -> Optimization:
    return start_run(spec) if lanes == 1 else start_many([replace(spec, seed=seed) for seed in range(lanes)])


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
