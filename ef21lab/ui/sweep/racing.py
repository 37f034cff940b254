"""Race everything: all operators, strengths, folds and steps on this problem, through the lab, with a live table of who leads."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import streamlit as st

from ef21lab.choices.fields import Choice, Real, Words
from ef21lab.choices.text import Refusal, Text, number, same
from ef21lab.clocks.base import Topology
from ef21lab.jobs.admission import NoRoom
from ef21lab.jobs.knowledge import NotReady
from ef21lab.problems.base import Facts
from ef21lab.runs.lanes import groups
from ef21lab.runs.spec import RunSpec
from ef21lab.searches.progress import InMemory, Reached
from ef21lab.searches.search import Search, at, prepared
from ef21lab.searches.words import told
from ef21lab.ui.experiment import network
from ef21lab.ui.kit import visitor
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep import standings
from ef21lab.ui.sweep.looking import EPSILONS

HUNT, LEAST, BY = "hunt", "least", "by"  # of the address: which race was begun, its ε, and what counts
KNOWN, BARRED, ASKED = "_hunt_known", "_hunt_barred", "_hunt_asked"  # session state
BITS, SECONDS = "bits", "seconds"
USUAL = 1e-4
STARTS = 3  # from which the first three are compared: fewer decide nothing
AT_ONCE = 160  # candidates that are given to the workers together
EVERY = 1.0  # seconds between looks
NAME = Words(same(""), same(""))


class OnLab(InMemory):
    """Candidates as far as the lab has brought them."""

    def refresh(self, specs: Sequence[RunSpec]) -> None:
        for spec in specs:
            status = visitor.lab().status(spec.key)
            if status is not None and status.state == "failed":
                _barred().add(spec.key)
            elif status is not None:
                self._runs[spec.key] = Reached(visitor.lab().trace(spec.key), None, status.state == "done")


def show(posed: RunSpec, facts: Facts, link: Link) -> None:
    """All of it; what cannot be is said in its place."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        epsilon, by = _epsilon(link), _by(link)
        chosen = network.controls(link) if by == SECONDS else None
    st.caption(say(WHAT))
    name = sha256(f"{posed.key} {epsilon!r} {chosen!r}".encode()).hexdigest()[:12]
    begun = link.first(HUNT, "", NAME) == name
    link.hold(HUNT, name if begun else "", "")
    try:
        asked = _asked(name, posed, epsilon, chosen, facts)
    except Refusal as refusal:
        st.error(say(refusal.text))
        return
    known = _known(name, asked)
    found = at(_able(asked), known)
    if found.final.wanted:
        known.refresh(found.final.wanted)
        found = at(_able(asked), known)
    if not begun:
        st.button(say(START), key="hunt-start", type="primary", icon=":material/flag:", on_click=_begin, args=(name,))
        st.caption(say(HOW_MANY.format(n=len(asked.specs), rounds=posed.rounds)))
    elif not found.over:
        st.button(say(STOP), key="hunt-stop", icon=":material/stop:", on_click=_stop)
        _follow(asked, known)
        return
    if found.race.marks:
        standings.show(found, known)
    with st.expander(say(LEFT_OUT.format(n=len(asked.left_out)))):
        st.markdown("\n".join(f"- {say(one.label)}: {say(one.reason)}" for one in asked.left_out))


def _follow(asked: Search, known: OnLab) -> None:
    """Feeds the lab and shows who leads, until it is over or somebody stops it."""

    @st.fragment(run_every=EVERY)
    def go_on() -> None:
        known.refresh(_lacking(at(_able(asked), known))[:AT_ONCE])
        found = at(_able(asked), known)
        if found.over:
            visitor.lab().watch(visitor.name(), [])
            st.rerun()
        lacking = _lacking(found)
        held_up = _feed(lacking)
        of = found.final.runs if found.final.wanted else found.race.rungs[-1].entered
        st.progress(1.0 - len(lacking) / max(len(lacking), of), say(told(found)))
        if held_up:
            st.caption(say(held_up))
        standings.show(found, known)

    go_on()
    st.caption(say(KEPT))


