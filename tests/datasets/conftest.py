"""Where the real LIBSVM files are, for the tests that need them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def libsvm_file() -> Callable[[str], Path]:
    """The path of a LIBSVM file by name; skips, saying so, where EF21LAB_DATA does not lead to it."""

    def path(name: str) -> Path:
        directory = os.environ.get("EF21LAB_DATA")
        if not directory:
            pytest.skip(f"needs LIBSVM's {name}: set EF21LAB_DATA to the directory that holds it")
        found = Path(directory) / f"{name}.txt"
        if not found.is_file():
            pytest.skip(f"needs LIBSVM's {name}: {found} is not there")
        return found

    return path
