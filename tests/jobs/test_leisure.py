"""What a worker does unasked is in nobody's way."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

COMES_MEANWHILE = """
import sys
import time
import numpy as np
from ef21lab.compressors.base import compressors
from ef21lab.jobs import leisure as at

class Unseen(np.ndarray):  # what has been asked about before is remembered
    pass

most, x = compressors.make({"name": "top_k", "k": 1}), np.array([1.0, 3.0]).view(Unseen)
at.QUIET = 0.01
at.leisure.use()
while "torch" not in sys.modules:
    time.sleep(0.001)
print(hasattr(sys.modules["torch"], "Tensor"))
with at.leisure.busy():
    print(most.compress(x).values.tolist())
"""


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
def test_a_task_that_comes_while_pytorch_is_being_imported_is_done() -> None:
    done = subprocess.run([sys.executable, "-c", COMES_MEANWHILE], capture_output=True, text=True, timeout=280)
    assert done.stdout.split("\n")[:2] == ["False", "[0.0, 3.0]"], done.stderr
