"""Panels of curves with a name each: what a figure of the literature consists of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from ef21lab.choices.line import Line
from ef21lab.choices.text import Language, Text
from ef21lab.plots.figures import LOG_SCALE, Theme, layout
from ef21lab.plots.palette import ink


class Plotted(NamedTuple):
    """One curve of a panel: `x` and `y` are (points,), positive where their scale is logarithmic."""

    label: Text
    x: np.ndarray | Sequence[float]
    y: np.ndarray | Sequence[float]
    line: Line


class Panel(NamedTuple):
    """Curves over one pair of axes; the heights are on a log scale, what is across where that is said."""

    title: Text
    across: Text
    up: Text
    curves: tuple[Plotted, ...]
    log_across: bool = False


def panel(shown: Panel, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """The panel, its legend below, where it covers nothing."""
    figure = go.Figure()
    for label, x, y, line in shown.curves:
        look = {"color": ink(line.color, dark=theme == "dark"), "dash": line.dash, "width": 2.2}
        figure.add_scatter(x=x, y=y, name=label(language), mode="lines", line=look)
    figure.update_layout(
        **layout(theme),
        title={"text": shown.title(language), "font": {"size": 15}},
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top"},
    )
    across = LOG_SCALE.format(name=shown.across)(language) if shown.log_across else shown.across(language)
    figure.update_xaxes(title_text=across, type="log" if shown.log_across else "linear", exponentformat="power")
    figure.update_yaxes(title_text=LOG_SCALE.format(name=shown.up)(language), type="log", exponentformat="power")
    return figure
