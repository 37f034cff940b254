"""Figures of a dataset and its partition: who has which labels, and how far the nodes disagree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ef21lab.choices.markup import plotly, shortened
from ef21lab.choices.text import Language, Text, same
from ef21lab.plots.figures import NODE, Theme, layout
from ef21lab.runs.survey import Data, Shares, SmoothnessLevels

CLASS = Text("class", "класс")
TARGET = Text("target", "ответ")
ROWS = Text("rows", "строк")
PERCENT = Text("%", "\u00a0%")
SHARE = Text("share of the node's rows", "доля строк узла")
APART = same("‖∇fᵢ(x⁰) − ∇f(x⁰)‖ / ‖∇f(x⁰)‖")
BAR = "#0072b2"
LEVELS = (("L", "#009e73", "dot"), ("L̄", "#e69f00", "dash"), ("L̃", "#d55e00", "solid"))
MANY = 60  # from so many bars on they touch


def label_counts(data: Data, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Rows of each class; for regression, a histogram of the targets."""
    if data.classes:
        return _bars(np.arange(len(data.classes)), data.counts, (CLASS, ROWS), data.classes, language, theme)
    return _bars((data.edges[1:] + data.edges[:-1]) / 2, data.counts, (TARGET, ROWS), None, language, theme)


def label_shares(data: Data, shares: Shares, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """The share of each class in each node's rows."""
    held = (shares.counts / shares.sizes[:, None]).T  # (classes, nodes)
    bar = {"title": {"text": SHARE(language), "side": "right"}, "tickformat": ".0f", "ticksuffix": PERCENT(language), "thickness": 12}
    hover = f"{NODE(language)} %{{x}}<br>%{{text}}<br>%{{z:.1f}}{PERCENT(language)}<extra></extra>"
    names = [[_named(name, language)] * held.shape[1] for name in data.classes]
    cells = go.Heatmap(z=100 * held, zmin=0, zmax=100, colorscale="Cividis", colorbar=bar, text=names, hovertemplate=hover)
    figure = go.Figure(cells)
    figure.update_layout(**_on_page(theme), height=max(240, min(480, 110 + 26 * len(data.classes))))
    _node_axis(figure, len(shares.sizes), language)
    every = -(-len(data.classes) // 20)
    ticks = {"tickvals": np.arange(0, len(data.classes), every), "ticktext": [_tick(name) for name in data.classes[::every]]}
    figure.update_yaxes(title_text=CLASS(language), showgrid=False, autorange="reversed", **ticks)
    return figure


def target_quartiles(shares: Shares, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """For each node the targets it has: least, quartiles, greatest."""
    least, first, median, third, greatest = shares.quartiles.T
    box = go.Box(x=np.arange(len(median)), lowerfence=least, q1=first, median=median, q3=third, upperfence=greatest, line={"color": BAR})
    figure = go.Figure(box)
    figure.update_layout(**_on_page(theme), height=280, showlegend=False)
    _node_axis(figure, len(median), language)
    figure.update_yaxes(title_text=TARGET(language))
    return figure


def sizes(shares: Shares, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """mᵢ, the rows of each node."""
    return _of_nodes(shares.sizes, Text("rows mᵢ", "строк mᵢ"), language, theme)


def smoothness(levels: SmoothnessLevels, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Lᵢ of each node; L and the two means of the Lᵢ as lines, their values in the legend."""
    figure = _of_nodes(levels.of_nodes, same("Lᵢ"), language, theme)
    ends = [-0.5, len(levels.of_nodes) - 0.5]
    values = (levels.smoothness, levels.arithmetic, levels.quadratic)
    for (letter, color, dash), value in zip(LEVELS, values, strict=True):
        shown = f"{value:.4g}"
        name = f"{letter} = {shown.replace('.', ',') if language == 'ru' else shown}"
        figure.add_scatter(x=ends, y=[value, value], mode="lines", name=name, line={"color": color, "dash": dash, "width": 2.2})
    figure.update_layout(showlegend=True, legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}, margin_t=48)
    return figure


def apart(distances: np.ndarray, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """How far each node's gradient at x⁰ is from their mean, relative to the mean's length."""
    return _of_nodes(distances, APART, language, theme)


def _of_nodes(heights: np.ndarray, title: Text, language: Language, theme: Theme) -> go.Figure:
    figure = _bars(np.arange(len(heights)), heights, (NODE, title), None, language, theme)
    _node_axis(figure, len(heights), language)
    return figure


def _bars(
    x: np.ndarray, heights: np.ndarray, titles: tuple[Text, Text], names: Sequence[str] | None, language: Language, theme: Theme
) -> go.Figure:
    figure = go.Figure(go.Bar(x=x, y=heights, marker={"color": BAR, "line": {"width": 0}}, showlegend=False))
    figure.update_layout(**_on_page(theme), height=250, bargap=0.15 if len(x) < MANY else 0)
    figure.update_xaxes(title_text=titles[0](language), showgrid=False)
    figure.update_yaxes(title_text=titles[1](language), rangemode="tozero")
    if names is not None:
        figure.update_traces(hovertext=[_named(name, language) for name in names], hovertemplate="%{hovertext}: %{y}<extra></extra>")
        every = -(-len(names) // 40)
        figure.update_xaxes(tickvals=x[::every], ticktext=[_tick(name) for name in names[::every]])
    return figure


def _named(name: str, language: Language) -> str:
    """A class in a tooltip, whole but for what no tooltip has room for."""
    return f"{CLASS(language)} {plotly(shortened(name, 200))}"


def _tick(name: str) -> str:
    """A class beside its bar or row."""
    return plotly(shortened(name, 24))


def _node_axis(figure: go.Figure, nodes: int, language: Language) -> None:
    """Node numbers from 0, whole ones only."""
    figure.update_xaxes(
        title_text=NODE(language), showgrid=False, range=[-0.5, nodes - 0.5], dtick=1 if nodes <= 10 else None, tickformat="d"
    )


def _on_page(theme: Theme) -> dict[str, Any]:
    """The layout on the page's own background; what a figure shows is said above it, so nothing stands in its upper margin."""
    clear, shared = "rgba(0, 0, 0, 0)", layout(theme)
    return {**shared, "paper_bgcolor": clear, "plot_bgcolor": clear, "margin": {**shared["margin"], "t": 12}}