def _feed(lacking: Sequence[RunSpec]) -> Text | None:
    """Give the workers as many as they may have; why it has to wait, where it has to."""
    lab = visitor.lab()
    portion = [[lacking[place] for place in group] for group in groups(lacking[:AT_ONCE])][: lab.limits.running]
    lab.watch(visitor.name(), [spec.key for group in portion for spec in group])
    for group in portion:
        try:
            lab.submit_many(group, visitor.name())
        except (NoRoom, NotReady) as refusal:
            return refusal.text
        except Refusal:
            _barred().update(spec.key for spec in group)  # it can never be here: it does not hold up the others
    return None


def _asked(name: str, posed: RunSpec, epsilon: float, chosen: Topology | None, facts: Facts) -> Search:
    """Who takes part: the same for as long as this race is shown."""
    kept = st.session_state.get(ASKED)
    if kept is None or kept[0] != name:
        kept = st.session_state[ASKED] = (name, prepared(posed, epsilon, network=chosen, facts=facts, starts=STARTS))
    asked: Search = kept[1]
    return asked


def _known(name: str, asked: Search) -> OnLab:
    """What is known of them, as far as this tab has looked."""
    kept = st.session_state.get(KNOWN)
    if kept is None or kept[0] != name:
        kept = st.session_state[KNOWN] = (name, OnLab())
        kept[1].refresh(asked.specs)
    known: OnLab = kept[1]
    return known


def _able(asked: Search) -> Search:
    """Without those that can never be computed here."""
    barred = _barred()
    return asked.without(barred) if barred else asked


def _barred() -> set[str]:
    found: set[str] = st.session_state.setdefault(BARRED, set())
    return found


def _lacking(found: Search) -> list[RunSpec]:
    """Who has yet to come to the next rung, or in the final to the end."""
    return [*(found.specs[place] for place in found.race.wanted), *found.final.wanted]


def _begin(name: str) -> None:
    st.session_state.pop(BARRED, None)
    Link.put({HUNT: name})


def _stop() -> None:
    """What is computed stays."""
    visitor.lab().watch(visitor.name(), [])
    Link.put({HUNT: ""})


def _epsilon(link: Link) -> float:
    current = float(link.current(LEAST, USUAL, GOAL))
    options = sorted({*EPSILONS, current})
    labels = {value: plain(number(value)) for value in options}
    at_widget = link.at(LEAST, current)
    value = float(st.select_slider(say(GOAL.label), options, **at_widget, format_func=labels.__getitem__, help=say(GOAL.about), width=280))
    link.hold(LEAST, value, USUAL)
    return value


def _by(link: Link) -> str:
    current = link.current(BY, BITS, Choice(WHICH, same(""), COUNTED))
    labels = {name: plain(words) for name, words in COUNTED.items()}
    options = list(COUNTED)
    value = str(st.selectbox(say(WHICH), options, **link.among(BY, current, labels), format_func=labels.__getitem__, width=280))
    link.hold(BY, value, BITS)
    return value


GOAL = Real(
    Text("ε to reach", "Какого ε достичь"),
    Text("‖∇f‖² is to come to it and stay there.", "‖∇f‖² должна дойти до него и остаться."),
    0.0,
    1e9,
)
WHICH = Text("What counts", "Что считать")
COUNTED = {BITS: Text("bits from a node", "биты с узла"), SECONDS: Text("seconds on a network", "секунды в сети")}
WHAT = Text(
    "All operators in several strengths and folds, each with ×1 … ×512 of its step, race to ε. At every rung "
    "all have spent the same; the better half goes on. The first three are run from three starts, and the median decides.",
    "Все операторы в разной силе и разной форме тензора, каждый с шагом от ×1 до ×512, соревнуются до ε. На каждой ступени все "
    "потратили поровну; дальше идёт лучшая половина. Первые три считаются с трёх стартов, решает медиана.",
)
START = Text("Race everything", "Начать гонку")
STOP = Text("Stop", "Остановить")
HOW_MANY = Text(
    "{n:candidate|candidates}, up to {rounds:round|rounds} each; most are dropped early",
    "{n:кандидат|кандидата|кандидатов}, у каждого до {rounds:раунда|раундов|раундов}; большинство выбывает рано",
)
KEPT = Text(
    "What is computed is kept: reload the page or come back later by its address, and it goes on from there.",
    "Посчитанное не пропадёт: перезагрузите страницу или вернитесь потом по её адресу, и гонка продолжится с того же места.",
)
LEFT_OUT = Text("Who does not take part: {n}", "Кто не участвует: {n}")
