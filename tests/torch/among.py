"""Several processes that train with the hook, each scenario in turn; every process writes what it saw. A program of its own, which forks:
PyTorch is imported once for all.

    python among.py ACTS FOLDER          ACTS is JSON; writes FOLDER/ACT-RANK.pickle and prints the exit code of every process
"""

import io
import json
import os
import pickle
import signal
import sys
import traceback
from datetime import timedelta
from pathlib import Path

import torch
import torch._dynamo  # noqa: F401 - DistributedDataParallel asks for it, and once is enough for all processes
from torch import distributed as dist
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import fp16_compress_wrapper
from torch.nn.parallel import DistributedDataParallel
from training import TINY, gradients_of, local_gradients, loss, net, stepped, weights_of

from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import Refusal
from ef21lab.compressors.base import compressors
from ef21lab.torch import EF21State, ef21_hook

PATIENCE, QUIET = 120.0, 8.0  # seconds: the second is longer than a busy machine keeps a process waiting
STEPS = range(6)
ST_HOSVD, TOP_K, RAND_K = {"name": "st_hosvd", "ranks": 2}, {"name": "top_k", "k": 3}, {"name": "rand_k", "k": 3}
SGDM = {"name": "ef21_sgdm", "eta": 0.3}
PAIRS = [
    (ST_HOSVD, "ef21"),
    (ST_HOSVD, "ef14"),
    (ST_HOSVD, SGDM),
    (TOP_K, {"name": "ef21", "init": "full"}),
    (TOP_K, {"name": "ef21", "init": "zero"}),
    (TOP_K, "dcgd"),
    ("identity", "ef21"),
]


def hooked(compressor, feedback="ef21", dtype=torch.float64, spare=False, names=True, seed=0, hook=ef21_hook, **ddp):
    """The network under DistributedDataParallel in buckets of a parameter or two, and the state of its hook."""
    model = DistributedDataParallel(net(dtype, spare), **{"bucket_cap_mb": TINY, **ddp})
    state = EF21State(compressor, feedback=feedback, model=model if names else None, seed=seed)
    model.register_comm_hook(state, hook)
    return model, state


def steps_of(model, rank, steps=STEPS, parts=1):
    """(∇fᵢ here, what the optimiser was given) of every step."""
    going = stepped(model, steps, rank, parts)
    for step in steps:
        own = [local_gradients(model.module, step * parts + part, rank) for part in range(parts)]
        yield {name: sum(each[name] for each in own) for name in own[0]}, next(going)


def seen(model, state, rank, steps=STEPS, parts=1):
    """The steps, the weights after the last of them, and what the state counts."""
    found, dtype = [*steps_of(model, rank, steps, parts)], next(model.parameters()).dtype
    assert all(each.grad.dtype == dtype for each in model.parameters())
    return {
        "steps": found,
        "weights": weights_of(model.module),
        "bits": state.bits_sent,
        "bytes": state.bytes_sent,
        "report": state.report(),
    }


def pairs(rank, size):
    return [seen(*hooked(*pair), rank) for pair in PAIRS]


def one_pair(rank, size):
    return seen(*hooked(*PAIRS[0]), rank)


def plainly(rank, size):
    """Identity without a memory, beside no hook at all: (given, given without a hook) of every step, in float32."""
    plain, (model, _) = DistributedDataParallel(net(torch.float32), bucket_cap_mb=TINY), hooked("identity", "dcgd", torch.float32)
    return [*zip(stepped(model, STEPS, rank), stepped(plain, STEPS, rank), strict=True)]


def halves(rank, size):
    return {str(dtype): seen(*hooked(ST_HOSVD, dtype=dtype), rank) for dtype in (torch.float32, torch.bfloat16, torch.float16)}


def accumulated(rank, size):
    return seen(*hooked(TOP_K), rank, parts=2)


