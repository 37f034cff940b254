"""The experiment: a problem, up to six contenders, and what happens, live."""

from __future__ import annotations

import streamlit as st

from ef21lab.choices.text import Text
from ef21lab.ui.experiment import contenders, entries, held, live_panel, presets, problem, repeating, stage, take_away, teaching
from ef21lab.ui.kit import language, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link

TITLE = Text("Experiment", "Эксперимент")
ICON = ":material/show_chart:"
ORDER = 0

WHAT_TO_SEE = Text(
    "**EF21**: every round each node sends a **compressed difference** C(∇fᵢ − gᵢ) instead of its gradient. "
    "Which message buys the most accuracy for what it costs? Move a slider: the curves answer.",
    "**EF21**: в каждом раунде каждый узел посылает не градиент, а **сжатую разность** C(∇fᵢ − gᵢ). "
    "Какое сообщение даёт больше точности за свою цену? Подвиньте ползунок: кривые ответят.",
)


def render() -> None:
    link = Link()
    live_panel.prepare()
    present = stage.presents(link)
    with st.sidebar:
        language.switch()
        posed = problem.controls(link)
        facts = problem.facts(posed)
        repeats = repeating.controls(posed, link) if facts else 1
        racing = contenders.race(posed, facts, link) if facts else []
        if racing:
            held.switch(racing, link, repeats)
    way_back = presets.menu(link, otherwise=WHAT_TO_SEE)
    if notice := visitor.lab().notice:
        st.warning(say(notice), icon=":material/database:")
    above = st.container()
    if racing:
        _show(racing, link, repeats, present)
    for complaint in link.complaints:
        above.warning(say(complaint), icon=":material/link_off:")
    presets.way_back(link, way_back)
    link.write(whole=facts is not None)


def _show(racing: list[contenders.Contender], link: Link, repeats: int, present: bool) -> None:
    """The runs of all contenders that can race, live, and what to take home."""
    accepted = entries.entered(racing, link, repeats)
    contenders.name_panels(racing, [entry.contender for entry in accepted])
    shown = live_panel.controls(racing[0].spec, link)
    if accepted:
        live_panel.draw(accepted, shown, link, present)
        take_away.offer(accepted, link)
        teaching.offer(accepted, shown, link)
    else:
        live_panel.keep(link)


if __name__ in ("__main__", "__page__"):
    render()
