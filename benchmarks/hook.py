"""Seconds of a training step with the hook against plain all-reduce, bytes against PyTorch's PowerSGD hook.

    python -m benchmarks hook

Two processes over gloo on this machine, one thread each; a convolutional network of 0.2 million parameters; hooks take turns, medians of
steps. On one machine a byte costs nothing, so seconds are those of encoding and decoding. All gradients go in one bucket: PyTorch's
PowerSGD hook begins its second exchange wherever the first one ends, so over gloo the exchanges of two buckets come in another order in
every process, and PyTorch's own hook on a network of PyTorch's own ends in a mismatch of sizes. Only the ratios mean something elsewhere:

- time:      a step, in steps with plain all-reduce; PowerSGD's is of steps after its warm-up;
- bytes:     what a process hands over in a step, in gradients sent whole;
- pays from: the speed of a link, in Mbit/s each way, below which the step is shorter than with plain all-reduce: what is saved over it, two
             processes each hearing the other, takes longer than what is added in computing.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from ef21lab.cli.ports import free_port

PROCESSES, ROUNDS, STEPS, WARM_UP, ROWS = 2, 3, 5, 3, 32
ONE_BUCKET = 1024  # MB: no network here has more
MATRIX = {"name": "per_layer", "inner": {"name": "svd", "ranks": [1]}, "fold": "matrix"}
POWER = {"name": "per_layer", "inner": {"name": "power_sgd", "ranks": [1]}, "fold": "matrix"}
OURS = {
    "identity": ("identity", "dcgd"),
    "EF21 ST-HOSVD 2": ({"name": "st_hosvd", "ranks": 2}, "ef21"),
    "EF21 SVD 1": (MATRIX, "ef21"),
    "EF14 power 1": (POWER, "ef14"),
    "EF21 Top-1000": ({"name": "top_k", "k": 1000}, "ef21"),
    "EF21 sign": ("sign", "ef21"),
}


def main() -> None:
    if importlib.util.find_spec("torch") is None:
        print("hook: not measured, PyTorch is not installed")
        return
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from torch import multiprocessing

    multiprocessing.spawn(_one_of_several, (free_port(),), PROCESSES)


def _one_of_several(rank: int, port: int) -> None:
    import torch
    from torch import distributed as dist

    os.environ.update(RANK=str(rank), WORLD_SIZE=str(PROCESSES), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    trainings = {name: _Training(register) for name, register in _hooks().items()}
    for training in trainings.values():
        training.steps(WARM_UP)
        training.begin()
    for _ in range(ROUNDS):
        for training in trainings.values():
            training.steps(STEPS)
    if rank == 0:
        _tell(trainings)
    dist.destroy_process_group()


def _tell(trainings: dict[str, _Training]) -> None:
    plain = trainings["all-reduce"]
    print(f"{'hook':<18}{'ms a step':>10}{'time':>8}{'bytes':>9}{'pays from, Mbit/s':>20}")
    for name, each in trainings.items():
        saved, added = plain.bytes_a_step() - each.bytes_a_step(), each.median() - plain.median()
        pays = "always" if added <= 0 and saved > 0 else "" if saved <= 0 else f"{8e-6 * saved / added:.0f}"
        ratio, share = each.median() / plain.median(), each.bytes_a_step() / plain.bytes_a_step()
        print(f"{name:<18}{1e3 * each.median():10.1f}{ratio:7.2f}×{share:9.4f}{pays:>20}")


class _Training:
    """One network with one hook."""

    def __init__(self, register: Callable[[Any], Callable[[], float]]) -> None:
        import torch
        from torch import nn
        from torch.nn.parallel import DistributedDataParallel

        torch.manual_seed(0)
        self._model = DistributedDataParallel(
            nn.Sequential(
                nn.Conv2d(1, 32, 3, stride=2, padding=1),
                nn.ReLU(),
                nn.Conv2d(32, 64, 3, stride=2, padding=1),
                nn.ReLU(),
                nn.Conv2d(64, 128, 3, padding=1),
                nn.ReLU(),
                nn.Flatten(),
                nn.Linear(128 * 16, 64),
                nn.ReLU(),
                nn.Linear(64, 10),
            ),
            bucket_cap_mb=ONE_BUCKET,
        )
        self._handed_over = register(self._model)
        self._optimiser = torch.optim.SGD(self._model.parameters(), lr=0.05)
        self._images, self._labels = torch.randn(ROWS, 1, 14, 14), torch.randint(10, (ROWS,))
        self._seconds: list[float] = []

    def steps(self, count: int) -> None:
        from torch.nn.functional import cross_entropy

        for _ in range(count):
            began = time.perf_counter()
            self._optimiser.zero_grad()
            cross_entropy(self._model(self._images), self._labels).backward()
            self._optimiser.step()
            self._seconds.append(time.perf_counter() - began)

    def begin(self) -> None:
        """What was before counts for nothing."""
        self._seconds.clear()
        self._before = self._handed_over()

    def median(self) -> float:
        return statistics.median(self._seconds)

    def bytes_a_step(self) -> float:
        return (self._handed_over() - self._before) / len(self._seconds)


def _hooks() -> dict[str, Callable[[Any], Callable[[], float]]]:
    """What registers a hook and says how many bytes a process has handed over since."""
    from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook
    from torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook import PowerSGDState, powerSGD_hook

    from ef21lab.torch import EF21State, ef21_hook

    def plain(model: Any) -> Callable[[], float]:
        handed_over = [0]

        def counted(state, bucket):  # PyTorch takes no other annotations than its own, or none
            handed_over[0] += bucket.buffer().nbytes
            return allreduce_hook(state, bucket)

        model.register_comm_hook(None, counted)
        return lambda: handed_over[0]

    def power(model: Any) -> Callable[[], float]:
        state = PowerSGDState(None, 1, start_powerSGD_iter=2, min_compression_rate=1)
        model.register_comm_hook(state, powerSGD_hook)
        return lambda: 4 * state.compression_stats()[2]

    def ours(compressor: Any, feedback: str) -> Callable[[Any], Callable[[], float]]:
        def register(model: Any) -> Callable[[], float]:
            state = EF21State(compressor, feedback=feedback, model=model)
            model.register_comm_hook(state, ef21_hook)
            return lambda: state.bytes_sent

        return register

    return {"all-reduce": plain, "PowerSGD 1": power} | {name: ours(*pair) for name, pair in OURS.items()}
