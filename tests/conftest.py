"""One hypothesis profile for all tests: no deadline on a shared machine, the same examples every time in CI."""

import importlib.util
import os

from hypothesis import settings

settings.register_profile("lab", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("lab")

if os.environ.get("EF21LAB_TORCH") == "required":  # its tests are skipped elsewhere
    assert importlib.util.find_spec("torch"), "EF21LAB_TORCH=required, and PyTorch is not installed"
