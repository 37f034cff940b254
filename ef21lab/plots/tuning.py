"""The tuning curve: what the step does to each contender, and from where on it diverges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from ef21lab.choices.line import Line
from ef21lab.choices.text import Language, Text
from ef21lab.plots.bands import SEPARATORS
from ef21lab.plots.figures import LOG_SCALE, THEMES, Theme, layout
from ef21lab.plots.palette import ink

ROW = 0.055  # of the height that the curves take: between the marks above them
WITHIN = 1.0  # decades that the curves take at least


class TuningCurve(NamedTuple):
    """One contender; the arrays are (steps,), infinite where it does not come to ε or diverged."""

    label: Text
    multiples: np.ndarray
    median: np.ndarray
    low: np.ndarray  # of its repeats, a quantile
    high: np.ndarray
    diverged: np.ndarray  # whether half of its repeats did
    line: Line


def tuning(curves: Sequence[TuningCurve], up: Text, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Medians over the repeats against the step, on logarithmic axes. Above the curves stand marks of the steps at which a contender
    diverged or did not come to ε, each contender on a line of its own.
    """
    figure = go.Figure()
    bottom, top = _range(curves)
    for place, curve in enumerate(curves):
        color = ink(curve.line.color, dark=theme == "dark")
        name = curve.label(language)
        shown = np.isfinite(curve.median) & (curve.median > 0)
        height = np.where(shown, curve.median, np.nan)
        errors = {"array": _beyond(curve.high, height), "arrayminus": _beyond(height, curve.low), "thickness": 1.2, "width": 3}
        look = {"color": color, "dash": curve.line.dash, "width": 2.2}
        figure.add_scatter(
            x=curve.multiples,
            y=height,
            error_y={"type": "data", "symmetric": False, "color": color, **errors},
            name=name,
            legendgroup=name,
            mode="lines+markers",
            line=look,
            marker={"size": 6},
        )
        mark_height = 10 ** (top + (place + 1) * ROW * (top - bottom))
        for mark, said, symbol in (
            (curve.diverged, DIVERGED, "x"),
            (~np.isfinite(curve.median) & ~curve.diverged, NEVER, "triangle-up-open"),
        ):
            figure.add_scatter(
                x=curve.multiples[mark],
                y=np.full(int(mark.sum()), mark_height),
                name=name,
                legendgroup=name,
                showlegend=False,
                mode="markers",
                marker={"symbol": symbol, "size": 9, "color": color, "line": {"width": 1.6, "color": color}},
                hovertemplate=f"×%{{x}} {said(language)}",
            )
    _legend_of_marks(figure, curves, language, theme)
    figure.update_layout(
        **layout(theme),
        separators=SEPARATORS[language],
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top"},
    )
    figure.update_xaxes(title_text=ACROSS(language), type="log", tickprefix="×", **_ticks(curves))
    figure.update_yaxes(title_text=LOG_SCALE.format(name=up)(language), type="log", exponentformat="power")
    return figure


def _range(curves: Sequence[TuningCurve]) -> tuple[float, float]:
    """The decades between which the curves lie."""
    heights = np.concatenate([curve.median for curve in curves] or [np.empty(0)])
    known = heights[np.isfinite(heights) & (heights > 0)]
    if not len(known):
        return -WITHIN, 0.0
    bottom, top = math.log10(known.min()), math.log10(known.max())
    return min(bottom, top - WITHIN), top


def _beyond(far: np.ndarray, near: np.ndarray) -> np.ndarray:
    """How far a quantile is from the median, (steps,); nan where it has none."""
    with np.errstate(invalid="ignore"):
        distance = far - near
    return np.where(np.isfinite(distance), distance, np.nan)


def _ticks(curves: Sequence[TuningCurve]) -> dict[str, object]:
    """At doublings, or where there are many of them at every other."""
    multiples = sorted({float(one) for curve in curves for one in curve.multiples})
    if not multiples:
        return {}
    octaves = math.floor(math.log2(multiples[-1] / multiples[0]) + 1e-9)
    values = [multiples[0] * 2.0**octave for octave in range(0, octaves + 1, 1 + octaves // 12)]
    return {"tickvals": values, "ticktext": [f"{value:g}" for value in values]}


def _legend_of_marks(figure: go.Figure, curves: Sequence[TuningCurve], language: Language, theme: Theme) -> None:
    """What the marks mean, where there are such."""
    color = THEMES[theme].text
    never = any((~np.isfinite(curve.median) & ~curve.diverged).any() for curve in curves)
    for there, said, symbol in ((any(curve.diverged.any() for curve in curves), DIVERGED, "x"), (never, NEVER, "triangle-up-open")):
        if there:
            figure.add_scatter(
                x=[None], y=[None], mode="markers", name=said(language), marker={"symbol": symbol, "size": 9, "color": color}
            )


ACROSS = Text("step, times that of the rule, log scale", "шаг, во сколько раз больше шага правила, лог. шкала")
DIVERGED = Text("diverged", "разошёлся")
NEVER = Text("does not come to ε", "не доходит до ε")
