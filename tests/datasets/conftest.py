"""Where the real LIBSVM files are, for the tests that need them, and a cache directory of the test's own."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache directory in place of the user's."""
    directory = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_: str(directory))
    return directory


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """An empty directory named by EF21LAB_DATA."""
    directory = tmp_path / "data"
    directory.mkdir()
    monkeypatch.setenv("EF21LAB_DATA", str(directory))
    return directory


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
