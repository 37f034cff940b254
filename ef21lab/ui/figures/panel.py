"""A figure of the literature on the page: asked for, computed by the lab, and what came of its claims."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ef21lab.choices.durations import in_words
from ef21lab.choices.text import Text, joined
from ef21lab.figures.base import Claim, Figure, Outcome, figures
from ef21lab.jobs.limits import seconds_together
from ef21lab.plots.panels import panel
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.figures import asking
from ef21lab.ui.figures.reading import outcome
from ef21lab.ui.kit import feeding, language, visitor
from ef21lab.ui.kit.figure import draw
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.table import table
from ef21lab.ui.kit.theme import theme

MEASURED = Text("measured: {measured}", "измерено: {measured}")
COMPUTE = Text("Compute {count:run|runs}", "Посчитать {count:запуск|запуска|запусков}")
GO_ON = Text("Go on: {left} of {count:run|runs} left", "Продолжить: осталось {left} из {count:запуска|запусков|запусков}")
TAKES = Text("about {time} on {n:core|cores}", "примерно {time} на {n:ядре|ядрах|ядрах}")
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
    found = outcome(figure, facts, runs) if now.over and not now.failed else None
    if found is not None:
        _outcome(found)
    elif asking.asked() == (figure,) and not now.over:
        asking.follow(runs)
    else:
        _ask(figure, facts, runs, feeding.progress(runs))
    with st.expander(say(REPRODUCE)):
        st.code(lines(figure), language="python")


def lines(figure: Figure) -> str:
    """Python that computes the figure without any page."""
    return LINES.format(given=figures.json(figure))


def _ask(figure: Figure, facts: Facts, runs: Sequence[RunSpec], now: feeding.Progress) -> None:
    """A button with what is left to compute and about how long it takes, and before it what went wrong, where something did."""
    if now.failed:
        st.error(say(NOT_DONE.format(count=len(now.failed), why=joined(list(dict.fromkeys(now.failed.values()))[:3], "; "))))
        st.button(say(AGAIN), key="figure-again", on_click=asking.begin_again, args=((figure,), runs), icon=":material/replay:")
        return
    left = now.all - now.done
    words = COMPUTE.format(count=now.all) if left == now.all else GO_ON.format(left=left, count=now.all)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say(words), key="figure-compute", type="primary", on_click=asking.begin, args=((figure,),), icon=":material/play_arrow:")
        st.caption(say(takes(seconds_together([run for run in runs if not feeding.ended_well(run)], facts))))


def takes(seconds: float) -> Text:
    """So many seconds of one worker, shared by all of them."""
    workers = visitor.lab().engine.workers
    return TAKES.format(time=in_words(seconds / workers), n=workers)


def _outcome(found: Outcome) -> None:
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
