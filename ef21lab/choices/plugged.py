"""What other packages add to a family, found and loaded: entry points called like the family's package, and folders of one's own.

A package names its member in its pyproject.toml, under the family that it belongs to:

    [project.entry-points."ef21lab.compressors"]
    block_sign = "ef21lab_blocks.block_sign:BlockSign"

A folder named by EF21LAB_PLUGINS needs no package: its `compressors/mine.py` is a file of the family, as `pages/mine.py` is a page.
What cannot be loaded, or breaks a rule, is left out and remembered with the reason; nothing else suffers.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from ef21lab.choices.text import Refusal, Text, quoted

FOLDERS = "EF21LAB_PLUGINS"  # folders, as PATH lists them
HOME = "ef21lab."  # before the name of every group
PAGES = "ef21lab.pages"  # a group of files with a TITLE, not a family
LOADED = "ef21lab_plugins"  # where the modules of folders stand among those that are loaded


class Plugin(NamedTuple):
    """Who has brought a member along: a package, or a file of a folder, whose version is a hash of what it holds."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Extension(NamedTuple):
    """What may hold members of a group; `load` gives a class or a module, and may raise anything."""

    plugin: Plugin
    group: str
    place: str
    load: Callable[[], Any]


class Broken(NamedTuple):
    """A plugin, or a part of one, that was left out."""

    plugin: str
    group: str
    place: str
    why: Text

    @property
    def text(self) -> Text:
        """Who, where, and why."""
        return LEFT_OUT.format(plugin=self.plugin, place=quoted(self.place), group=quoted(self.group), why=self.why)


_broken: dict[tuple[str, str, str], Broken] = {}
_loading = threading.RLock()


def offers(group: str) -> list[Extension]:
    """What packages and folders offer to a group, in an order that does not depend on how they are found."""
    return [*_of_packages(group), *_of_folders(group)]


def groups() -> list[str]:
    """Every group that a package or a folder offers something to, known or not."""
    rooms = [path for folder in _folders() if folder.is_dir() for path in folder.iterdir() if path.is_dir() and any(path.glob("*.py"))]
    return sorted({*_points(), *(HOME + path.name for path in rooms if path.name.isidentifier() and not path.name.startswith("_"))})


def taken_in(group: str, take: Callable[[Extension, Any], None]) -> None:
    """Load every offer of the group and give it to `take`. Whatever either raises is why the offer is left out."""
    with _loading:
        for offer in offers(group):
            try:
                with contextlib.redirect_stdout(sys.stderr):  # what it prints is no part of what a command answers
                    take(offer, offer.load())
            except (Exception, SystemExit) as error:  # code of others: nothing that it does may stop the lab
                leave_out(offer, error)


def leave_out(offer: Extension, error: BaseException) -> None:
    """Remember that this one was left out, and why."""
    _remember(Broken(str(offer.plugin), offer.group, offer.place, in_words(error)))


def broken(group: str | None = None) -> list[Broken]:
    """All that was left out so far, or of one group."""
    return [one for one in _broken.values() if group in (None, one.group)]


def _of_packages(group: str) -> Iterator[Extension]:
    for point in _points().get(group, ()):
        plugin = Plugin(point.dist.name, point.dist.version) if point.dist is not None else Plugin(point.value.split(":")[0], "0")
        yield Extension(plugin, group, f"{point.name} = {point.value}", point.load)


@lru_cache(maxsize=1)
def _points() -> dict[str, list[EntryPoint]]:
    """Entry points of the lab's groups; a package that stands on the path twice counts once."""
    everything, found = entry_points(), dict[str, dict[tuple[str, str, str], EntryPoint]]()
    for group in everything.groups:
        if group.startswith(HOME):
            for point in everything.select(group=group):
                who = "" if point.dist is None else point.dist.name
                found.setdefault(group, {}).setdefault((who, point.name, point.value), point)
    return {group: [points[key] for key in sorted(points)] for group, points in found.items()}


def _of_folders(group: str) -> Iterator[Extension]:
    room = Path(*group.removeprefix(HOME).split("."))
    for home in _folders():
        if not home.is_dir():
            _remember(Broken(FOLDERS, FOLDERS, str(home), NO_FOLDER))
        for path in sorted((home / room).glob("*.py")):
            if not path.name.startswith("_"):
                plugin = Plugin(path.stem, _version(path))
                yield Extension(plugin, group, str(path), lambda path=path: _module(path, group))  # type: ignore[misc]


def _folders() -> list[Path]:
    return [_expanded(Path(folder)) for folder in os.environ.get(FOLDERS, "").split(os.pathsep) if folder]


def _expanded(folder: Path) -> Path:
    try:
        return folder.expanduser()
    except RuntimeError:  # there is no such user, and so no such folder
        return folder


def _version(path: Path) -> str:
    """A hash of what a file holds; of one that cannot be read, which loading it will say, there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except OSError:
        return "?"


def _module(path: Path, group: str) -> ModuleType:
    """The file as a module of its own, loaded once."""
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    name = f"{LOADED}.{group.removeprefix(HOME)}.{path.stem}_{place}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None, path
    assert spec.loader is not None, path
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _remember(one: Broken) -> None:
    _broken.setdefault((one.plugin, one.group, one.place), one)


def in_words(error: BaseException) -> Text:
    """What others' code has raised, as a reason."""
    if isinstance(error, Refusal):
        return error.text
    words = " ".join(str(error).split())[:300]
    return quoted(f"{type(error).__name__}: {words}" if words else type(error).__name__)


LEFT_OUT = Text(
    "the plugin {plugin} is left out ({place} of {group}): {why}",
    "плагин {plugin} не подключён ({place} из {group}): {why}",
)
NO_FOLDER = Text("there is no such folder", "такого каталога нет")
