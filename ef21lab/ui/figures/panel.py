"""A figure of the literature on the page: asked for, computed by the lab, and what came of its claims."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from ef21lab.choices.text import Text, joined
from ef21lab.figures.base import Claim, Figure, Outcome, figures
from ef21lab.jobs.limits import estimated_seconds
from ef21lab.plots.panels import panel
from ef21lab.problems.base import Facts
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit import feeding, language, visitor
from ef21lab.ui.kit.figure import draw
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.table import table
from ef21lab.ui.kit.theme import theme
from ef21lab.ui.sweep import cost

ASKED = "_figure"  # session state: what is being computed
REFRESH = 1.0  # seconds between looks at runs that go on

MEASURED = Text("measured: {measured}", "измерено: {measured}")
COMPUTE = Text("Compute {count:run|runs}", "Посчитать {count:запуск|запуска|запусков}")
GO_ON = Text("Go on: {left} of {count:run|runs} left", "Продолжить: осталось {left} из {count:запуска|запусков|запусков}")
TAKES = Text("about {time} on {n:core|cores}", "примерно {time} на {n:ядре|ядрах|ядрах}")
STOP = Text("Stop", "Стоп")
SO_FAR = Text("{done} of {all:run|runs}", "{done} из {all:запуска|запусков|запусков}")
KEPT = Text(
    "What is computed is kept: leave the page and come back, and it goes on from there.",
    "Посчитанное не пропадёт: уйдите со страницы и вернитесь, и счёт продолжится с того же места.",
)
NOT_DONE = Text("{count:run|runs} did not end well: {why}", "{count:запуск|запуска|запусков} не дошли до конца: {why}")
AGAIN = Text("Try again", "Попробовать ещё раз")
LINES = """import ef21lab as lab

outcome = lab.figure({given})
for claim in outcome.claims:
    print(claim.holds, claim.expected, claim.measured)
"""
REPRODUCE = Text("The lines that reproduce it", "Как воспроизвести")


def show(figure: Figure, facts: Facts, runs: Sequence[RunSpec]) -> None:
    """What came of it where all its runs are there; else how far they are, and buttons to begin and to stop."""
    now = feeding.progress(runs)
    if now.over and not now.failed:
        _outcome(figure, facts, runs)
    elif st.session_state.get(ASKED) == figure and not now.over:
        _follow(figure, runs)
    else:
        _ask(figure, facts, runs, now)
    with st.expander(say(REPRODUCE)):
        st.code(lines(figure), language="python")


def lines(figure: Figure) -> str:
    """Python that computes the figure without any page."""
    return LINES.format(given=figures.json(figure))


def _ask(figure: Figure, facts: Facts, runs: Sequence[RunSpec], now: feeding.Progress) -> None:
    """A button with what is left to compute and about how long it takes, and before it what went wrong, where something did."""
    if now.failed:
        st.error(say(NOT_DONE.format(count=len(now.failed), why=joined(list(dict.fromkeys(now.failed.values()))[:3], "; "))))
        st.button(say(AGAIN), key="figure-again", on_click=_begin_again, args=(figure, runs), icon=":material/replay:")
        return
    left = now.all - now.done
    words = COMPUTE.format(count=now.all) if left == now.all else GO_ON.format(left=left, count=now.all)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say(words), key="figure-compute", type="primary", on_click=_begin, args=(figure,), icon=":material/play_arrow:")
        st.caption(say(_takes(facts, [run for run in runs if not feeding.ended_well(run)])))


def _takes(facts: Facts, left: Sequence[RunSpec]) -> Text:
    """By arithmetic alone."""
    seconds, workers = sum(estimated_seconds(plan(run, facts)) for run in left), visitor.lab().engine.workers
    return TAKES.format(time=cost.in_words(seconds / workers), n=workers)


def _follow(figure: Figure, runs: Sequence[RunSpec]) -> None:
    """Feeds the lab and says how far it is, until all are over or somebody stops it."""

    @st.fragment(run_every=REFRESH)
    def go_on() -> None:
        now = feeding.feed(runs)
        if now.over:
            st.rerun()
        st.progress(now.done / now.all, say(SO_FAR.format(done=now.done, all=now.all)))
        if now.held_up:
            st.caption(say(feeding.HELD_UP.format(why=now.held_up)))

    go_on()
    st.button(say(STOP), key="figure-stop", on_click=_stop, icon=":material/stop:")
    st.caption(say(KEPT))


def _outcome(figure: Figure, facts: Facts, runs: Sequence[RunSpec]) -> None:
    found = outcome(json.dumps(figures.json(figure), sort_keys=True), tuple(run.key for run in runs), figure, facts, runs)
    with st.container(border=True, gap="small"):
        for claim in found.claims:
            _claim(claim)
    for given in found.tables:
        st.markdown(f"**{say(given.title)}**")
        st.markdown(table(joined(given.head, " | "), given.sides, given.rows, language.current()))
    for place, shown in enumerate(found.panels):
        draw(f"figure-{place}", panel(shown, language.current(), theme()))


def _claim(claim: Claim) -> None:
    mark, color = (":material/check_circle:", "green") if claim.holds else (":material/cancel:", "red")
    st.markdown(
        f":{color}[{mark}] **{say(claim.expected)}** :{color}[{say(claim.word)}]  \n:small[{say(MEASURED.format(measured=claim.measured))}]"
    )


@st.cache_data(max_entries=32, show_spinner=False)
def outcome(given: str, keys: tuple[str, ...], _figure: Figure, _facts: Facts, _runs: Sequence[RunSpec]) -> Outcome:
    """What the finished runs say; kept, for a finished run never changes."""
    return _figure.read(_facts, {run: visitor.lab().trace(key) for run, key in zip(_runs, keys, strict=True)})


def _begin(figure: Figure) -> None:
    st.session_state[ASKED] = figure


def _begin_again(figure: Figure, runs: Sequence[RunSpec]) -> None:
    feeding.again(runs)
    _begin(figure)


def _stop() -> None:
    """What is going is given up, what is done is kept."""
    st.session_state.pop(ASKED, None)
    visitor.lab().watch(visitor.name(), [])
