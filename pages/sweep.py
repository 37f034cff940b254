"""The sweep: a grid of contenders, strengths, steps, starts and problems, computed by the lab, and who wins on it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ef21lab.choices.fields import Choice
from ef21lab.choices.text import Text, same
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.experiment import problem
from ef21lab.ui.kit import language, visitor
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep import grid, panel, racing

TITLE = Text("Sweep", "Перебор")
ICON = ":material/grid_on:"
ORDER = 4

WHAT_TO_SEE = Text(
    "A fair comparison gives every contender **its own best step and strength**, over several starts. Choose the values and start: "
    "every combination is computed once, and what is known already is not computed again.",
    "В честном сравнении у каждого участника **свой лучший шаг и своя лучшая сила сжатия**, и так с нескольких стартов. Задайте значения и "
    "запустите перебор: каждое сочетание считается один раз, а уже известное не считается заново.",
)

PARTS: dict[str, tuple[Text, Callable[[RunSpec, Facts, Link], None]]] = {  # what the page can do with a problem, by its word in the address
    "grid": (Text("A grid", "Сетка"), panel.show),
    "everything": (Text("Race everything", "Гонка всех"), racing.show),
}
PART = "part"


def render() -> None:
    link = Link()
    with st.sidebar:
        language.switch()
        posed = problem.controls(link, along=grid.along)
        facts = problem.facts(posed)
    st.markdown(say(WHAT_TO_SEE))
    if notice := visitor.lab().notice:
        st.warning(say(notice), icon=":material/database:")
    above = st.container()
    part = _part(link)
    if facts:
        PARTS[part][1](posed, facts, link)
    for complaint in link.complaints:
        above.warning(say(complaint), icon=":material/link_off:")
    link.write(whole=facts is not None)


def _part(link: Link) -> str:
    """What of it is shown."""
    first = next(iter(PARTS))
    labels = {name: plain(words) for name, (words, _) in PARTS.items()}
    field = Choice(WHICH, same(""), {name: words for name, (words, _) in PARTS.items()})
    current = link.current(PART, first, field)
    if len(PARTS) > 1:
        at = link.at(PART, current, default="default")
        current = st.segmented_control(
            say(WHICH), list(labels), **at, format_func=labels.__getitem__, label_visibility="collapsed", required=True
        )
    link.hold(PART, current, first)
    return str(current)


WHICH = Text("What is computed", "Что считать")


if __name__ in ("__main__", "__page__"):
    render()
