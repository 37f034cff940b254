"""The grid on the page: its controls beside, what it costs, a button to begin, and what the runs show as they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from ef21lab.choices.durations import in_words
from ef21lab.choices.text import Refusal, Text, joined
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit import feeding, refused, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep import cost, field, figures, grid, looking, running, take_away
from ef21lab.ui.sweep.asked import AskedGrid, GridRun, Ranges, on
from ef21lab.ui.sweep.results import is_there, trace_of

QUICK, SLOW = 1.0, 3.0  # seconds between looks at runs that go on
MANY = 500  # runs whose tables take a while


def show(posed: RunSpec, facts: Facts, link: Link) -> None:
    """All of it; what cannot be is said in its place."""
    with st.sidebar:
        st.subheader(say(RANGES))
        shared = replace(posed, step=grid.rule(posed, link))
        ranges = grid.controls(shared, facts, link)
        st.subheader(say(CONTENDERS))
        racing = field.controls(shared, facts, ranges, link)
    entrants = field.entrants(racing)
    known = _facts(shared, facts, ranges)
    if not entrants or known is None:
        running.keep(link)
        looking.keep(link)
        return
    asked = AskedGrid(shared, entrants, ranges, known)
    if asked.runs > running.MOST:
        st.warning(say(TOO_MANY.format(n=asked.runs, most=running.MOST)))
        running.keep(link)
        looking.keep(link)
        return
    _show(asked, link)


def _show(asked: AskedGrid, link: Link) -> None:
    runs = list({place.spec.key: place.spec for place in asked.places}.values())
    state = running.state(runs, link)
    now = running.progress(runs)
    _ask(asked, runs, now, state)
    shown = looking.controls(asked, link)
    if state.begun and not state.paused and not now.over:
        _follow(asked, runs, shown)
    else:
        figures.show(asked, shown)
    take_away.offer(asked, shown)


def _ask(asked: AskedGrid, runs: Sequence[RunSpec], now: feeding.Progress, state: running.Underway) -> None:
    """How many runs, what they take, and the buttons that make sense now."""
    places = [place for place in asked.places if not _is_over(place, now)]
    st.markdown(say(HOW_MANY.format(n=len(runs), cases=len(asked.cases), done=now.done)))
    if now.failed and (now.over or not state.begun):
        why = joined(list(dict.fromkeys(now.failed.values()))[:3], "; ")
        st.warning(say(NOT_DONE.format(n=len(now.failed), why=why)))
    with st.container(horizontal=True, vertical_alignment="center"):
        if state.begun and not now.over and not state.paused:
            st.button(say(PAUSE), key="sweep-pause", icon=":material/pause:", on_click=running.pause, args=(runs,))
            st.button(say(CANCEL), key="sweep-cancel", icon=":material/stop:", on_click=running.cancel, args=(runs,))
            return
        if not now.over:
            words = RESUME if state.paused else GO_ON if now.done else START
            st.button(say(words), key="sweep-start", type="primary", icon=":material/play_arrow:", on_click=running.begin, args=(runs,))
            if state.paused:
                st.button(say(CANCEL), key="sweep-cancel", icon=":material/stop:", on_click=running.cancel, args=(runs,))
            st.caption(say(_takes(asked, places)))
        elif now.failed:
            st.button(say(AGAIN), key="sweep-again", icon=":material/replay:", on_click=running.begin, args=(runs,))


def _follow(asked: AskedGrid, runs: Sequence[RunSpec], shown: looking.LookedAt) -> None:
    """Feeds the lab and shows what there is, until all are over or somebody stops it."""

    @st.fragment(run_every=QUICK if len(runs) < MANY else SLOW)
    def go_on() -> None:
        now = running.feed(runs)
        if now.over or (shown.epsilon is None and looking.first_done(asked, shown.case)):
            st.rerun()
        left = [place for place in asked.places if not _is_over(place, now)]
        said = SO_FAR.format(done=now.done, all=now.all, left=in_words(_seconds(asked, left)))
        st.progress((now.done + len(now.failed)) / now.all, say(said))
        if now.held_up:
            st.caption(say(feeding.HELD_UP.format(why=now.held_up)))
        figures.show(asked, shown, begun=True)

    go_on()
    st.caption(say(KEPT.format(time=in_words(visitor.lab().limits.alone))))


def _facts(shared: RunSpec, first: Facts, ranges: Ranges) -> tuple[Facts, ...] | None:
    """Of every dataset's problem; or on the page why one cannot be posed, and None."""
    try:
        return (first, *(visitor.facts(on(shared, dataset)) for dataset in ranges.datasets[1:]))
    except Refusal as refusal:
        refused.tell(refusal)
        return None


def _takes(asked: AskedGrid, left: Sequence[GridRun]) -> Text:
    return TAKES.format(time=in_words(_seconds(asked, left)), n=visitor.lab().engine.workers)


def _seconds(asked: AskedGrid, left: Sequence[GridRun]) -> float:
    """For all workers together."""
    return cost.seconds(asked, left, _took) / visitor.lab().engine.workers


def _took(spec: RunSpec) -> float | None:
    return float(trace_of(spec)["seconds"][-1]) if is_there(spec) else None


def _is_over(place: GridRun, now: feeding.Progress) -> bool:
    return place.spec.key in now.failed or place.spec.key in st.session_state.get(feeding.SETTLED, {})


RANGES = Text("The grid", "Сетка")
CONTENDERS = Text("Contenders", "Участники")
HOW_MANY = Text(
    "**{n:run|runs}** of {cases:problem|problems}; {done:is|are} done already",
    "**{n:запуск|запуска|запусков}**, {cases:задача|задачи|задач}; готово: {done}",
)
TAKES = Text("about {time} on {n:core|cores}", "примерно {time} на {n:ядре|ядрах|ядрах}")
START = Text("Start", "Начать")
GO_ON = Text("Compute the rest", "Досчитать остальные")
RESUME = Text("Resume", "Продолжить")
PAUSE = Text("Pause", "Пауза")
CANCEL = Text("Cancel", "Отменить")
AGAIN = Text("Try those again", "Попробовать их ещё раз")
SO_FAR = Text("{done} of {all:run|runs} · about {left} left", "{done} из {all:запуска|запусков|запусков} · осталось примерно {left}")
KEPT = Text(
    "Close this page and the lab goes on with the grid for up to {time}, in one turn with all others that were left. Its address "
    "leads back: to look, pause or cancel.",
    "Страницу можно закрыть: лаборатория считает сетку дальше, не дольше чем {time}, в общей очереди со всеми оставленными. "
    "По адресу страницы можно вернуться: посмотреть, приостановить, отменить.",
)
NOT_DONE = Text("{n:run|runs} cannot be computed: {why}", "Не посчитать {n:запуск|запуска|запусков}: {why}")
TOO_MANY = Text(
    "The grid has {n:run|runs}; a page takes at most {most}. Take fewer values, or compute it with `python -m ef21lab sweep`.",
    "В сетке {n:запуск|запуска|запусков}, а страница берёт не больше {most}. Задайте меньше значений или посчитайте её командой "
    "`python -m ef21lab sweep`.",
)
