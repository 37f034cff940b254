"""Where files lie: data in EF21LAB_DATA or in the user's cache, where downloads go; what is kept, in the lab's home."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import platformdirs

from ef21lab.choices.text import Refusal, Text

HOME = "EF21LAB_HOME"


def cache_directory() -> Path:
    """The lab's own corner of the user's cache; it may not exist yet."""
    try:
        return Path(platformdirs.user_cache_dir("ef21lab"))
    except RuntimeError:
        raise Refusal(NOBODYS_HOME.format(folder="~")) from None


def home() -> Path:
    """What outlives the server: EF21LAB_HOME, or the user's data directory. It may not exist yet.

    Raises Refusal where neither is known, as for a user whom the system does not know.
    """
    named = os.environ.get(HOME)
    try:
        found = os.path.expanduser(named or platformdirs.user_data_dir("ef21lab"))
    except RuntimeError:  # as platformdirs has it
        found = "~"
    if found.startswith("~"):
        raise Refusal(NOBODYS_HOME.format(folder=found))
    return Path(found)


def directories() -> list[Path]:
    """Every directory that is searched, first the one a person has named."""
    named = os.environ.get("EF21LAB_DATA")
    with suppress(Refusal):
        return [*([Path(named)] if named else []), cache_directory()]
    return [Path(named)] if named else []


def find(name: str) -> Path | None:
    """The first file called `name` or `name`.txt."""
    candidates = (directory / file for directory in directories() for file in (name, f"{name}.txt"))
    return next((path for path in candidates if os.path.isfile(path)), None)


def present() -> list[str]:
    """The names of all files that `find` would find, sorted."""
    files = (path for directory in directories() if os.path.isdir(directory) for path in directory.iterdir())
    return sorted({path.name for path in files if os.path.isfile(path) and not path.name.startswith(".")})


NOBODYS_HOME = Text(
    "{folder} is the folder of a user whom this system does not know; EF21LAB_HOME names another",
    "{folder} — каталог пользователя, которого эта система не знает; другой каталог задаёт EF21LAB_HOME",
)