def composed(rank, size):
    """With what else DistributedDataParallel can do, by its name."""
    asked = {
        "static_graph": {"static_graph": True},
        "gradient_as_bucket_view": {"gradient_as_bucket_view": True},
        "fp16_compress_wrapper": {"hook": fp16_compress_wrapper(ef21_hook), "dtype": torch.float32},
    }
    found = {name: seen(*hooked(ST_HOSVD, **how), rank) for name, how in asked.items()}
    model, state = hooked(ST_HOSVD, gradient_as_bucket_view=True)
    return found | {"gradient_as_bucket_view, no_sync": seen(model, state, rank, parts=2)}


def several_models(rank, size):
    """Two that take turns, with a state each and with one for both: what each saw."""
    own = [hooked(ST_HOSVD), hooked(ST_HOSVD)]
    first, state = hooked(ST_HOSVD)
    second = DistributedDataParallel(net(), bucket_cap_mb=TINY)
    second.register_comm_hook(state, ef21_hook)
    models = [own[0][0], own[1][0], first, second]
    turns = zip(*(steps_of(model, rank) for model in models), strict=True)
    return [{"steps": steps, "weights": weights_of(model.module)} for model, steps in zip(models, zip(*turns, strict=True), strict=True)]


def uneven(rank, size):
    """Process 1 has half as many mini-batches as the others: the steps of each at the same weights."""
    model, _ = hooked(TOP_K)
    found = []
    with model.join():
        for step in STEPS[: 3 if rank == 1 else 6]:
            own = local_gradients(model.module, step, rank)
            model.zero_grad()
            loss(model, step, rank).backward()
            found.append((own, gradients_of(model.module)))
    return {"steps": [*found, *([({}, {})] * (len(STEPS) - len(found)))]}


def restored(rank, size):
    """Weights after all steps, and after the last three of a new process, as it were, that goes on from what was saved after the first."""
    return [gone_on(rank, names, *pair) for pair in ((RAND_K, SGDM), (ST_HOSVD, "ef14")) for names in (True, False)]


def gone_on(rank, names, compressor, feedback):
    model, state = hooked(compressor, feedback, names=names)
    list(stepped(model, STEPS[:3], rank))
    file = io.BytesIO()
    torch.save({"model": model.module.state_dict(), "hook": state.state_dict()}, file)
    list(stepped(model, STEPS[3:], rank))
    through, bits = weights_of(model.module), state.bits_sent
    file.seek(0)
    saved, (again, later) = torch.load(file, weights_only=True), hooked(compressor, feedback, names=names)
    later.load_state_dict(saved["hook"])
    again.module.load_state_dict(saved["model"])
    list(stepped(again, STEPS[3:], rank))
    state.load_state_dict(saved["hook"])  # and in the process itself, whose buckets are others by now
    model.module.load_state_dict(saved["model"])
    list(stepped(model, STEPS[3:], rank))
    return [(through, bits), (weights_of(again.module), later.bits_sent), (weights_of(model.module), state.bits_sent)]


def unused(rank, size):
    """In even steps process 0 uses the head that nobody else does, in odd ones nobody: (∇fᵢ or nothing, given) of every step."""
    model, state = hooked(TOP_K, spare=True, find_unused_parameters=True)
    found = []
    for step in STEPS:
        model.zero_grad()
        by_spare = rank == 0 and step % 2 == 0
        loss(model.module, step, rank, by_spare=by_spare).backward()
        own = gradients_of(model.module)
        model.zero_grad()
        loss(model, step, rank, by_spare=by_spare).backward()
        found.append((own, gradients_of(model.module)))
    return {"steps": found, "bits": state.bits_sent}


def overflowing(rank, size):
    """What is given where process 1 divides by zero in step 2, and whether the memory is as it was."""
    model, state = hooked(TOP_K)
    list(stepped(model, STEPS[:2], rank))
    before = state.state_dict()["layers"]
    model.zero_grad()
    (loss(model, 2, rank) * (torch.inf if rank == 1 else 1.0)).backward()
    after = state.state_dict()["layers"]
    same = all(
        torch.equal(before[name]["memory"][field], after[name]["memory"][field]) for name in before for field in before[name]["memory"]
    )
    return gradients_of(model.module), same and state.bits_sent == sum(each["bits"] for each in before.values())


