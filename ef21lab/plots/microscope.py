"""Figures of one vector: spectra of its folds, what every operator makes of it, and which ranks are best."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from ef21lab.choices.line import Drawn, Line
from ef21lab.choices.text import Language, Text
from ef21lab.plots.figures import GUIDE, LOG_SCALE, THEMES, Theme, layout, log_place
from ef21lab.plots.palette import lines

SINGULAR = Text("σ / σ₁", "σ / σ₁")
PLACE = Text("singular value number", "номер сингулярного числа")
MODE = Text("mode {mode} (side {side})", "мода {mode} (сторона {side})")
BITS = Text("bits a message", "бит на сообщение")
ERROR = Text("relative error", "относительная ошибка")
BUDGET = Text("budget", "бюджет")
BEST = Text("the best within the budget", "лучшее в пределах бюджета")
RANK = Text("rank of mode {mode}", "ранг моды {mode}")
TINY = 1e-9  # errors below this are float32's own rounding; a log axis ends there
FAR = 1e-4  # errors below this do not stretch the picture
MODE_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c564b", "#7f7f7f")
DASHED = {"solid": (30, 0), "dash": (9, 4), "dot": (3, 3), "dashdot": (7, 2), "longdash": (13, 4), "longdashdot": (12, 2)}  # pixels on, off
COLUMNS = (
    "display: grid; grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); gap: 0.1rem 0.75rem; "
    "list-style: none; padding: 0; margin: 0; font-size: 0.8rem;"
)


class DrawnCurve(NamedTuple):
    """What one operator can do: bits and errors of its strengths, and of the best setting within the budget, if any."""

    operator: Drawn
    label: str
    bits: np.ndarray
    error: np.ndarray
    best: tuple[float, float] | None = None


def spectra(
    dims: Sequence[int],
    values: Sequence[np.ndarray],
    cuts: Sequence[int] | None,
    language: Language = "en",
    theme: Theme = "light",
) -> go.Figure:
    """Singular values of every unfolding of a tensor, each relative to its largest; a ring marks the last one kept."""
    figure = go.Figure()
    for mode, (side, found) in enumerate(zip(dims, values, strict=True)):
        relative = np.maximum(found / (found[0] or 1.0), TINY)
        color = MODE_COLORS[mode % len(MODE_COLORS)]
        name = MODE.format(mode=mode + 1, side=side)(language)
        figure.add_scatter(x=np.arange(1, len(relative) + 1), y=relative, mode="lines+markers", name=name, line={"color": color})
        if cuts and cuts[mode] <= len(relative):
            ring = {"size": 15, "color": color, "symbol": "circle-open", "line": {"width": 3}}
            figure.add_scatter(x=[cuts[mode]], y=[relative[cuts[mode] - 1]], mode="markers", marker=ring, showlegend=False, name=name)
    figure.update_layout(**_on_page(theme), height=320, legend=_legend())
    figure.update_xaxes(title=PLACE(language), dtick=1 if max(map(len, values)) <= 12 else None)
    ticks = _decades_apart(min(float(np.min(found / (found[0] or 1.0))) for found in values))
    figure.update_yaxes(title=LOG_SCALE.format(name=SINGULAR)(language), type="log", exponentformat="power", dtick=ticks)
    return figure


def _decades_apart(least: float) -> int | str | None:
    """What stands between the ticks from 1 down to `least`: whole decades where there are many, 1, 2 and 5 within a few."""
    decades = -math.log10(max(least, TINY))
    return max(1, math.ceil(decades / 8)) if decades > 2.2 else "D2" if decades > 0.9 else None


def frontier(curves: Sequence[DrawnCurve], budget: float, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Error against bits, a curve for each operator, a star where its best setting within the budget lies, the budget as a vertical line.

    Which curve is whose stands in `legend`: so many names leave no room for a plot on a phone.
    """
    figure = go.Figure()
    for curve, style in zip(curves, _looks(curves), strict=True):
        line = {"color": style.color, "dash": style.dash}
        error = np.maximum(curve.error, TINY)
        mode = "lines+markers" if len(curve.bits) > 1 else "markers"
        figure.add_scatter(x=curve.bits, y=error, mode=mode, name=curve.label, line=line, marker={"color": style.color, "size": 5})
        if curve.best is not None:
            star = {"symbol": "star", "size": 13, "color": style.color, "line": {"width": 1, "color": THEMES[theme].text}}
            (at, reached), name = curve.best, f"{curve.label}: {BEST(language)}"
            figure.add_scatter(x=[at], y=[max(reached, TINY)], mode="markers", marker=star, name=name)
    figure.add_vline(x=budget, line=GUIDE)
    figure.add_annotation(text=BUDGET(language), x=log_place(budget), yref="paper", y=1.0, yanchor="bottom", showarrow=False)
    figure.update_layout(**_on_page(theme), height=460, showlegend=False, hovermode="closest")
    figure.update_layout(margin_t=24)
    small = {"size": 12}  # a phone is no wider than the words
    figure.update_xaxes(title={"text": LOG_SCALE.format(name=BITS)(language), "font": small}, type="log", exponentformat="power")
    errors = [np.append(curve.error, curve.best[1:] if curve.best else ()) for curve in curves]
    lowest = min((float(np.min(error[error > FAR], initial=1.0)) for error in errors), default=1.0)
    shown = [np.log10(lowest) - 0.2, 0.2]  # what is exact but for rounding lies below; zooming out shows it
    figure.update_yaxes(
        title={"text": LOG_SCALE.format(name=ERROR)(language), "font": small}, type="log", exponentformat="power", range=shown
    )
    return figure


