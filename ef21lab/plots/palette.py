"""One colour per compressor everywhere, and one per method other than EF21, told apart without colour by the dash of the line.

Members declare their lines. The first colours are those of Okabe and Ito (2008), which people with any kind of colour vision tell apart.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from ef21lab.choices.line import DASHES, Drawn, Line

_OTHERS = ("#56B4E9", "#009E73", "#CC79A7", "#B8A400", "#8A5A2B", "#6A51A3")
_SHADES = ((0, 0.0), (0, 0.38), (255, 0.42), (0, 0.6), (255, 0.62), (0, 0.2))  # of repeated names: towards black or white, how far


def color_of(drawn: Drawn) -> str:
    """The colour of a compressor or a method; one that declares none gets a colour of its own for good."""
    return drawn.line.color if drawn.line else _OTHERS[zlib.crc32(drawn.name.encode()) % len(_OTHERS)]


def lines(drawn: Sequence[Drawn]) -> list[Line]:
    """A line for each contender, by its compressor or method: up to six differ in dash, and those of one name in shade too."""
    found: list[Line] = []
    for place, one in enumerate(drawn):
        repeat = [other.name for other in drawn[:place]].count(one.name)
        used = {line.dash for line in found}
        found.append(Line(_shaded(color_of(one), repeat), _free_dash(one, used)))
    return found


def _free_dash(drawn: Drawn, used: set[str]) -> str:
    own = drawn.line.dash if drawn.line else DASHES[0]
    if own not in used:
        return own
    return next((dash for dash in DASHES if dash not in used), own)


def ink(color: str, *, dark: bool) -> str:
    """A colour as it is drawn: lighter on a dark page, so that it stands out as well as on a light one."""
    return _towards(color, 255, 0.28) if dark else color


def _shaded(color: str, repeat: int) -> str:
    return _towards(color, *_SHADES[repeat % len(_SHADES)])


def _towards(color: str, end: int, share: float) -> str:
    """A colour some way towards black (0) or white (255)."""
    channels = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(value + (end - value) * share):02X}" for value in channels)
