"""Handwritten digits under DistributedDataParallel: EF21 with operators of the lab beside PyTorch's own PowerSGD hook and plain all-reduce.

    python examples/ddp_digits.py                                  starts two processes by itself
    torchrun --nproc-per-node 4 examples/ddp_digits.py             as many as you like

A convolutional network sees the digits that come with scikit-learn; every process has every n-th row and the same steps are taken with each
hook. Printed: accuracy on rows that were held out, bytes that one process hands over in a step on average, their share of what plain
all-reduce takes, and seconds of training. Bytes of all-reduce are those of the numbers that it sums; of EF21's messages every process has
to hear those of all others, so with many processes on one wire its share counts n/2-fold. On one machine there is no wire to save: seconds
show what encoding costs.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import distributed as dist
from torch import multiprocessing, nn
from torch.distributed.algorithms.ddp_comm_hooks.powerSGD_hook import PowerSGDState, powerSGD_hook
from torch.nn.parallel import DistributedDataParallel

from ef21lab.torch import EF21State, ef21_hook

PROCESSES, STEPS, BATCH, RATE, WARM_UP, HELD_OUT = 2, 200, 32, 0.1, 10, 360

Bytes = Callable[[], float]  # handed over so far by one process


def plain(model: DistributedDataParallel) -> Bytes:
    return lambda: STEPS * whole(model)


def power_sgd(rank: int) -> Callable[[DistributedDataParallel], Bytes]:
    def register(model: DistributedDataParallel) -> Bytes:
        state = PowerSGDState(None, matrix_approximation_rank=rank, start_powerSGD_iter=WARM_UP, min_compression_rate=1)
        model.register_comm_hook(state, powerSGD_hook)
        return lambda: WARM_UP * whole(model) + 4 * state.compression_stats()[2]

    return register


def ef21(compressor: Any, feedback: Any = "ef21") -> Callable[[DistributedDataParallel], Bytes]:
    def register(model: DistributedDataParallel) -> Bytes:
        state = EF21State(compressor, feedback=feedback, model=model)
        model.register_comm_hook(state, ef21_hook)
        return lambda: state.bytes_sent

    return register


HOOKS = {
    "plain all-reduce": plain,
    "PowerSGD of PyTorch, rank 1": power_sgd(1),
    "PowerSGD of PyTorch, rank 2": power_sgd(2),
    "EF21, ST-HOSVD, ranks 2": ef21({"name": "st_hosvd", "ranks": 2}),
    "EF21-SGDM, ST-HOSVD, ranks 2": ef21({"name": "st_hosvd", "ranks": 2}, {"name": "ef21_sgdm", "eta": 0.3}),
    "EF21, matrices of rank 1": ef21({"name": "svd", "ranks": [1]}),
    "EF14, matrices of rank 1": ef21({"name": "svd", "ranks": [1]}, "ef14"),
    "EF21, Top-128 of each layer": ef21({"name": "top_k", "k": 128}),
    "no feedback, matrices of rank 1": ef21({"name": "svd", "ranks": [1]}, "dcgd"),
}


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 16, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def whole(model: nn.Module) -> int:
    """Bytes of all gradients."""
    return sum(each.numel() * each.element_size() for each in model.parameters())


def trained(register: Callable[[DistributedDataParallel], Bytes], images: torch.Tensor, labels: torch.Tensor) -> tuple[float, float, float]:
    """Accuracy on the rows that were held out, bytes a step and seconds, after training with a hook."""
    model = DistributedDataParallel(network())
    handed_over = register(model)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    own, chosen = range(HELD_OUT + dist.get_rank(), len(images), dist.get_world_size()), torch.Generator().manual_seed(dist.get_rank())
    began = time.perf_counter()
    for _ in range(STEPS):
        rows = torch.tensor(own)[torch.randint(len(own), (BATCH,), generator=chosen)]
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(images[rows]), labels[rows]).backward()
        optimiser.step()
    seconds = time.perf_counter() - began
    with torch.no_grad():
        right = model.module(images[:HELD_OUT]).argmax(1) == labels[:HELD_OUT]
    return float(right.float().mean()), handed_over() / STEPS, seconds


def main() -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    table = load_digits()
    order = torch.randperm(len(table.target), generator=torch.Generator().manual_seed(0))
    images, labels = torch.tensor(table.images, dtype=torch.float32)[order, None] / 16, torch.tensor(table.target)[order]
    tell = print if dist.get_rank() == 0 else lambda *_, **__: None
    tell(f"{dist.get_world_size()} processes, {STEPS} steps of {BATCH} rows each\n")
    tell(f"{'':32}{'accuracy':>10}{'bytes a step':>14}{'share':>9}{'seconds':>9}")
    for name, register in HOOKS.items():
        accuracy, handed_over, seconds = trained(register, images, labels)
        tell(f"{name:32}{accuracy:10.1%}{handed_over:14,.0f}{handed_over / whole(network()):9.3f}{seconds:9.1f}", flush=True)
    dist.destroy_process_group()


def one_of_several(rank: int, port: int) -> None:
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(PROCESSES), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    main()


if __name__ == "__main__":
    if "RANK" in os.environ:
        main()
    else:
        with socket.socket() as tried:
            tried.bind(("127.0.0.1", 0))
            free = tried.getsockname()[1]
        multiprocessing.spawn(one_of_several, (free,), PROCESSES)
