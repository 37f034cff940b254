"""The chosen runs on one chart, and the way to the experiment page with them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ef21lab.address.links import link as link_to
from ef21lab.choices.fields import Choice
from ef21lab.choices.markup import plotly
from ef21lab.choices.text import Refusal, Text, same
from ef21lab.plots.figures import AXES, convergence
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
    names = [plotly(name(language.current())) for name in apart([run.spec for run in runs])]
    axis = _axis(link)
    looks = lines([drawn_as(run.spec) for run in runs])
    figure = convergence([run.trace for run in runs], names, looks, "grad_norm_sq", axis, language.current(), theme())  # type: ignore[arg-type]
    draw("overlay", figure)
    try:
        st.link_button(say(OPEN), link_to([run.spec for run in runs], place.lab()), icon=":material/open_in_new:")
    except Refusal as refusal:
        st.caption(say(NOT_TOGETHER.format(why=refusal.text)))


def _axis(link: Link) -> str:
    labels = {name: plain(words) for name, words in AXES.items()}
    current = link.current("against", "bits_up", Choice(AGAINST, same(""), dict(AXES)))
    at = link.among("against", current, labels)
    value = str(st.selectbox(say(AGAINST), list(labels), **at, format_func=labels.__getitem__, width=280))
    link.hold("against", value, "bits_up")
    return value


AGAINST = Text("‖∇f‖² against", "‖∇f‖² в зависимости от")
OPEN = Text("Open on the experiment page", "Открыть на странице эксперимента")
NOT_TOGETHER = Text("One experiment cannot show them together: {why}.", "Одним экспериментом их не показать: {why}.")
