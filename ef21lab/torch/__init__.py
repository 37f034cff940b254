"""Error feedback as a communication hook of PyTorch's DistributedDataParallel. `import ef21lab` does not import this, nor PyTorch.

state = EF21State({"name": "st_hosvd", "ranks": 2})
model.register_comm_hook(state, ef21_hook)
"""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("torch") is None:
    raise ModuleNotFoundError("ef21lab.torch is a hook for PyTorch, and PyTorch is not installed: pip install torch", name="torch")

from ef21lab.torch.hook import ef21_hook
from ef21lab.torch.layers import Told
from ef21lab.torch.state import HookState as EF21State

__all__ = ["EF21State", "Told", "ef21_hook"]
