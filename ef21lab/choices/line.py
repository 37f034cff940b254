"""How the curve of a member is drawn, wherever it is drawn."""

from __future__ import annotations

from typing import NamedTuple, Protocol

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


class Line(NamedTuple):
    """A colour as #RRGGBB, and one of DASHES: with six of them curves are told apart in grey too."""

    color: str
    dash: str


class Drawn(Protocol):
    """What has a line: a member of a family, or its class."""

    @property
    def name(self) -> str: ...
    @property
    def line(self) -> Line | None: ...
