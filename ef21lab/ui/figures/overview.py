"""A figure's claim on all its datasets and budgets: what the record says of each, and a click to compute what it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ef21lab.choices.durations import in_words
from ef21lab.choices.text import Refusal, Text, joined, multiple, number, same
from ef21lab.figures.base import Figure, figures
from ef21lab.figures.compared import FEWER, MORE, Factor
from ef21lab.figures.overview import KnownCase, Overview
from ef21lab.jobs.limits import seconds_together
from ef21lab.ui.figures import asking
from ef21lab.ui.figures.reading import outcome, runs_of
from ef21lab.ui.kit import feeding, forms, language, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.table import table

GROUND = {FEWER: same(":green-background["), MORE: same(":orange-background[")}  # behind a factor


def show(figure: Figure) -> None:
    """The table grows row by row, for a case that nobody has looked at yet has to be read first."""
    cases = figure.cases()
    st.subheader(say(TITLE))
    said, place, known = st.empty(), st.empty(), []
    for one in cases:
        known.append(_case(one))
        _draw(Overview(tuple(known)), figure, place)
    whole = Overview(tuple(known))
    said.markdown(say(whole.answer or NOTHING_YET))
    if whole.answer:
        st.caption(say(READ))
    _missing([case for case in known if case.missing], cases)
    for why in dict.fromkeys(case.absence for case in known if case.absence is not None):
        st.caption(say(why))
    with st.expander(say(REPRODUCE)):
        st.code(LINES.format(given=figures.json(figure)), language="python")


def _case(figure: Figure) -> KnownCase:
    if (absence := figure.absence()) is not None:
        return KnownCase(figure, None, absence=absence)
    try:
        facts = visitor.facts(figure.problem())
        runs = runs_of(figure, facts)
    except Refusal as refusal:
        return KnownCase(figure, None, absence=refusal.text)
    now = feeding.progress(runs)
    found = outcome(figure, facts, runs) if now.over and not now.failed else None
    missing = () if found is not None else tuple(run for run in runs if not feeding.ended_well(run))
    return KnownCase(figure, found, runs, missing, seconds_together(missing, facts))


def _draw(found: Overview, figure: Figure, place: DeltaGenerator) -> None:
    """What the page shows stands in bold. Without any factor there is no table."""
    head = found.contenders
    if head:
        rows = [(_name(case, case.figure == figure), *(_cells(case) or [same("—")] * len(head))) for case in found.cases]
        place.markdown(table(joined([CASE.format(rival=found.rival), *head], " | "), "l" * (1 + len(head)), rows, language.current()))


def _name(case: KnownCase, shown: bool) -> Text:
    name = same("**") + case.name + same("**") if shown else case.name
    if case.outcome is None or case.outcome.compared is None:
        return name
    return name + AT.format(bits=round(case.outcome.compared.bits), goal=number(case.factors[0].goal, 1))


def _cells(case: KnownCase) -> list[Text]:
    return [_cell(one) for one in case.factors]


def _cell(one: Factor) -> Text:
    """'×0.85 fewer bits', and small: '0.7 … 1.1'."""
    if not one.is_decided:
        return one.sign
    ground = GROUND.get(one.sign)
    bold = multiple(one.middle) + same(" ") + one.sign
    marked = bold if ground is None else ground + bold + same("]")
    return marked + SPREAD.format(least=min(one.each), most=max(one.each))


def _missing(missing: Sequence[KnownCase], cases: tuple[Figure, ...]) -> None:
    """What is to be computed and how long it takes, one click for all and, folded away where they are many, one each; while all are
    computed, how far they are.
    """
    runs = [run for case in missing for run in case.missing]
    if not runs:
        return
    if asking.asked() == cases:
        asking.follow(runs)
        return
    if len(missing) > 1:
        _button(ALL, len(runs), sum(case.seconds for case in missing), "figure-compute-all", asking.begin, (cases,))
    with st.expander(say(EACH)) if len(missing) > FEW else nullcontext(), st.container(horizontal=True):
        for place, case in enumerate(missing):
            _button(case.name, len(case.missing), case.seconds, f"figure-compute-{place}", _begin, (case.figure,))


def _button(name: Text, count: int, seconds: float, key: str, click: Callable[..., None], args: tuple[Any, ...]) -> None:
    words = COMPUTE.format(name=name, count=count, time=in_words(seconds / visitor.lab().engine.workers))
    st.button(say(words), key=key, on_click=click, args=args, icon=":material/play_arrow:")


def _begin(case: Figure) -> None:
    """The page shows this case, and how far it is."""
    forms.put("figure", case)
    asking.begin((case,))


TITLE = Text("The same on every dataset", "То же на всех данных")
CASE = Text("Bits, times those of {rival}", "Во сколько раз больше бит, чем у {rival}")
AT = Text(" :small[{bits:bit|bits} a round, to\u00a0{goal}]", " :small[{bits:бит|бита|бит} за раунд, до\u00a0{goal}]")
SPREAD = same(" :small[{least}\u00a0…\u00a0{most}]")
READ = Text(
    "Bits until ‖∇f‖² has come to so much of its first value, to stay, over those of the rival: the median over the starts, and between "
    "what it lay. Fewer or more is said where it is so from every start.",
    "Биты до того, как ‖∇f‖² окончательно опустится до такой доли начального, — во сколько раз больше, чем у соперника: медиана по стартам "
    "и размах. «Меньше» и «больше» — там, где так с каждого старта.",
)
NOTHING_YET = Text("Nothing of this is computed yet.", "Из этого ещё ничего не посчитано.")
ALL, EACH = Text("All of them", "Всё сразу"), Text("One at a time", "По одному")
FEW = 3  # buttons that stand in the open
COMPUTE = Text("{name}: {count:run|runs}, {time}", "{name}: {count:запуск|запуска|запусков}, {time}")
LINES = """import ef21lab as lab

found = lab.overview({given}, store=True)  # compute=True: what is missing is computed first, and kept
print(found.frame())
"""
REPRODUCE = Text("The lines that reproduce the table", "Как воспроизвести таблицу")
