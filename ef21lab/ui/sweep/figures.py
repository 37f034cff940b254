"""What a grid shows: what is looked at, and under it the figures and tables of one case; of several cases also all of them beside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from ef21lab.choices.text import Text
from ef21lab.metrics.base import metrics
from ef21lab.plots.bands import banded
from ef21lab.plots.heat import heat
from ef21lab.plots.marked import marked
from ef21lab.sweeps.answers import Leader, Setting, answer, highest
from ef21lab.sweeps.judged import EPSILONS
from ef21lab.ui.kit import language
from ef21lab.ui.kit.figure import draw
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.table import table
from ef21lab.ui.kit.theme import theme
from ef21lab.ui.sweep import cell, drawn, tables
from ef21lab.ui.sweep.asked import AskedGrid, GridRun, case_named
from ef21lab.ui.sweep.drawn import Cast
from ef21lab.ui.sweep.looking import BITS, FINAL, TO_EPSILON, LookedAt, heights
from ef21lab.ui.sweep.results import Results, contender_of, letter_of, measured, results, trace_of

QUANTILES = (0.25, 0.75)


def show(asked: AskedGrid, looked: LookedAt, *, begun: bool = False) -> None:
    """The figures of the case; where there are none yet, what brings them: a start, or patience where it is `begun`."""
    found = None if looked.epsilon is None else results(asked, looked.case, looked.epsilon, looked.judged)
    if found is None:
        st.info(say(NONE_IS_OVER if begun else NOTHING_YET), icon=":material/grid_on:")
        return
    cast = Cast(asked, looked.case)
    st.markdown(say(_answer(found, cast)))
    _best(found, cast)
    _tuning(found, cast, looked)
    _heat(found, cast, looked)
    _strengths(found, cast)
    _winners(found, cast)
    if len(asked.cases) > 1:
        _cases(asked, looked)


def _answer(found: Results, cast: Cast) -> Text:
    """Who wins at ε: of the settings of which every start is done, since those are compared start by start."""
    settings = [_setting(runs, cast) for runs in found.settings()]
    there, strong = {one.contender for one in settings}, {contender_of(runs[0].strong) for runs in found.settings()}
    firsts = {row["budget"]: letter_of(row) for row in reversed(found.within)}
    lowest = [Leader(budget, letter) for budget, letter in sorted(firsts.items())] if there.issuperset(firsts.values()) else []
    if found.judged.rises:
        return highest(settings, found.epsilon, found.judged.metric, found.judged.said)
    named = {letter: cast.at_large(letter, strong) for letter in cast.letters if letter in there}
    return answer(settings, named, found.epsilon, EPSILONS, lowest)


def _setting(runs: Sequence[GridRun], cast: Cast) -> Setting:
    first, specs = runs[0], [run.spec for run in runs]
    name = cast.at_step(contender_of(first.strong), first.multiple)
    return Setting(first.strong.letter, name, first.strong.bits, [trace_of(spec) for spec in specs], partial(measured, specs))


def _best(found: Results, cast: Cast) -> None:
    st.subheader(say(BEST))
    rows = tables.best_rows(found, cast)
    st.markdown(table(tables.BEST_HEAD, "rllrrr", rows, language.current()))
    curves, lines = drawn.band_curves(found, cast)
    by = found.judged
    share = metrics.members[by.metric].label if by.rises else None
    draw("sweep-best", banded(curves, lines, by.metric, "bits_up", QUANTILES, language.current(), theme(), share))


def _tuning(found: Results, cast: Cast, looked: LookedAt) -> None:
    st.subheader(say(TUNING))
    curves = drawn.tuning_curves(found, cast, drawn.COST if looked.height == BITS else drawn.FINAL)
    up, is_linear = heights(looked.judged)[looked.height], looked.height == FINAL and looked.judged.rises
    figure = marked(curves, _across(cast), up, language.current(), theme(), cast.steps.prefix, logarithmic=not is_linear)
    draw("sweep-tuning", figure)


def _heat(found: Results, cast: Cast, looked: LookedAt) -> None:
    st.subheader(say(MAP))
    letter = looked.seen if looked.seen in cast.letters else cast.letters[0]
    widget = f"sweep-heat-{letter}"
    figure = heat(drawn.heat_map(found, cast, letter), language.current(), theme())
    draw(widget, figure, on_select=lambda: cell.take(widget, letter))
    st.caption(say(MARKS))
    cell.show(looked.cell, found, cast, letter)


def _strengths(found: Results, cast: Cast) -> None:
    st.subheader(say(STRENGTHS))
    draw("sweep-strengths", marked(drawn.strength_curves(found, cast), ROUND_BITS, TO_EPSILON, language.current(), theme()))


def _winners(found: Results, cast: Cast) -> None:
    st.subheader(say(HIGHEST if found.judged.rises else WINNERS))
    st.markdown(table(tables.winners_head(found), "rlrlr", tables.winner_rows(found, cast), language.current()))
    st.caption(say(BUDGETS))


def _cases(asked: AskedGrid, looked: LookedAt) -> None:
    """The tuning curves of all cases, two in a row."""
    st.subheader(say(CASES))
    columns = st.columns(2)
    for case in range(len(asked.cases)):
        found = results(asked, case, looked.epsilon or 0.0, looked.judged)
        with columns[case % 2]:
            name = case_named(asked.cases[case], asked.cases)
            if found is None:
                st.caption(say(NOT_YET.format(case=name)))
                continue
            cast = Cast(asked, case)
            curves, up = drawn.tuning_curves(found, cast, drawn.COST), TO_EPSILON
            draw(f"sweep-case-{case}", marked(curves, _across(cast), up, language.current(), theme(), cast.steps.prefix, name))


def _across(cast: Cast) -> Text:
    return LOG.format(step=cast.steps.label)


BEST = Text("Every contender at its best", "Каждый участник в лучшем виде")
TUNING = Text("What the step does to each contender", "Как шаг влияет на каждого участника")
MAP = Text("Bits to ε by strength and step", "Биты до ε по силе сжатия и шагу")
STRENGTHS = Text("Bits to ε by the bits of a round", "Биты до ε в зависимости от бит за раунд")
HIGHEST = Text("Who is highest within a budget of bits", "Кто выше всех при данном бюджете бит")
WINNERS = Text("Who is lowest within a budget of bits", "Кто ниже всех при данном бюджете бит")
CASES = Text("All problems beside each other", "Все задачи рядом")
LOG = Text("{step}, log scale", "{step}, лог. шкала")
ROUND_BITS = Text("bits from a node in a round, log scale", "бит с узла за раунд, лог. шкала")
MARKS = Text(
    "★ the fewest bits · – does not come to ε within its rounds · ✕ diverged (half of the starts or more).",
    "★ меньше всего бит · – за свои раунды не доходит до ε · ✕ разошёлся (с половины стартов или чаще).",
)
BUDGETS = Text(
    "Medians over the starts, each contender at its best strength and step for the budget. Who came to the end of its rounds before counts "
    "with where it ended.",
    "Медианы по стартам; у каждого участника лучшие для этого бюджета сила сжатия и шаг. Кто дошёл до конца своих раундов раньше, "
    "представлен своим концом.",
)
NOT_YET = Text("{case}: nothing is computed yet.", "{case}: ещё ничего не посчитано.")
NONE_IS_OVER = Text(
    "The first runs are being computed; each appears here as soon as it is done.",
    "Первые запуски считаются; каждый появится здесь, как только будет готов.",
)
NOTHING_YET = Text(
    "Nothing is computed of this grid yet. Choose its values on the left and press **Start**; every run that is done appears here at once.",
    "Из этой сетки ещё ничего не посчитано. Задайте значения слева и нажмите «**Начать**»: каждый готовый запуск появится здесь сразу.",
)
