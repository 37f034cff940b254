"""The chosen runs on one chart, and the way to the experiment page with them."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from ef21lab.address.links import linked
from ef21lab.choices.fields import Choice
from ef21lab.choices.markup import plotly
from ef21lab.choices.text import Language, Refusal, Text, same
from ef21lab.plots.figures import AXES, Theme, convergence
from ef21lab.plots.offline import alone
from ef21lab.plots.palette import lines
from ef21lab.reports.data import Reported
from ef21lab.runs.caption import apart
from ef21lab.runs.names import drawn_as
from ef21lab.ui.kit import language, place
from ef21lab.ui.kit.figure import draw
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.kit.theme import theme


def show(runs: Sequence[Reported], link: Link) -> None:
    """Their curves, told apart by all that sets them apart, and a link that opens them where one page can show them."""
    axis, spoken = _axis(link), language.current()
    draw("overlay", _figure(runs, axis, spoken, theme()))
    name = f"ef21lab-{runs[0].spec.key[:8]}-figure"
    with st.container(horizontal=True, vertical_alignment="center"):
        try:
            st.link_button(say(OPEN), linked([run.spec for run in runs], place.lab()), icon=":material/open_in_new:")
        except Refusal as refusal:
            st.caption(say(NOT_TOGETHER.format(why=refusal.text)))
        st.download_button(
            say(FIGURE),
            lambda: alone(_figure(runs, axis, spoken, "light"), name, spoken),
            f"{name}.html",
            "text/html",
            icon=":material/show_chart:",
            on_click="ignore",
            help=say(WHAT_IT_SAVES),
        )


def _figure(runs: Sequence[Reported], axis: str, spoken: Language, colors: Theme) -> go.Figure:
    names = [plotly(name(spoken)) for name in apart([run.spec for run in runs])]
    looks = lines([drawn_as(run.spec) for run in runs])
    return convergence([run.trace for run in runs], names, looks, "grad_norm_sq", axis, spoken, colors)  # type: ignore[arg-type]


def _axis(link: Link) -> str:
    labels = {name: plain(words) for name, words in AXES.items()}
    current = link.current("against", "bits_up", Choice(AGAINST, same(""), dict(AXES)))
    at = link.among("against", current, labels)
    value = str(st.selectbox(say(AGAINST), list(labels), **at, format_func=labels.__getitem__, width=280))
    link.hold("against", value, "bits_up")
    return value


AGAINST = Text("‖∇f‖² against", "‖∇f‖² в зависимости от")
FIGURE = Text("Figure", "График")
WHAT_IT_SAVES = Text(
    "The chart alone, with these curves on this axis: a page that needs no network and saves it as PNG or SVG. The camera on the chart "
    "saves a PNG as it is here.",
    "Только этот график, с этими кривыми и этой осью: страница, которой не нужна сеть; она сохраняет его в PNG или SVG. Камера на самом "
    "графике сохраняет PNG, как здесь.",
)
OPEN = Text("Open on the experiment page", "Открыть на странице эксперимента")
NOT_TOGETHER = Text("One experiment cannot show them together: {why}.", "Одним экспериментом их не показать: {why}.")
