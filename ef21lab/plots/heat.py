"""Bits to ε as a map: a contender's strengths upwards, the steps across, a mark where it does not come to ε and one where it diverged."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from ef21lab.choices.text import Language, Text, number
from ef21lab.plots.bands import SEPARATORS
from ef21lab.plots.figures import THEMES, Theme, layout

SIDE = 46  # pixels of the height of a row
BELOW = 146  # pixels of what stands below all rows: steps, their name, the scale
ABOUT = 8 + BELOW
SCALE_AT = 72  # pixels below all rows
MARKS = {"diverged": "✕", "never": "–", "best": "★"}  # seen without colour
MOST_TICKS = 6


class HeatMap(NamedTuple):
    """One contender; the arrays are (strengths, steps)."""

    strengths: Sequence[Text]  # the weakest first
    steps: Sequence[Text]
    across: Text  # what they are
    bits: np.ndarray  # medians over the repeats; inf where it does not come to ε, nan where nothing is known
    diverged: np.ndarray  # whether half of the repeats did


def heat(shown: HeatMap, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """The map: the fewer bits, the further from the page's ground. Its second trace has a point in every known cell, whose
    `customdata` are the places of strength and step: that is what a click picks.
    """
    colors = THEMES[theme]
    figure = go.Figure()
    reached = np.isfinite(shown.bits)
    height = np.log10(np.where(reached, np.maximum(shown.bits, 1.0), np.nan))  # a run that begins at ε has sent nothing
    low, high = (float(np.nanmin(height)), float(np.nanmax(height))) if reached.any() else (0.0, 1.0)
    figure.add_heatmap(
        z=height,
        x=list(range(len(shown.steps))),
        y=list(range(len(shown.strengths))),
        zmin=low,
        zmax=max(high, low + 1e-9),
        xgap=2,
        ygap=2,
        colorscale=[[place / 2, color] for place, color in enumerate(colors.signed[:3])],  # none is lost in the ground
        hoverinfo="skip",
        showscale=bool(reached.any()),
        colorbar=_bar(low, high, len(shown.strengths), language, colors.text),
    )
    _cells(figure, shown, language, theme)
    figure.update_layout(**layout(theme), separators=SEPARATORS[language], height=ABOUT + SIDE * len(shown.strengths), hovermode="closest")
    figure.update_layout(margin={"t": 8, "b": BELOW})
    steps = list(range(0, len(shown.steps), 1 + (len(shown.steps) - 1) // MOST_TICKS))
    names = [shown.steps[place](language) for place in steps]
    figure.update_xaxes(title_text=shown.across(language), tickvals=steps, ticktext=names, showgrid=False, tickangle=0)
    rows = list(range(len(shown.strengths)))
    figure.update_yaxes(tickvals=rows, ticktext=[one(language) for one in shown.strengths], showgrid=False)
    return figure


def _cells(figure: go.Figure, shown: HeatMap, language: Language, theme: Theme) -> None:
    """A point in every known cell, with its mark where it has one."""
    known = [(row, column) for row, column in np.ndindex(*shown.bits.shape) if not np.isnan(shown.bits[row, column])]
    colors = THEMES[theme]
    finite = np.where(np.isfinite(shown.bits), shown.bits, np.inf)
    best = divmod(int(finite.argmin()), finite.shape[1]) if np.isfinite(finite).any() else None
    figure.add_scatter(
        x=[column for _, column in known],
        y=[row for row, _ in known],
        customdata=[[row, column] for row, column in known],
        mode="markers+text",
        text=[MARKS.get(_state(shown, row, column, best), "") for row, column in known],
        textfont={"size": 15, "color": [colors.background if cell == best else colors.text for cell in known]},
        marker={"symbol": "square", "size": SIDE - 10, "color": "rgba(0,0,0,0)", "line": {"width": 0}},
        hovertext=[_said(shown, row, column, language) for row, column in known],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1.0}},
        unselected={"marker": {"opacity": 1.0}},
        showlegend=False,
    )


def _state(shown: HeatMap, row: int, column: int, best: tuple[int, int] | None) -> str:
    if shown.diverged[row, column]:
        return "diverged"
    if not np.isfinite(shown.bits[row, column]):
        return "never"
    return "best" if (row, column) == best else ""


def _said(shown: HeatMap, row: int, column: int, language: Language) -> str:
    """What a cell says when it is pointed at."""
    where = f"{shown.strengths[row](language)}, {shown.steps[column](language)}"
    bits = shown.bits[row, column]
    said = DIVERGED if shown.diverged[row, column] else NEVER if not np.isfinite(bits) else BITS.format(bits=int(bits))
    return f"{where}: {said(language)}"


def _bar(low: float, high: float, rows: int, language: Language, color: str) -> dict[str, object]:
    """The scale below the map: powers of ten, or where it spans none of them its ends."""
    powers = [float(power) for power in range(math.ceil(low), math.floor(high) + 1)]
    ticks = powers if len(powers) > 1 else [low, high] if high - low > 0.05 else [low]
    return {
        "orientation": "h",
        "y": -SCALE_AT / (SIDE * rows),
        "yanchor": "top",
        "ypad": 0,
        "thickness": 12,
        "len": 0.8,
        "title": {"text": SCALE(language), "side": "top", "font": {"size": 12, "color": color}},
        "tickvals": ticks,
        "ticktext": [number(10.0**tick, 2)(language) for tick in ticks],
        "outlinewidth": 0,
    }


SCALE = Text("bits from a node to ε, log scale", "бит с узла до ε, лог. шкала")
BITS = Text("{bits:bit|bits} to ε", "{bits:бит|бита|бит} до ε")
DIVERGED = Text("diverged", "разошёлся")
NEVER = Text("does not come to ε", "не доходит до ε")
