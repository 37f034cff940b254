"""What there is of networks where PyTorch is not installed, or nobody asks for one."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from ef21lab.datasets.base import datasets
from ef21lab.problems.base import objectives
from ef21lab.starts.base import starts

SPEC = {
    "dataset": "digits",
    "objective": {"name": "network", "network": "conv"},
    "step": {"rule": "fixed", "gamma": 0.2},
    "start": "initial",
    "rounds": 2,
}


def test_other_objectives_start_at_zero():
    table = datasets.make("digits").load()
    made = objectives.make("softmax").on(table, np.zeros(len(table.labels), dtype=int), 1)
    assert np.array_equal(starts.make("initial").point(made), np.zeros(made.d))


HIDDEN = 'import sys; sys.modules["torch"] = None; '  # as if it were not there
REASON = "networks need PyTorch, which is not installed here"


def said(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200)
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("ask", ["run", "describe", "stream"])
def test_without_pytorch_python_says_what_to_install(ask):
    code = f"import ef21lab as lab\ntry: lab.{ask}({SPEC})\nexcept lab.Refusal as refusal: print(refusal)"
    assert REASON in said(HIDDEN + code)


def test_without_pytorch_the_command_line_says_what_to_install(tmp_path):
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    command = HIDDEN + "from ef21lab.cli import main; sys.argv[1:] = {}; sys.exit(main())"
    assert REASON in said(command.format(["run", str(tmp_path / "spec.json")]))
    assert REASON in said(command.format(["list", "objectives"]))


def test_the_lab_without_networks_never_imports_pytorch():
    code = f"import sys, ef21lab as lab; from ef21lab.runs.spec import RunSpec; RunSpec.make({SPEC}); lab.run({{'rounds': 2}}); "
    assert said(code + "import ef21lab.cli; print('torch' in sys.modules)").strip() == "False"


EVERYTHING = """
import importlib, pkgutil, ef21lab as lab
names = [one.name for one in pkgutil.walk_packages(lab.__path__, "ef21lab.", onerror=lambda name: None)]
for name in names:
    if "__main__" not in name and not name.startswith("ef21lab.torch"):
        importlib.import_module(name)
assert len(names) > 300
for name in lab.figures.base.figures.members:
    lab.figures.base.figures.make(name).absence()
print(lab.describe({"rounds": 2})["d"])
try: import ef21lab.torch
except ModuleNotFoundError as missing: print(missing)
"""


def test_without_pytorch_every_module_opens_but_the_hook_which_says_what_to_install():
    words = said(HIDDEN + EVERYTHING).splitlines()
    assert words[:2] == ["112", "ef21lab.torch is a hook for PyTorch, and PyTorch is not installed: pip install torch"]
