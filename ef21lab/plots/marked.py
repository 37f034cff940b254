"""What a setting does to each contender: medians over repeats, and above them marks where a contender fails."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from ef21lab.choices.line import Line
from ef21lab.choices.text import Language, Text, count, number
from ef21lab.plots.bands import SEPARATORS
from ef21lab.plots.figures import LOG_SCALE, THEMES, Theme, layout
from ef21lab.plots.palette import ink

ROW = 0.055  # of the height that the curves take: between the marks above them
WITHIN = 1.0  # decades that the curves take at least
MOST_TICKS = 6
BEYOND = 1.3  # how many times the greatest setting a label may stand
FEW_DECADES = 3.0  # with so few 2 and 5 are labelled too


class MarkedCurve(NamedTuple):
    """One contender; the arrays are (settings,), infinite where it does not come to ε or diverged."""

    label: Text
    across: np.ndarray  # the settings, as numbers
    named: Sequence[Text]  # what they are called
    median: np.ndarray
    low: np.ndarray  # of its repeats, a quantile
    high: np.ndarray
    diverged: np.ndarray  # whether half of its repeats did
    line: Line


def marked(
    curves: Sequence[MarkedCurve],
    across: Text,
    up: Text,
    language: Language = "en",
    theme: Theme = "light",
    prefix: str | None = None,
    title: Text | None = None,
    logarithmic: bool = True,
) -> go.Figure:
    """Medians and quantiles on logarithmic axes; where they are not `logarithmic`, heights on a linear one.

    Above them stand marks of the settings at which a contender diverged or did not come to ε, each contender on a line of its own. With a
    `prefix`, which stands before the numbers, the ticks across are doublings of the least.
    """
    figure = go.Figure()
    bottom, top = _range(curves) if logarithmic else _linear_range(curves)
    for place, curve in enumerate(curves):
        above = top + (place + 1) * ROW * (top - bottom)
        _median(figure, curve, language, theme, logarithmic)
        _marks(figure, curve, 10**above if logarithmic else above, language, theme)
    _legend_of_marks(figure, curves, language, theme)
    figure.update_layout(
        **layout(theme),
        separators=SEPARATORS[language],
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": -0.25, "yanchor": "top"},
    )
    figure.update_layout(margin_t=16)
    if title is not None:
        figure.update_layout(title={"text": title(language), "font": {"size": 15}}, margin_t=44)
    figure.update_xaxes(title_text=across(language), type="log", **_ticks(curves, prefix, language))
    if logarithmic:
        dtick = "D2" if top - bottom < FEW_DECADES else None
        figure.update_yaxes(title_text=LOG_SCALE.format(name=up)(language), type="log", exponentformat="power", dtick=dtick)
    else:
        figure.update_yaxes(title_text=up(language))
    return figure


def _median(figure: go.Figure, curve: MarkedCurve, language: Language, theme: Theme, logarithmic: bool) -> None:
    color, name = ink(curve.line.color, dark=theme == "dark"), curve.label(language)
    shown = np.isfinite(curve.median) & ((curve.median > 0) | (not logarithmic))
    height = np.where(shown, curve.median, np.nan)
    errors = {"array": _beyond(curve.high, height), "arrayminus": _beyond(height, curve.low), "thickness": 1.2, "width": 3}
    figure.add_scatter(
        x=curve.across,
        y=height,
        error_y={"type": "data", "symmetric": False, "color": color, **errors},
        name=name,
        legendgroup=name,
        mode="lines+markers",
        line={"color": color, "dash": curve.line.dash, "width": 2.2},
        marker={"size": 6},
        text=[_hover(said, value, language) for said, value in zip(curve.named, height, strict=True)],
        hovertemplate="%{text}",
    )


def _marks(figure: go.Figure, curve: MarkedCurve, height: float, language: Language, theme: Theme) -> None:
    color, name = ink(curve.line.color, dark=theme == "dark"), curve.label(language)
    for mark, said, symbol in ((curve.diverged, DIVERGED, CROSS), (_lost(curve), NEVER, TRIANGLE)):
        if mark.any():
            figure.add_scatter(
                x=curve.across[mark],
                y=np.full(int(mark.sum()), height),
                name=name,
                legendgroup=name,
                showlegend=False,
                mode="markers",
                marker={"symbol": symbol, "size": 9, "color": color, "line": {"width": 1.6, "color": color}},
                text=[f"{curve.named[place](language)}: {said(language)}" for place in map(int, np.flatnonzero(mark))],
                hovertemplate="%{text}",
            )


def _legend_of_marks(figure: go.Figure, curves: Sequence[MarkedCurve], language: Language, theme: Theme) -> None:
    """What the marks mean, where there are such."""
    color = THEMES[theme].text
    diverged, never = any(curve.diverged.any() for curve in curves), any(_lost(curve).any() for curve in curves)
    for there, said, symbol in ((diverged, DIVERGED, CROSS), (never, NEVER, TRIANGLE)):
        if there:
            figure.add_scatter(
                x=[None], y=[None], mode="markers", name=said(language), marker={"symbol": symbol, "size": 9, "color": color}
            )


def _lost(curve: MarkedCurve) -> np.ndarray:
    """(settings,) whether it does not come to ε, though it did not diverge."""
    return ~np.isfinite(curve.median) & ~curve.diverged


def _hover(said: Text, value: float, language: Language) -> str:
    return f"{said(language)}: {number(value)(language)}"


def _range(curves: Sequence[MarkedCurve]) -> tuple[float, float]:
    """The decades between which the curves lie."""
    heights = np.concatenate([edge for curve in curves for edge in (curve.median, curve.low, curve.high)] or [np.empty(0)])
    known = heights[np.isfinite(heights) & (heights > 0)]
    if not len(known):
        return -WITHIN, 0.0
    bottom, top = math.log10(known.min()), math.log10(known.max())
    return min(bottom, top - WITHIN), top


def _linear_range(curves: Sequence[MarkedCurve]) -> tuple[float, float]:
    """Between which heights the curves lie."""
    heights = np.concatenate([edge for curve in curves for edge in (curve.median, curve.low, curve.high)] or [np.empty(0)])
    known = heights[np.isfinite(heights)]
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)


def _beyond(far: np.ndarray, near: np.ndarray) -> np.ndarray:
    """How far a quantile is from the median, (settings,); nan where it has none."""
    with np.errstate(invalid="ignore"):
        distance = far - near
    return np.where(np.isfinite(distance), distance, np.nan)


def _ticks(curves: Sequence[MarkedCurve], prefix: str | None, language: Language) -> dict[str, Any]:
    """With a prefix at doublings of the least, else at round numbers; at every other where there are many."""
    settings = sorted({float(one) for curve in curves for one in curve.across if one > 0})
    if not settings:
        return {}
    doubled = prefix is not None
    values = _doublings(settings[0], settings[-1]) if doubled else _round_numbers(settings[0], settings[-1])
    values = values[:: 1 + (len(values) - 1) // MOST_TICKS]
    told = [(prefix or "") + (number if doubled else count)(value)(language) for value in values]
    return {"tickvals": values, "ticktext": told, "tickangle": 0}


def _doublings(low: float, high: float) -> list[float]:
    octaves = math.floor(math.log2(high / low) + 1e-9)
    return [low * 2.0**octave for octave in range(octaves + 1)]


def _round_numbers(low: float, high: float) -> list[float]:
    """1, 2 and 5 times a power of ten as far as the settings go, and a little beyond."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    return [one for one in found if low / BEYOND <= one <= high * BEYOND] or [low]


CROSS, TRIANGLE = "x", "triangle-up-open"
DIVERGED = Text("diverged", "разошёлся")
NEVER = Text("does not come to ε", "не доходит до ε")
