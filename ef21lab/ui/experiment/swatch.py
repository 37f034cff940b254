"""A contender's curve in small, beside its name: at the head of the controls that move it."""

from __future__ import annotations

import html

from streamlit.delta_generator import DeltaGenerator

from ef21lab.choices.line import Line
from ef21lab.choices.text import Text
from ef21lab.plots.palette import ink
from ef21lab.ui.kit.language import plain
from ef21lab.ui.kit.theme import theme

STRETCHES = {  # of a line's dash in turn, drawn and left out, in pixels
    "solid": (1,),
    "dash": (9, 5),
    "dot": (2, 4),
    "dashdot": (9, 4, 2, 4),
    "longdash": (14, 5),
    "longdashdot": (14, 4, 2, 4),
}
ROW = "display:flex;gap:0.55rem;align-items:center;line-height:1.3"
BAR = "flex:none;width:2.1rem;height:3px"


def head(place: DeltaGenerator, name: Text, line: Line | None) -> None:
    """The name of a curve after a piece of its line; without the line where there is no such curve."""
    bar = "" if line is None else f'<span aria-hidden="true" style="{BAR};background:{_pattern(line)}"></span>'
    place.html(f'<div style="{ROW}">{bar}<b style="overflow-wrap:anywhere">{html.escape(plain(name))}</b></div>')


def _pattern(line: Line) -> str:
    """The line as a background of CSS."""
    color, stops, at = ink(line.color, dark=theme() == "dark"), [], 0
    for number, stretch in enumerate(STRETCHES[line.dash]):
        stops.append(f"{'transparent' if number % 2 else color} {at}px {at + stretch}px")
        at += stretch
    return f"repeating-linear-gradient(90deg,{','.join(stops)})"
