"""Figures: what has been published, computed again with one click, and which of its claims hold."""

from __future__ import annotations

import streamlit as st

from ef21lab.address.controls import LABELS
from ef21lab.choices.text import Refusal, Text
from ef21lab.figures.base import Figure, figures
from ef21lab.ui.figures import overview, panel
from ef21lab.ui.figures.reading import runs_of
from ef21lab.ui.kit import forms, language, refused, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link

TITLE = Text("Figures", "Рисунки")
ICON = ":material/science:"
ORDER = 8

WHAT_TO_SEE = Text(
    "Figures and claims of the literature, **computed again** here with one click: who has claimed what, what was measured, and whether "
    "it holds.",
    "Рисунки и утверждения из статей, **посчитанные заново** одним нажатием: кто и что утверждал, что измерено и подтвердилось ли это.",
)


def render() -> None:
    link = Link()
    context = forms.Context(link)
    first = figures.make(next(iter(figures.members)))
    with st.sidebar:
        language.switch()
        kind = forms.menu(figures, "figure", first, context, label=LABELS["figure"])
        figure = forms.fields(kind, "figure", first, context)
    st.markdown(say(WHAT_TO_SEE))
    st.subheader(say(figure.label))
    st.markdown(say(figure.about))
    st.caption(say(figure.source))
    try:
        _show(figure)
    except Refusal as refusal:
        refused.tell(refusal)
    for complaint in link.complaints:
        st.warning(say(complaint), icon=":material/link_off:")
    link.write()


def _show(figure: Figure) -> None:
    """Raises Refusal where it cannot be computed here."""
    if why := figure.absence():
        raise Refusal(why)
    facts = visitor.facts(figure.problem())
    panel.show(figure, facts, runs_of(figure, facts))
    if figure.cases():
        overview.show(figure)


if __name__ in ("__main__", "__page__"):
    render()
