"""The function that DistributedDataParallel calls for every bucket of gradients.

PyTorch compares its annotations with the very types, so they are no strings here: this file has no `from __future__ import annotations`.
"""

import torch
from torch import distributed as dist

from ef21lab.torch.state import HookState


def ef21_hook(state: HookState, bucket: dist.GradBucket) -> torch.futures.Future[torch.Tensor]:
    """What stands in for the mean of the gradients of all processes, in the bucket's own memory and type.

    Gradients are encoded, gathered and decoded before the hook returns, in NumPy: those on a GPU, and under NCCL the bytes of messages,
    pass through the host, and nothing of it overlaps with the backward pass. Raises Lost where another process no longer answers, and
    Refusal where gradients are sparse or an operator cannot take them; either ends loss.backward().
    """
    state.reduce(bucket)
    reduced = bucket.buffer()
    done: torch.futures.Future[torch.Tensor] = torch.futures.Future(devices=[] if reduced.device.type == "cpu" else [reduced.device])
    done.set_result(reduced)
    return done
