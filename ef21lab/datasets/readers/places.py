"""Where files lie: data in EF21LAB_DATA or in the user's cache, where downloads go; what is kept, in the lab's home."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_directory() -> Path:
    """The lab's own corner of the user's cache; it may not exist yet."""
    return Path(platformdirs.user_cache_dir("ef21lab"))


def home() -> Path:
    """What outlives the server: EF21LAB_HOME, or the user's data directory. It may not exist yet."""
    named = os.environ.get("EF21LAB_HOME")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("ef21lab"))


def directories() -> list[Path]:
    """Every directory that is searched, first the one a person has named."""
    named = os.environ.get("EF21LAB_DATA")
    return [*([Path(named)] if named else []), cache_directory()]


def find(name: str) -> Path | None:
    """The first file called `name` or `name`.txt."""
    candidates = (directory / file for directory in directories() for file in (name, f"{name}.txt"))
    return next((path for path in candidates if os.path.isfile(path)), None)


def present() -> list[str]:
    """The names of all files that `find` would find, sorted."""
    files = (path for directory in directories() if os.path.isdir(directory) for path in directory.iterdir())
    return sorted({path.name for path in files if os.path.isfile(path) and not path.name.startswith(".")})
