"""One colour per compressor everywhere, and one per method other than EF21, told apart without colour by the dash of the line.

The first colours are those of Okabe and Ito (2008), which people with any kind of colour vision tell apart.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import NamedTuple

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

_OWN = {
    "identity": ("#7A7A7A", "dot"),
    "top_k": ("#0072B2", "solid"),
    "rand_k": ("#56B4E9", "dashdot"),
    "st_hosvd": ("#D55E00", "dash"),
    "hosvd": ("#E69F00", "longdash"),
    "tensor_train": ("#009E73", "longdashdot"),
    "svd": ("#CC79A7", "dashdot"),
    "hooi": ("#8A5A2B", "longdash"),
    "cp": ("#6A51A3", "dash"),
    "tensorly_tucker": ("#7D6B57", "dot"),
    "tensorly_parafac": ("#9087C4", "longdashdot"),
    "power_sgd": ("#B8A400", "dot"),
    "sign": ("#C2185B", "solid"),
    "natural": ("#00939A", "dash"),
    "qsgd": ("#5B6ACF", "longdashdot"),
    "ternary": ("#6E9A00", "dot"),
    "half": ("#A0679B", "dashdot"),
    "then": ("#B8563B", "longdashdot"),
    "residual": ("#3E7C4F", "longdash"),
    # Methods
    "dcgd": ("#D32F2F", "longdash"),
    "ef14": ("#C98A00", "dash"),
    "ef21_plus": ("#2E8B57", "dashdot"),
    "ef21_hb": ("#9C4DCC", "dash"),
    "ef21_pp": ("#00939A", "longdashdot"),
    "ef21_bc": ("#A5673F", "dashdot"),
    "ef21_w": ("#3F7FBF", "longdash"),
    "ef21_prox": ("#A88400", "dot"),
    "ef21_sgd": ("#E0568A", "dot"),
    "ef21_sgdm": ("#8A63B8", "dash"),
    "ef21_page": ("#4C9F70", "longdash"),
    "diana": ("#C2489A", "dashdot"),
    "marina": ("#2A9D8F", "longdashdot"),
}
_OTHERS = ("#56B4E9", "#009E73", "#CC79A7", "#B8A400", "#8A5A2B", "#6A51A3")
_SHADES = ((0, 0.0), (0, 0.38), (255, 0.42), (0, 0.6), (255, 0.62), (0, 0.2))  # of repeated names: towards black or white, how far


class Look(NamedTuple):
    """How a contender's line is drawn."""

    color: str
    dash: str


def color_of(name: str) -> str:
    """The colour of a compressor or a method, by its name; one that is not in the table gets a colour of its own for good."""
    if name in _OWN:
        return _OWN[name][0]
    return _OTHERS[zlib.crc32(name.encode()) % len(_OTHERS)]


def look(names: Sequence[str]) -> list[Look]:
    """A line for each contender, by the name of its compressor or method: up to six differ in dash, and those of one name in shade too."""
    looks: list[Look] = []
    for place, name in enumerate(names):
        repeat = list(names[:place]).count(name)
        used = {one.dash for one in looks}
        looks.append(Look(_shaded(color_of(name), repeat), _free_dash(name, used)))
    return looks


def _free_dash(name: str, used: set[str]) -> str:
    own = _OWN[name][1] if name in _OWN else DASHES[0]
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
