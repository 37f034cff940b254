"""A small convolutional network that several processes train with DistributedDataParallel, step by step the same for the same settings.

Everything that is random is a function of the seed, the step and the process: the simulation draws the same.
"""

from collections.abc import Iterator
from contextlib import nullcontext

import numpy as np
import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

RATE = 0.05
TINY = 1e-4  # MB: of a bucket that holds a parameter or two


class Net(nn.Module):
    """Kernels of four sides, a matrix, vectors, and, where asked for, a head that only some processes use."""

    def __init__(self, spare: bool = False) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 4, 3, stride=2), nn.Conv2d(4, 6, 3)
        self.last = nn.Linear(6 * 4, 3)
        self.spare = nn.Linear(6 * 4, 3) if spare else None

    def forward(self, images: torch.Tensor, by_spare: bool = False) -> torch.Tensor:
        features = torch.relu(self.second(torch.relu(self.first(images)))).flatten(1)
        answers = self.last(features)
        return answers + self.spare(features) if by_spare and self.spare is not None else answers


def net(dtype: torch.dtype = torch.float64, spare: bool = False) -> Net:
    torch.manual_seed(0)
    return Net(spare).to(dtype)


def batch(step: int, rank: int, dtype: torch.dtype = torch.float64) -> tuple[torch.Tensor, torch.Tensor]:
    """The mini-batch of a process in a step; every process sees other pictures."""
    rng = np.random.default_rng([step, rank])
    labels = rng.integers(3, size=8)
    images = rng.normal(size=(8, 1, 9, 9)) + labels[:, None, None, None] * np.sign(rng.normal(size=(1, 1, 9, 9)))
    return torch.tensor(images, dtype=dtype), torch.tensor(labels)


def loss(model: nn.Module, step: int, rank: int, dtype: torch.dtype = torch.float64, **how: bool) -> torch.Tensor:
    device = next(model.parameters()).device
    images, labels = (each.to(device) for each in batch(step, rank, dtype))
    return nn.functional.cross_entropy(model(images, **how).float() if dtype.itemsize == 2 else model(images, **how), labels)


def local_gradients(model: nn.Module, step: int, rank: int) -> dict[str, np.ndarray]:
    """∇fᵢ(x; ξ) of a process, without any other."""
    named = dict(model.named_parameters())
    found = torch.autograd.grad(loss(model, step, rank, next(model.parameters()).dtype), [*named.values()])
    return {name: gradient.double().numpy() for name, gradient in zip(named, found, strict=True)}


def gradients_of(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: each.grad.double().numpy().copy() for name, each in model.named_parameters() if each.grad is not None}


def weights_of(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: each.detach().double().numpy().copy() for name, each in model.named_parameters()}


def stepped(model: DistributedDataParallel, steps: range, rank: int, accumulate: int = 1) -> Iterator[dict[str, np.ndarray]]:
    """The gradients that the optimiser is given, of every step; with `accumulate` each is of so many mini-batches."""
    dtype = next(model.parameters()).dtype
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    for step in steps:
        optimiser.zero_grad()
        for part in range(accumulate):
            with model.no_sync() if part < accumulate - 1 else nullcontext():
                loss(model, step * accumulate + part, rank, dtype).backward()
        given = gradients_of(model.module)
        optimiser.step()
        yield given
