"""Figures of the theorems: what a certified α buys, as curves, with the contenders marked on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from ef21lab import theory
from ef21lab.choices.line import Line
from ef21lab.choices.text import Language, Text, same
from ef21lab.plots.figures import GUIDE, LOG_SCALE, THEMES, Theme, layout, log_place

ALPHA = same("α")
THETA, BETA = same("θ = 1 − √(1 − α)"), same("β = (1 − α)/θ")
SHARES = Text("θ and β", "θ и β")
RELATIVE_STEP = same("γL")
QUADRATIC = Text("EF21, Theorem 1 (2021), with L̃", "EF21, теорема 1 (2021), с L̃")
ARITHMETIC = Text("the same with L̄ (2024)", "то же с L̄ (2024)")
POLYAK = Text("EF21, Theorem 2 (Polyak–Łojasiewicz)", "EF21, теорема 2 (Поляк — Лоясевич)")
EXACT = Text("the exact rate (2026), for strongly convex fᵢ", "точная скорость (2026), для сильно выпуклых fᵢ")
OF_THE_RUN = Text("{label}: the run's step", "{label}: шаг запуска")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "star", "hexagon")  # of the contenders, so that they differ in grey too
LOWEST = 1e-4  # α at the left edge, unless a contender's is smaller
NEAR_ONE = 1e-4  # 1 − α at the right end of a curve: β falls to zero there


class StepConstants(NamedTuple):
    """What the steps need of a problem."""

    L: float  # of f
    L_tilde: float  # quadratic mean of the Lᵢ
    L_bar: float  # their arithmetic mean
    mu: float | None  # Polyak–Łojasiewicz; None where there is none
    L_max: float  # the largest of the Lᵢ
    common_mu: float | None  # strong convexity of every fᵢ; None where there is none


class Mark(NamedTuple):
    """A contender with a certificate: its α, the step of its method's theorem (None without one) and the step it runs with."""

    label: str
    alpha: float
    gamma: float | None
    run: float
    line: Line


def contraction(marks: Sequence[Mark], language: Language = "en", theme: Theme = "light") -> go.Figure:
    """θ and β over α, both axes logarithmic; every contender is marked on both curves at its α."""
    grid, figure = _grid(marks), go.Figure()
    for name, formula, dash in ((THETA, theory.theta, "solid"), (BETA, theory.beta, "dash")):
        figure.add_scatter(x=grid, y=_over(grid, formula), **_curve(name(language), dash, theme))
    lowest = theory.beta(float(grid[-1]))
    for place, mark in enumerate(marks):
        beta = theory.beta(mark.alpha)
        heights = [theory.theta(mark.alpha), beta if beta >= lowest else None]  # what rounding alone leaves of β is off the curve
        figure.add_scatter(x=[mark.alpha] * 2, y=heights, name=mark.label, mode="markers", marker=_marker(mark, place))
    return _finished(figure, SHARES(language), language, theme)


def steps(constants: StepConstants, marks: Sequence[Mark], language: Language = "en", theme: Theme = "light") -> go.Figure:
    """γL over α by every theorem about EF21; a contender's own theorem as a full marker, the step of its run, where another, as a ring."""
    L, grid, figure = constants.L, _grid(marks), go.Figure()
    for (name, formula), dash in zip(_theorems(constants), ("solid", "dash", "dot", "dashdot"), strict=False):
        figure.add_scatter(x=grid, y=L * _over(grid, formula), **_curve(name(language), dash, theme))
    for place, mark in enumerate(marks):
        shared = {"x": [mark.alpha], "mode": "markers", "legendgroup": str(place)}
        if mark.gamma is not None:
            figure.add_scatter(y=[mark.gamma * L], name=mark.label, marker=_marker(mark, place), **shared)
        if mark.run != mark.gamma:
            words, ring = OF_THE_RUN.format(label=mark.label), _marker(mark, place, open=True)
            figure.add_scatter(y=[mark.run * L], name=words(language), marker=ring, showlegend=mark.gamma is None, **shared)
    figure.add_hline(y=1.0, line=GUIDE)
    figure.add_annotation(text="1/L", xref="paper", x=0.0, xanchor="left", y=log_place(1.0), yanchor="bottom", showarrow=False)
    return _finished(figure, RELATIVE_STEP(language), language, theme)


def _theorems(constants: StepConstants) -> list[tuple[Text, Callable[[float], float]]]:
    """The theorems that hold for this problem: γ as a function of α."""
    L, L_tilde, L_bar, mu, L_max, common_mu = constants
    found: list[tuple[Text, Callable[[float], float]]] = [
        (QUADRATIC, lambda alpha: theory.ef21_step(L, L_tilde, alpha)),
        (ARITHMETIC, lambda alpha: theory.ef21_step(L, L_bar, alpha)),
    ]
    if mu is not None:
        found.append((POLYAK, lambda alpha: theory.ef21_pl_step(L, L_tilde, alpha, mu)))
    if common_mu is not None:
        found.append((EXACT, lambda alpha: theory.tight_step(L_max, common_mu, alpha)))
    return found


def _grid(marks: Sequence[Mark]) -> np.ndarray:
    """α from the left edge to just below 1, evenly on a log scale, then ever closer to 1."""
    lowest = min([LOWEST, *(mark.alpha / 3 for mark in marks)])
    return np.concatenate([np.geomspace(lowest, 0.9, 200), 1 - np.geomspace(0.1, NEAR_ONE, 60)[1:]])


def _over(grid: np.ndarray, formula: Callable[[float], float]) -> np.ndarray:
    return np.array([formula(float(alpha)) for alpha in grid])


def _curve(name: str, dash: str, theme: Theme) -> dict[str, Any]:
    return {"name": name, "mode": "lines", "line": {"color": THEMES[theme].text, "dash": dash, "width": 1.6}}


def _marker(mark: Mark, place: int, *, open: bool = False) -> dict[str, Any]:
    symbol = SYMBOLS[place % len(SYMBOLS)]
    return {"color": mark.line.color, "size": 12, "symbol": f"{symbol}-open" if open else symbol, "line": {"width": 2 if open else 0}}


def _finished(figure: go.Figure, height: str, language: Language, theme: Theme) -> go.Figure:
    """Logarithmic axes on the page's own background, the legend above the plot in as many rows as it needs."""
    clear = "rgba(0, 0, 0, 0)"
    above = {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
    figure.update_layout(**{**layout(theme), "paper_bgcolor": clear, "plot_bgcolor": clear}, height=560, legend=above)
    figure.update_xaxes(title=LOG_SCALE.format(name=ALPHA)(language), type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(title=LOG_SCALE.format(name=height)(language), type="log", exponentformat="power", dtick=1)
    return figure
