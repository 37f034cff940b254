"""Figures of finished runs: pure functions of traces and snapshots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ef21lab.channels.snapshot import Snapshot
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
RELATIVE_ERROR = Text("relative error ‖C(v) − v‖ / ‖v‖", "относительная ошибка ‖C(v) − v‖ / ‖v‖")
ROUND, NODE = Text("round", "раунд"), Text("node", "узел")
PARTS = (
    Text("wanted: v", "хотел передать: v"),
    Text("received: C(v)", "дошло: C(v)"),
    Text("error: wanted − received", "ошибка: разность"),
)
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


def error_heatmap(trace: Trace, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """The relative error of every message: nodes down, rounds across; empty where nothing was sent."""
    errors = np.sqrt(trace.contraction).T  # (nodes, records)
    bar = {"title": {"text": RELATIVE_ERROR(language), "side": "right"}}
    cells = go.Heatmap(x=trace["round"], y=np.arange(len(errors)), z=errors, zmin=0, zmax=1, colorscale="Cividis", colorbar=bar)
    figure = go.Figure(cells)
    figure.update_layout(**layout(theme))
    figure.update_xaxes(title_text=ROUND(language), showgrid=False)
    figure.update_yaxes(title_text=NODE(language), autorange="reversed", showgrid=False)
    return figure


def folded(
    snapshot: Snapshot, node: int, dims: Sequence[int], slice: int = 0, language: Language = "en", theme: Theme = "light"
) -> go.Figure:
    """One message as a slice of a tensor over its last two dims: wanted, received and their difference on one scale, zero in its middle."""
    row = int(np.flatnonzero(snapshot.nodes == node)[0])
    wanted, received = snapshot.wanted[row], snapshot.received[row]
    vectors = (wanted, received, wanted - received)
    largest = float(max(np.abs(vector).max() for vector in vectors)) or 1.0
    figure = make_subplots(rows=1, cols=3, subplot_titles=[part(language) for part in PARTS], horizontal_spacing=0.04)
    for column, vector in enumerate(vectors, start=1):
        figure.add_heatmap(z=_slice(vector, dims, slice), coloraxis="coloraxis", row=1, col=column)
    scale = {"cmin": -largest, "cmax": largest, "colorscale": list(THEMES[theme].signed)}
    figure.update_layout(**layout(theme), coloraxis=scale)
    figure.update_xaxes(showgrid=False, showticklabels=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, showticklabels=False)
    return figure


def _slice(vector: np.ndarray, dims: Sequence[int], slice: int) -> np.ndarray:
    """Slice number `slice` of the folded vector: its last two dims (one row for order 1); nan where the fold is padded."""
    rows, columns = (1, *dims)[-2:]
    padded = np.full(math.prod(dims), np.nan, dtype=np.float32)
    padded[: len(vector)] = vector
    return padded.reshape(-1, rows, columns)[slice]


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
