"""The library: all finished runs of the record, found, laid over one another, marked, taken home and brought in."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ef21lab.choices.text import Refusal, Text
from ef21lab.jobs.catalogue import COMMON, Query
from ef21lab.jobs.taken import finished
from ef21lab.reports.data import Reported
from ef21lab.ui.kit import language, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.runs import carrying, filters, marking, overlay, rows, whose

TITLE = Text("Runs", "Запуски")
ICON = ":material/folder_open:"
ORDER = 6

WHAT_TO_SEE = Text(
    "Nothing that was computed is lost: every finished run of this lab, whoever asked for it. Choose some, and see them on one chart.",
    "Ничего из вычисленного не пропадает: здесь все завершённые запуски этой лаборатории, кто бы их ни запросил. Отметьте несколько — "
    "и увидите их на одном графике.",
)


def render() -> None:
    link = Link()
    store, owner = visitor.lab().store, whose.owner()
    with st.sidebar:
        language.switch()
        query = filters.controls(link, owner, store.marks.tags(owner))
        whose.offer_token()
    whose.remember()
    st.markdown(say(WHAT_TO_SEE))
    if notice := visitor.lab().notice:
        st.warning(say(notice), icon=":material/database:")
    for complaint in link.complaints:
        st.warning(say(complaint), icon=":material/link_off:")
    marking.outcome()
    if chosen := rows.chosen():
        _chosen(chosen, link)
    _list(query, link)
    carrying.uploader()
    link.write()


def _list(query: Query, link: Link) -> None:
    """The runs of one page of those that were asked for."""
    store = visitor.lab().store
    runs = store.catalogue.count(query)
    if not runs:
        st.info(say(NOTHING_FOUND if store.catalogue.count(Query()) else NOTHING_YET), icon=":material/search_off:")
        return
    first = filters.page(link, runs)
    found = store.catalogue.find(query, first, filters.ON_A_PAGE)
    keys = [run.key for run in found]
    st.caption(say(rows.how_many(first, len(found), runs)))
    rows.draw(found, store.marks.of(query.owner, keys), store.marks.of(COMMON, keys))


def _chosen(keys: Sequence[str], link: Link) -> None:
    """What there is to see of the chosen runs, and to do with them."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(say(CHOSEN.format(n=len(keys))))
            st.button(say(NONE_OF_THEM), icon=":material/close:", on_click=rows.forget)
        try:
            runs = [Reported(*run) for run in finished(visitor.lab().store, keys)]
        except Refusal as refusal:
            st.error(say(refusal.text))
        else:
            overlay.show(runs, link)
            carrying.downloads(runs)
        marking.offer(keys)


NOTHING_YET = Text(
    "No run has finished yet. Open the Experiment page: what it computes is kept here.",
    "Ещё ни один запуск не завершён. Откройте страницу «Эксперимент»: всё, что она вычислит, останется здесь.",
)
NOTHING_FOUND = Text("No finished run is like that.", "Таких завершённых запусков нет.")
CHOSEN = Text("**{n:run|runs} chosen**", "**Отмечено: {n:запуск|запуска|запусков}**")
NONE_OF_THEM = Text("Choose none", "Снять отметки")


if __name__ in ("__main__", "__page__"):
    render()