def legend(curves: Sequence[DrawnCurve]) -> str:
    """Whose curve is which, as HTML in as many columns as fit: a piece of the line and the name."""
    lines = (_swatch(curve.label, style) for curve, style in zip(curves, _looks(curves), strict=True))
    return f'<ul style="{COLUMNS}">{"".join(lines)}</ul>'


def _swatch(label: str, style: Line) -> str:
    on, off = DASHED[style.dash]
    line = f"width: 30px; flex: none; border-top: 3px solid; border-image: repeating-linear-gradient(90deg, {style.color} 0 {on}px, "
    line += f"transparent {on}px {on + off}px) 1;"
    return (
        f'<li style="display: flex; gap: 0.5rem; align-items: center;"><span style="{line}"></span><span>{html.escape(label)}</span></li>'
    )


def _looks(curves: Sequence[DrawnCurve]) -> list[Line]:
    return lines([curve.operator for curve in curves])


def rank_grid(grid: Mapping[str, Any], budget: float, language: Language = "en", theme: Theme = "light") -> go.Figure:
    """Error over the first two ranks of a fold; the white line is where a message costs the budget, the star is the best within it."""
    figure = go.Figure()
    scale = {"title": {"text": ERROR(language), "side": "right"}}
    figure.add_heatmap(x=grid["second"], y=grid["first"], z=grid["error"], colorscale="Cividis", zmin=0, zmax=1, colorbar=scale)
    bits = np.asarray(grid["bits"], dtype=float)
    if bits.min() < budget < bits.max():
        figure.add_contour(
            x=grid["second"],
            y=grid["first"],
            z=bits,
            showscale=False,
            contours={"type": "constraint", "operation": "=", "value": budget},
            line={"color": "white", "width": 3},
            name=BUDGET(language),
        )
    if grid["best"]:
        first, second = grid["best"]
        star = {"symbol": "star", "size": 16, "color": "#ffffff", "line": {"width": 2, "color": "#000000"}}
        figure.add_scatter(x=[second], y=[first], mode="markers", marker=star, name=BEST(language), cliponaxis=False)
    figure.update_layout(**_on_page(theme), height=360, showlegend=False)
    figure.update_xaxes(title=RANK.format(mode=2)(language))
    figure.update_yaxes(title=RANK.format(mode=1)(language))
    return figure


def _on_page(theme: Theme) -> dict[str, Any]:
    """The layout on the page's own background."""
    clear = "rgba(0, 0, 0, 0)"
    return {**layout(theme), "paper_bgcolor": clear, "plot_bgcolor": clear}


def _legend() -> dict[str, Any]:
    return {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
