"""The hook where the gradients are: in the processor's memory under gloo, and under NCCL in a GPU's wherever there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import distributed as dist  # noqa: E402
from torch.nn.parallel import DistributedDataParallel  # noqa: E402

from ef21lab.torch import EF21State, ef21_hook  # noqa: E402
from tests.torch.training import RATE, TINY, loss, net  # noqa: E402

K, STEPS = 3, range(5)
BACKENDS = {"cpu": "gloo", **({"cuda": "nccl"} if torch.cuda.is_available() else {})}


@pytest.fixture(params=BACKENDS)
def device(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where to train, as the only process of a group."""
    dist.init_process_group(BACKENDS[request.param], init_method=f"file://{tmp_path / 'met'}", world_size=1, rank=0)
    yield request.param
    dist.destroy_process_group()


def largest(x: np.ndarray) -> np.ndarray:
    """Top-k, literally; messages carry floats of 32 bits."""
    kept = np.zeros_like(x)
    places = np.argsort(-abs(x.ravel()), kind="stable")[:K]
    kept.flat[places] = x.flat[places].astype(np.float32)
    return kept


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_step_is_ef21s_and_its_gradients_stay_where_they_were(device: str, precision: str) -> None:
    """g ← g + C(∇f(x) − g), x ← x − γ g, in the memory and type of the model; vectors are sent whole."""
    dtype = getattr(torch, precision)
    model = DistributedDataParallel(net(dtype).to(device), bucket_cap_mb=TINY)
    model.register_comm_hook(EF21State({"name": "top_k", "k": K}, feedback="ef21", model=model), ef21_hook)
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    said: dict[str, Any] = {}
    for step in STEPS:
        optimiser.zero_grad()
        loss(model.module, step, 0, dtype).backward()
        wanted = {name: each.grad.cpu().numpy().copy() for name, each in model.module.named_parameters()}
        optimiser.zero_grad()
        loss(model, step, 0, dtype).backward()
        for name, parameter in model.module.named_parameters():
            before = said.get(name, np.zeros_like(wanted[name]))
            difference = wanted[name] - before
            said[name] = before + (largest(difference) if difference.ndim > 1 else difference.astype(np.float32))
            assert (parameter.grad.device.type, parameter.grad.dtype) == (device, dtype)
            tolerance = 20 * np.finfo(precision).eps * (abs(wanted[name]).max() + abs(before).max())
            np.testing.assert_allclose(parameter.grad.cpu().numpy(), said[name], rtol=0, atol=tolerance)
        optimiser.step()
