"""Curves as plain SVG and HTML, for where there is no plotly yet: drawn by any browser, before any script has run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ef21lab.choices.line import Line
from ef21lab.choices.numerals import SUPERSCRIPTS
from ef21lab.choices.text import Language, count, number
from ef21lab.plots.figures import Points

SIDE = 1000  # units of the drawing, which is stretched over its place: strokes and words keep their size
MOST, FEW = 400, 80  # points of a curve, and of a faint one
MARGIN = 0.04  # of the decades in sight, above and below
TICKS = 5  # numbers along the horizontal axis, about
DASHES = {"solid": "", "dash": "9 9", "dot": "3 3", "dashdot": "9 3 3 3", "longdash": "15 15", "longdashdot": "15 6 3 6"}  # pixels


class Sketched(NamedTuple):
    """A curve and how it is drawn, its colour as CSS says it; a faint one stands behind the others."""

    points: Points
    line: Line
    faint: bool = False


class AxisScale(NamedTuple):
    """An axis: what it begins and ends with, as powers of ten where it is logarithmic."""

    low: float
    high: float
    logarithmic: bool

    @staticmethod
    def of(least: float, greatest: float, *, logarithmic: bool, margin: float = 0.0) -> AxisScale:
        low, high = (math.log10(least), math.log10(greatest)) if logarithmic else (least, greatest)
        room = margin * max(high - low, 1.0)
        return AxisScale(low - room, high + room if high + room > low - room else low + 1.0, logarithmic)

    def shares(self, values: np.ndarray) -> np.ndarray:
        """How far along the axis they lie: 0 at its beginning, 1 at its end."""
        return ((np.log10(values) if self.logarithmic else values) - self.low) / (self.high - self.low)

    def marks(self, language: Language) -> dict[float, str]:
        """By their places, the numbers that stand beside it: about ten decades, or a few round numbers."""
        if self.logarithmic:
            apart = max(1, math.ceil((self.high - self.low) / 10))
            powers = [power for power in range(math.ceil(self.low), math.floor(self.high) + 1) if power % apart == 0]
            return {(power - self.low) / (self.high - self.low): f"10{str(power).translate(SUPERSCRIPTS)}" for power in powers}
        power = 10.0 ** math.floor(math.log10(self.high / TICKS))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= self.high / TICKS)
        return {
            place * step / self.high: (count if step >= 1 else number)(place * step)(language)
            for place in range(math.floor(self.high / step) + 1)
        }


def sketch(curves: Sequence[Sketched], language: Language, *, log_x: bool = False) -> str:
    """A logarithmic height over an axis from 0, or one that is logarithmic too: the curves, and numbers along both axes, in a block that
    fills its place; empty without points."""
    seen = [_seen(curve, log_x) for curve in curves]
    bold = [curve for curve in seen if not curve.faint and len(curve.points.x)]
    if not bold:
        return ""
    x, y = (np.concatenate([curve.points[at] for curve in seen]) for at in (0, 1))
    top = max(float(curve.points.y.max()) for curve in bold)
    across = AxisScale.of(float(x.min()) if log_x else 0.0, float(x.max()), logarithmic=log_x)
    up = AxisScale.of(float(y.min()), top, logarithmic=True, margin=MARGIN)
    rules = "".join(f'<line x1="0" x2="{SIDE}" y1="{_down(at)}" y2="{_down(at)}" class="rule"/>' for at in up.marks(language))
    lines = "".join(_line(curve, across, up) for curve in sorted(seen, key=lambda curve: not curve.faint))
    beside = "".join(f'<span class="tick y" style="top:{1 - at:.2%}">{words}</span>' for at, words in up.marks(language).items())
    under = "".join(f'<span class="tick x" style="left:{at:.2%}">{words}</span>' for at, words in across.marks(language).items())
    drawing = f'<svg viewBox="0 0 {SIDE} {SIDE}" preserveAspectRatio="none" aria-hidden="true">{rules}{lines}</svg>'
    return f'<div class="sketch">{drawing}{beside}{under}</div>'


def sample(line: Line) -> str:
    """A piece of a line, for beside its name."""
    dash = f' stroke-dasharray="{DASHES[line.dash]}"' if DASHES[line.dash] else ""
    return f'<svg class="sample" viewBox="0 0 34 10" aria-hidden="true"><path d="M0 5H34" class="curve" stroke="{line.color}"{dash}/></svg>'


def _seen(curve: Sketched, log_x: bool) -> Sketched:
    """What of it the axes can show."""
    shown = curve.points.x > 0 if log_x else np.full(len(curve.points.x), True)
    return curve._replace(points=Points(curve.points.x[shown], curve.points.y[shown]))


def _line(curve: Sketched, across: AxisScale, up: AxisScale) -> str:
    x, y = curve.points
    kept = _some(len(x), FEW if curve.faint else MOST, across.logarithmic)
    points = " ".join(f"{SIDE * at:.0f},{_down(height)}" for at, height in zip(across.shares(x[kept]), up.shares(y[kept]), strict=True))
    dash = "" if curve.faint or not DASHES[curve.line.dash] else f' stroke-dasharray="{DASHES[curve.line.dash]}"'
    return f'<polyline points="{points}" class="{"faint" if curve.faint else "curve"}" stroke="{curve.line.color}"{dash}/>'


def _some(n: int, most: int, logarithmic: bool) -> np.ndarray:
    """Which of n points are drawn, both ends among them: as dense everywhere as the axis is."""
    if n <= most:
        return np.arange(n)
    return np.unique((np.geomspace(1, n, most) - 1 if logarithmic else np.linspace(0, n - 1, most)).round().astype(int))


def _down(share: float) -> int:
    """How far down the drawing a height lies; what is above it by a little more than its top."""
    return round(SIDE * min(1.1, max(-0.1, 1 - share)))
