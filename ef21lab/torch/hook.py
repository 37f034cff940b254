"""The function that DistributedDataParallel calls for every bucket of gradients.

PyTorch compares its annotations with the very types, so they are no strings here: this file has no `from __future__ import annotations`.
"""

import torch
from torch import distributed as dist

from ef21lab.choices.text import Refusal, Text, quoted
from ef21lab.torch.state import HookState


def ef21_hook(state: HookState, bucket: dist.GradBucket, *others: object) -> torch.futures.Future[torch.Tensor]:
    """What stands in for the mean of the gradients of all processes, in the bucket's own memory and type.

    Gradients are encoded, gathered and decoded before the hook returns, in NumPy: those on a GPU, and under NCCL the bytes of messages,
    pass through the host, and nothing of it overlaps with the backward pass. It works with static_graph, find_unused_parameters,
    gradient_as_bucket_view, no_sync and join, of several models with a state each or one for all, and inside fp16_compress_wrapper, which
    only rounds: messages are as long as without it. `others` are what FSDP adds, and are refused.

    Raises Lost where another process no longer answers, and Refusal where gradients are sparse, an operator cannot take them, the state is
    none of this hook's, or what comes is no bucket of DistributedDataParallel; all of it ends loss.backward().
    """
    if not isinstance(state, HookState):
        raise Refusal(NO_STATE.format(given=quoted(type(state).__name__)))
    if others or isinstance(bucket, (torch.Tensor, tuple)):
        raise Refusal(NO_BUCKET.format(given=quoted(type(bucket).__name__)))
    state.reduce(bucket)
    reduced = bucket.buffer()
    done: torch.futures.Future[torch.Tensor] = torch.futures.Future(devices=[] if reduced.device.type == "cpu" else [reduced.device])
    done.set_result(reduced)
    return done


NO_STATE = Text(
    "ef21_hook was registered with a {given} as its state: register_comm_hook(EF21State(…), ef21_hook)",
    "ef21_hook зарегистрирован с состоянием типа {given}, а нужно register_comm_hook(EF21State(…), ef21_hook)",
)
NO_BUCKET = Text(
    "ef21_hook works on the buckets of DistributedDataParallel, whose parameters it knows by their shapes, and was given a {given}. FSDP "
    "cuts all parameters of a unit into shards, and torch.compile with optimize_ddp = 'python_reducer' has no buckets: wrap the model in "
    "DistributedDataParallel, and leave optimize_ddp as it is",
    "ef21_hook работает с корзинами DistributedDataParallel, где известна форма каждого параметра, а получил {given}. FSDP режет все "
    "параметры блока на части, а у torch.compile с optimize_ddp = 'python_reducer' корзин нет: оберните модель "
    "в DistributedDataParallel и не меняйте optimize_ddp",
)
