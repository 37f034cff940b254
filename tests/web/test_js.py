"""The browser's modules that need no browser: tests/web/js/*.test.mjs, run by the node that playwright brings."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "js"


def node() -> str:
    """playwright's node; the test is skipped where playwright is not installed."""
    found = importlib.util.find_spec("playwright")
    if found is None or found.origin is None:
        pytest.skip("needs playwright, whose node runs the tests")
    return str(Path(found.origin).parent / "driver" / "node")


@pytest.mark.parametrize("file", sorted(TESTS.glob("*.test.mjs")), ids=lambda file: file.name.removesuffix(".test.mjs"))
def test_the_module_keeps_its_promises(file: Path) -> None:
    ended = subprocess.run([node(), "--test", "--test-reporter=spec", file], capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
