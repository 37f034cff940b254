"""Figures of finished runs: pure functions of traces."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go

from ef21lab.choices.line import Line
from ef21lab.choices.text import Language, Text, same
from ef21lab.runs.trace import Trace

Metric = Literal["grad_norm_sq", "gap", "distortion"]
Axis = Literal["floats_up", "bits_up", "bits_down", "round", "seconds"]
Theme = Literal["light", "dark"]

METRICS: dict[str, Text] = {
    "grad_norm_sq": same("‖∇f(x)‖²"),
    "gap": Text("f(x) above f* or a lower bound", "f(x) над f* или его нижней оценкой"),
    "distortion": Text("distortion G = mean ‖gᵢ − ∇fᵢ‖²", "искажение G = среднее ‖gᵢ − ∇fᵢ‖²"),
}
AXES: dict[str, Text] = {
    "floats_up": Text("floats sent per node", "отправлено чисел на узел"),
    "bits_up": Text("bits sent per node", "отправлено бит на узел"),
    "bits_down": Text("bits received per node", "принято бит на узел"),
    "round": Text("communication rounds", "раунды обмена"),
    "seconds": Text("compute time, seconds", "время счёта, секунды"),
}
LOG_SCALE = Text("{name}, log scale", "{name}, логарифмическая шкала")
NODE = Text("node", "узел")
GUIDE = {"dash": "dash", "width": 1, "color": "#888888"}  # a line that is no curve: a bound, a budget
HEADROOM = 1e4  # a diverging curve is drawn up to this many times the highest start


class Colors(NamedTuple):
    """A theme's background, text and grid, and its scale of signed values, neutral at zero."""

    background: str
    text: str
    grid: str
    signed: tuple[str, ...]


THEMES: dict[str, Colors] = {
    "light": Colors("#ffffff", "#31333f", "#e8eaee", ("#08306b", "#2c6fb0", "#8bbbdc", "#f4f4f2", "#f2ab7c", "#c8571b", "#6e2503")),
    "dark": Colors("#0e1117", "#fafafa", "#262b36", ("#a8d8ff", "#4ea3e6", "#1f5687", "#15181f", "#8a431b", "#e8823c", "#ffd2a8")),
}


class Points(NamedTuple):
    """What a logarithmic axis can show of a curve."""

    x: np.ndarray
    y: np.ndarray


def curves(traces: Sequence[Trace], metric: Metric, axis: Axis, lowest: float = 0.0) -> list[Points]:
    """One curve a trace, where it is positive and finite; `gap` is measured from `lowest`: f*, or a number that f is nowhere below."""
    heights = [trace["loss" if metric == "gap" else metric] for trace in traces]
    best = lowest if metric == "gap" else 0.0
    ceiling = HEADROOM * max((float(height[0] - best) for height in heights if len(height)), default=math.inf)
    kept = [(height - best > 0) & (height - best <= ceiling) for height in heights]
    return [Points(trace[axis][shown], (height - best)[shown]) for trace, height, shown in zip(traces, heights, kept, strict=True)]


def convergence(
    traces: Sequence[Trace],
    labels: Sequence[str],
    looks: Sequence[Line],
    metric: Metric = "grad_norm_sq",
    axis: Axis = "floats_up",
    language: Language = "en",
    theme: Theme = "light",
    lowest: float = 0.0,
) -> go.Figure:
    """How low each run got, and for how much: a logarithmic height against what was spent, the legend above. `lowest` as in `curves`."""
    figure = go.Figure()
    for points, label, line in zip(curves(traces, metric, axis, lowest), labels, looks, strict=True):
        figure.add_scatter(x=points.x, y=points.y, name=label, mode="lines", line={"color": line.color, "dash": line.dash, "width": 2.2})
    figure.update_layout(**layout(theme), hovermode="x unified", legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    figure.update_xaxes(title_text=AXES[axis](language), rangemode="tozero")
    title = LOG_SCALE.format(name=METRICS[metric])(language)
    figure.update_yaxes(title_text=title, type="log", exponentformat="power")
    return figure


def log_place(value: float) -> float:
    """Where words beside a value stand on a logarithmic axis: plotly places lines there by the value, annotations by its logarithm."""
    return math.log10(value)


def layout(theme: Theme) -> dict[str, Any]:
    colors = THEMES[theme]
    axis = {"gridcolor": colors.grid, "linecolor": colors.grid, "zeroline": False, "automargin": True}
    axis |= {"separatethousands": True, "exponentformat": "none"}
    return {
        "paper_bgcolor": colors.background,
        "plot_bgcolor": colors.background,
        "font": {"color": colors.text, "size": 13},
        "margin": {"l": 70, "r": 24, "t": 64, "b": 56},
        "xaxis": axis,
        "yaxis": axis,
    }
