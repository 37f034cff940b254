"""Traces as one figure of plotly, for a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Language, Refusal, Text
from ef21lab.runs.names import drawn_as, titles
from ef21lab.runs.trace import Trace

if TYPE_CHECKING:
    from ef21lab.plots.bands import Figure

AXES = ("bits_up", "floats_up", "bits_down", "round", "seconds")


def plot(
    traces: Trace | Iterable[Trace], metric: str = "grad_norm_sq", axis: str = "bits_up", language: Language = "en", theme: Any = "light"
) -> Figure:
    """Curves of a metric over bits, floats, rounds or seconds, each in the colour and the dash that it has on the pages.

    Raises Refusal for a metric or an axis that there is not.
    """
    from ef21lab.plots.bands import BandCurve, banded

    found = [traces] if isinstance(traces, Trace) else [*traces]
    metrics = sorted({name for trace in found for name in trace.columns} - {*AXES})
    if metric not in metrics:
        raise Refusal(NO_SUCH.format(what="metric", given=shown(metric), known=", ".join(metrics)))
    if axis not in AXES:
        raise Refusal(NO_SUCH.format(what="axis", given=shown(axis), known=", ".join(AXES)))
    specs = [trace.spec for trace in found if trace.spec is not None]
    named = iter(titles(specs))
    curves = []
    for trace in found:
        values = trace.columns.get(metric, np.full(len(trace), np.nan))
        curves.append(BandCurve(NAMELESS if trace.spec is None else next(named), trace[axis], values, values, values, 1))
    return banded(
        curves, [_Unknown() if trace.spec is None else drawn_as(trace.spec) for trace in found], metric, axis, (0, 1), language, theme
    )


class _Unknown:
    """The line of a trace whose run is not known."""

    name, line = "trace", None


NAMELESS = Text("run", "запуск")
NO_SUCH = Text("{what}={given}: one of {known}", "{what}={given}: возможны {known}")
