"""What a module of the browser leans on, read from its own imports: so that all of it is asked for at once, not one level after another."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

_IMPORTED = re.compile(r'^(?:import\s+(?:[^;"]*\sfrom\s+)?|export\s+[^;"]*\sfrom\s+)"(\.{1,2}/[^"]+)";', re.MULTILINE)
_FETCHED = re.compile(r'\bnew URL\("(\.{1,2}/[^"]+\.css)", import\.meta\.url\)')


def closure(module: str, source: Callable[[str], str]) -> list[str]:
    """A module and all that it imports, directly or not, the nearest first; among them the styles that they fetch."""
    found = [module]
    for name in found:
        found += [file for file in dict.fromkeys(_named(name, source(name))) if file not in found]
    return found


def _named(module: str, text: str) -> Iterator[str]:
    """What a module names beside itself; types are imported in comments, and are no files."""
    for pattern in (_IMPORTED, _FETCHED) if module.endswith(".js") else ():
        for place in pattern.findall(text):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(module), place))
