"""Chosen runs as files, and reports that come in."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text, quoted, same
from ef21lab.reports.data import Reported
from ef21lab.reports.page import report
from ef21lab.reports.parquet import is_possible, parquet
from ef21lab.reports.read import runs_in
from ef21lab.runs.tidy import tidy
from ef21lab.ui.kit import language, place, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.runs import marking, whose

FILE = "runs.report"


def downloads(runs: Sequence[Reported]) -> None:
    """The same runs in four forms; each file is made when it is asked for."""
    name, now = f"ef21lab-{runs[0].spec.key[:8]}", datetime.now()
    spoken = language.current()
    page = f"{name}.html", "text/html", ":material/description:"
    with st.container(horizontal=True):
        _file(REPORT, lambda: report(runs, spoken, f"{now:%Y-%m-%d %H:%M}"), *page, WHAT_A_REPORT_IS)
        _file(
            CSV,
            lambda: _table(runs),
            f"{name}.csv",
            "text/csv",
            ":material/table:",
        )
        if is_possible():
            _file(same("Parquet"), lambda: parquet(runs), f"{name}.parquet", "application/vnd.apache.parquet", ":material/view_column:")
        _file(SPECS, lambda: _specs(runs), f"{name}.json", "application/json", ":material/data_object:")


def uploader() -> None:
    """Take in the runs of a report; they become part of the record, which is the operator's to change."""
    with st.expander(say(BRING), icon=":material/upload_file:"):
        if not whose.is_operator():
            st.markdown(say(ASK))
            return
        st.markdown(say(CONTRACT))
        place.warn_of_refused_uploads()
        st.file_uploader(say(FILE_LABEL), key=FILE, on_change=_take)


def _take() -> None:
    file = st.session_state[FILE]
    if file is None or not whose.is_operator():
        return
    try:
        runs = runs_in(file.getvalue().decode("utf-8"))
    except (Refusal, UnicodeDecodeError) as error:
        why = error.text if isinstance(error, Refusal) else NO_TEXT
        st.session_state[marking.TROUBLE] = quoted(shown(file.name)) + same(": ") + why
        return
    taken = sum(visitor.lab().adopt(run.spec, run.trace) for run in runs)
    st.session_state[marking.DONE] = TAKEN.format(taken=taken, known=len(runs) - taken)


def _file(label: Text, make: Callable[[], str | bytes], name: str, kind: str, icon: str, about: Text | None = None) -> None:
    st.download_button(say(label), make, name, kind, icon=icon, on_click="ignore", help=say(about) if about else None)


def _table(runs: Sequence[Reported]) -> str:
    return "".join(tidy([run.spec for run in runs], (run.trace for run in runs)))


def _specs(runs: Sequence[Reported]) -> str:
    return json.dumps([run.spec.json() for run in runs], indent=2, ensure_ascii=False) + "\n"


REPORT, CSV = Text("Report", "Отчёт"), same("CSV")
SPECS = Text("Specs as JSON", "Описания в JSON")
WHAT_A_REPORT_IS = Text(
    "One page with figures, numbers and all records, which needs no network; any lab takes its runs in.",
    "Одна страница с графиками, числами и всеми записями, сеть ей не нужна; её запуски примет любая лаборатория.",
)
BRING = Text("Take in a report of another lab", "Принять отчёт другой лаборатории")
FILE_LABEL = Text("A report: one page of HTML", "Отчёт: одна страница HTML")
CONTRACT = Text(
    "Its runs become part of this record as if they had been computed here, so take reports from those you trust. "
    "What was changed on the way is refused, and what is done here already stays.",
    "Её запуски войдут в записи, как если бы их вычислили здесь, поэтому принимайте отчёты только от тех, кому доверяете. "
    "Изменённый по дороге отчёт отклоняется, а что здесь уже есть, остаётся.",
)
ASK = Text(
    "The record is everybody's here, so reports are taken in by whoever runs this server.",
    "Записи здесь общие, поэтому отчёты принимает администратор сервера.",
)
TAKEN = Text("Taken in: {taken:run|runs}; here already: {known}.", "Принято: {taken:запуск|запуска|запусков}; уже были: {known}.")
NO_TEXT = Text("it is no page of HTML", "это не страница HTML")
