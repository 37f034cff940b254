"""The table of a race: who leads, how far everybody is, what was dropped at which rung, and the way to the first three."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from ef21lab.address.links import link as link_to
from ef21lab.choices.text import Refusal, Text, count, number, same
from ef21lab.runs.names import title
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.verdict import spent
from ef21lab.searches.progress import InMemory
from ef21lab.searches.rungs import mark as judged
from ef21lab.searches.search import Search
from ef21lab.searches.words import level_of, level_title, state, told
from ef21lab.ui.kit import place
from ef21lab.ui.kit.language import plain, say

SHOWN = 15


def show(found: Search, known: InMemory) -> None:
    """The first of them; before anybody is judged those that are being computed, then those who wait for the others."""
    if found.over:
        st.markdown(say(told(found)))
        _open(found)
    order = found.standings
    if not found.race.marks:
        order = sorted(order, key=lambda spec: (not _is_computed(spec, found, known), -known.look(spec).round))
    if not order:
        return
    rows = [_row(spec, found, known) for spec in order[:SHOWN]]
    head = [
        RUN,
        COST[found.yardstick.axis],
        *([SPREAD] if found.final.costs else []),
        level_title(found),
        STATE,
        *([] if found.over else [TO_RUNG]),
    ]
    columns = {plain(words): [row[at] for row in rows] for at, words in enumerate(head)}
    bar = st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0)
    st.dataframe(columns, hide_index=True, width="stretch", column_config={plain(TO_RUNG): bar})
    rungs = [rung for rung in found.race.rungs if rung.dropped]
    if rungs:
        axis = found.yardstick.axis
        st.caption(say(DROPPED) + "  \n" + "  \n".join(say(_rung(rung.budget, rung.entered, len(rung.dropped), axis)) for rung in rungs))


def _row(spec: RunSpec, found: Search, known: InMemory) -> list[Any]:
    at, trace = found.place_of(spec), known.look(spec).trace
    mark = found.mark(spec) or (judged(found.yardstick.known(spec, trace, False), math.inf, found.target) if len(trace) else None)
    costs = found.final.costs.get(at)
    cost = math.inf if mark is None else mark.cost
    stands = COMPUTED if _is_computed(spec, found, known) else state(found, at)
    spread = [] if not found.final.costs else [plain(NONE if costs is None else _amounts(min(costs), max(costs), found))]
    level = level_of(found, mark) if mark and math.isfinite(mark.level) else NONE
    to_rung = [] if found.over else [_to_rung(spec, found, known)]
    shown = _amount(cost if costs is None else found.final.median(at), found)
    return [plain(title(spec)), plain(shown), *spread, plain(level), plain(stands), *to_rung]


def _is_computed(spec: RunSpec, found: Search, known: InMemory) -> bool:
    """Whether it is on its way to the next rung."""
    return found.place_of(spec) in found.race.wanted and len(known.look(spec).trace) > 0


def _to_rung(spec: RunSpec, found: Search, known: InMemory) -> float | None:
    """How much of what this rung gives it has spent; None for who is out of the race."""
    at = found.place_of(spec)
    budget, trace = found.race.wanted.get(at), known.look(spec).trace
    if budget is None:
        return 1.0 if found.state(at) in ("racing", "reached") else None
    return min(1.0, float(found.yardstick.spent(spec, trace)[-1]) / budget) if len(trace) else 0.0


def _amount(cost: float, found: Search) -> Text:
    if math.isinf(cost):
        return NONE
    return count(cost) if found.yardstick.network is None else number(cost)


def _amounts(least: float, most: float, found: Search) -> Text:
    return _amount(least, found) + same("\u00a0–\u00a0") + (same("∞") if math.isinf(most) else _amount(most, found))


def _rung(budget: float, entered: int, dropped: int, axis: str) -> Text:
    return RUNG.format(budget=spent(budget, axis), n=entered, dropped=dropped)


def _open(found: Search) -> None:
    try:
        if found.first:
            st.link_button(say(OPEN), link_to(found.first, place.lab()), icon=":material/open_in_new:")
    except Refusal as refusal:  # no page shows them
        st.caption(say(refusal.text))


NONE = same("—")
COMPUTED = Text("being computed", "считается")
DROPPED = Text("Who was dropped when", "Кто когда выбыл")
RUNG = Text("{budget}: judged {n}, dropped {dropped}", "{budget}: в гонке {n}, выбыло {dropped}")
OPEN = Text("Open the first three on the experiment page", "Открыть первых трёх на странице эксперимента")
RUN, STATE = Text("Run", "Запуск"), Text("State", "Состояние")
COST = {"bits_up": Text("Bits to ε", "Бит до ε"), "network": Text("Seconds to ε", "Секунд до ε")}
SPREAD = Text("From all starts", "По всем стартам")
TO_RUNG = Text("Computed for this rung", "Посчитано для ступени")