def in_a_group(rank, size):
    """Among some of the processes: the steps of the first two, and of whoever is left."""
    ours = [each for each in (dist.new_group([0, 1]), dist.new_group([*range(2, size)])) if dist.get_rank(each) >= 0][0]
    model = DistributedDataParallel(net(), process_group=ours, bucket_cap_mb=TINY)
    state = EF21State(ST_HOSVD, ours, model=model)
    model.register_comm_hook(state, ef21_hook)
    return seen(model, state, rank)


def refused(rank, size):
    """The words of what cannot be."""

    class Words(nn.Module):
        def __init__(self):
            super().__init__()
            self.words = nn.Embedding(5, 2, sparse=True)

        def forward(self, words):
            return self.words(words).sum()

    sparse = DistributedDataParallel(Words())
    sparse.register_comm_hook(EF21State(TOP_K), ef21_hook)
    (model, state), (_, other) = hooked(TOP_K), hooked({"name": "top_k", "k": 4})
    list(stepped(model, STEPS[:1], rank))
    saved, (strange, fresh) = state.state_dict(), hooked(TOP_K, spare=True, find_unused_parameters=True)
    fresh.load_state_dict(saved)
    stateless = DistributedDataParallel(net())
    stateless.register_comm_hook(ST_HOSVD, ef21_hook)
    gradient = torch.zeros(8)
    return [
        words(lambda: sparse(torch.tensor([1, 2])).backward()),
        words(lambda: other.load_state_dict(saved)),
        words(lambda: state.load_state_dict(saved | {"rank": 1 - rank})),
        words(lambda: loss(strange, 0, rank).backward()),
        words(lambda: EF21State(TOP_K, feedback="marina")),
        words(lambda: EF21State("residual")),
        words(lambda: loss(stateless, 0, rank).backward()),
        words(lambda: ef21_hook(state, gradient)),  # as FSDP calls it without shards
        words(lambda: ef21_hook(state, gradient, gradient[:4])),  # with shards
        words(lambda: ef21_hook(state, (gradient, model.module.last.weight))),  # as torch.compile's python_reducer does
        words(lambda: model.register_comm_hook(state, ef21_hook)),
    ]


def words(attempt):
    try:
        attempt()
    except (Refusal, RuntimeError) as refusal:  # the second is PyTorch's own
        return str(refusal)
    return "was not refused"


def dying(rank, size, number):
    """The last process is killed, or falls silent, in the third step; the others say so and end."""
    model, _ = hooked(ST_HOSVD)
    for step, _ in enumerate(stepped(model, range(10_000), rank)):
        if rank == size - 1 and step == 3:
            os.kill(os.getpid(), number)


def exit_code(rank, act, folder):
    """What one process of an act does: its scenarios, or to die in the middle of training."""
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(act["size"]), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(act["port"]))
    torch.set_num_threads(1)
    number = getattr(signal, act.get("signal", ""), None)
    dist.init_process_group("gloo", timeout=timedelta(seconds=PATIENCE if number is None else QUIET))
    try:
        if number is not None:
            dying(rank, act["size"], number)
        found = {name: globals()[name](rank, act["size"]) for name in act["scenarios"]}
        (Path(folder) / f"{act['name']}-{rank}.pickle").write_bytes(pickle.dumps(found))
        dist.destroy_process_group()
    except Refusal as refusal:
        print(f"{act['name']}: {type(refusal).__name__}: {refusal}", file=sys.stderr, flush=True)
        return 2
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def codes_of(act, folder):
    children = []
    for rank in range(act["size"]):
        child = os.fork()
        if child == 0:
            os._exit(exit_code(rank, act, folder))
        children.append(child)
    codes = [os.waitpid(child, 0)[1] for child in children[:-1]]
    if "signal" in act:
        os.kill(children[-1], signal.SIGKILL)
    return [os.waitstatus_to_exitcode(code) for code in (*codes, os.waitpid(children[-1], 0)[1])]


if __name__ == "__main__":
    acts, folder = sys.argv[1:]
    found = algorithms.members, compressors.members  # once, before the processes part
    print(json.dumps({act["name"]: codes_of(act, folder) for act in json.loads(acts)}))
