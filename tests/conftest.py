"""One hypothesis profile for all tests: no deadline on a shared machine, the same examples every time in CI. Long files first."""

import importlib.util
import os

import pytest
from hypothesis import settings

from tests import seconds

settings.register_profile("lab", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("lab")

os.environ["EF21LAB_AHEAD"] = "off"  # the record of a server holds what a test has asked for

if os.environ.get("EF21LAB_TORCH") == "required":  # its tests are skipped elsewhere
    assert importlib.util.find_spec("torch"), "EF21LAB_TORCH=required, and PyTorch is not installed"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first: several processes share the tests, a file at a time, and would wait for one that came last."""
    known = seconds.kept()
    items.sort(key=lambda item: -seconds.of(item.nodeid, known))  # stable: what stands together stays so
