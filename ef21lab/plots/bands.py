"""Repeats as bands: the median as a line, two quantiles as the edges of its shade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.graph_objects import Figure as Figure

from ef21lab.choices.line import Drawn
from ef21lab.choices.numerals import THIN
from ef21lab.choices.text import Language, Text
from ef21lab.plots.figures import AXES, LOG_SCALE, METRICS, Theme, layout
from ef21lab.plots.palette import ink, lines

UNEVEN = 5.0  # times of what the thriftiest has spent
SHADE = 0.18  # of the colour
SEPARATORS = {"en": ".,", "ru": f",{THIN}"}  # before the decimals, between thousands


class BandCurve(NamedTuple):
    """The repeats of one contender; the arrays are (points,), infinite where a run has diverged."""

    label: Text
    x: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    runs: int


def banded(
    curves: Sequence[BandCurve],
    drawn: Sequence[Drawn],
    metric: str,
    axis: str,
    quantiles: tuple[float, float],
    language: Language = "en",
    theme: Theme = "light",
    share: Text | None = None,
) -> Figure:
    """Medians on a logarithmic axis, each with the shade between its quantiles where there are repeats; the legend says which these are.

    `share` is what a metric is called that lies between 0 and 1 and gets better as it rises: its axis is linear.
    """
    figure = go.Figure()
    for curve, line in zip(curves, lines(drawn), strict=True):
        color = ink(line.color, dark=theme == "dark")
        shown = np.isfinite(curve.median) & ((curve.median > 0) | (share is not None))
        x = curve.x[shown]
        name = curve.label(language)
        if curve.runs > 1:
            name = NAMED.format(label=curve.label, n=curve.runs, low=round(100 * quantiles[0]), high=round(100 * quantiles[1]))(language)
            _shade(figure, x, curve.low[shown], curve.high[shown], color, name, share is None)
        style = {"color": color, "dash": line.dash, "width": 2.2}
        figure.add_scatter(x=x, y=curve.median[shown], name=name, legendgroup=name, mode="lines", line=style)
    figure.update_layout(
        **layout(theme),
        separators=SEPARATORS[language],
        hovermode="closest",
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )
    if _uneven(curves):
        figure.update_xaxes(title_text=LOG_SCALE.format(name=AXES[axis])(language), type="log", exponentformat="power")
    else:
        figure.update_xaxes(title_text=AXES[axis](language), rangemode="tozero")
    if share is not None:
        figure.update_yaxes(title_text=share(language))
        return figure
    title = LOG_SCALE.format(name=METRICS[metric])(language) if metric in METRICS else metric
    figure.update_yaxes(title_text=title, type="log", exponentformat="power")
    return figure


def _uneven(curves: Sequence[BandCurve]) -> bool:
    """Whether one contender has spent many times what another has, which would stand as an upright line at the edge of an even axis."""
    ends = [float(curve.x[-1]) for curve in curves if len(curve.x) and curve.x[-1] > 0.0]
    return bool(ends) and max(ends) > UNEVEN * min(ends)


def _shade(figure: go.Figure, x: np.ndarray, low: np.ndarray, high: np.ndarray, color: str, group: str, logarithmic: bool) -> None:
    """Between two curves; where a run has diverged it has no upper edge."""
    inside = np.isfinite(high) & ((low > 0) | (not logarithmic))
    edges = {"x": x[inside], "mode": "lines", "line": {"width": 0}, "legendgroup": group, "showlegend": False, "hoverinfo": "skip"}
    figure.add_scatter(y=low[inside], **edges)
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    figure.add_scatter(y=high[inside], fill="tonexty", fillcolor=f"rgba({red},{green},{blue},{SHADE})", **edges)


NAMED = Text("{label}: median of {n}, {low}–{high}%", "{label}: медиана {n:запуска|запусков|запусков}, {low}–{high}\u00a0%")
