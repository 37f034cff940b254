"""Race everything: all operators, strengths, folds and steps on this problem, through the lab, with a live table of who leads.

While the page is open it feeds the lab; once it is closed the lab goes on by itself (`jobs.errands`).
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from ef21lab.address.controls import tuned_for
from ef21lab.choices.durations import in_words
from ef21lab.choices.fields import Choice, Real, Words
from ef21lab.choices.text import Refusal, Text, joined, same
from ef21lab.jobs.errands import fed
from ef21lab.jobs.knowledge import NotReady
from ef21lab.problems.base import Facts
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.standings import JUDGED
from ef21lab.runs.tuned import is_several
from ef21lab.searches.search import Search
from ef21lab.searches.through_lab import LabRace, wanted
from ef21lab.searches.words import told
from ef21lab.steps.base import steps
from ef21lab.sweeps import judged
from ef21lab.sweeps.judged import Aim
from ef21lab.ui.experiment import network
from ef21lab.ui.kit import visitor
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep import standings, tending

HUNT, LEAST, BY = "hunt", "least", "by"  # of the address: which race was begun, its ε, and what counts
AIM, RIGHT = "aim", "right"  # by what it is judged, and ε of a share
RACE, TENDED = "_hunt", "_hunt_tended"  # session state: the race on the page, and the name of that which this tab has going
BITS, SECONDS = "bits", "seconds"
USUAL, USUAL_OF_NETWORKS = 1e-4, 1e-2  # ε; a network is trained long before ‖∇f‖² is as small as elsewhere
USUAL_SHARE = 0.9
EVERY = 1.0  # seconds between looks
NAME = Words(same(""), same(""))


def show(given: RunSpec, facts: Facts, link: Link) -> None:
    """All of it; what cannot be is said in its place."""
    has_own = given.objective.usual.get("step") is not None  # a γ, where no L is known
    posed = replace(given, step=steps.make(tuned_for(given.objective))) if has_own else given
    with st.container(horizontal=True, vertical_alignment="bottom"):
        aim = _aim(posed, link)
        epsilon, by = _epsilon(posed, aim, link), _by(link)
        chosen = network.controls(link) if by == SECONDS else None
    st.caption(say(WHAT.format(steps=_steps(posed))))
    race = _race(LabRace(posed, epsilon, chosen, facts=facts, metric=aim.metric))
    begun = link.first(HUNT, "", NAME) == race.name
    tending.supersede(TENDED, race.name)
    link.hold(HUNT, race.name if begun else "", "")
    try:
        asked, found = race.asked(visitor.lab(), visitor.name()), race.seen(visitor.lab(), visitor.name())
    except Refusal as refusal:
        st.error(say(refusal.text))
        return
    if not begun:
        st.button(say(START), key="hunt-start", type="primary", icon=":material/flag:", on_click=_begin, args=(race,))
        st.caption(say(HOW_MANY.format(n=len(asked.specs), rounds=posed.rounds)))
    elif not found.over:
        st.button(say(STOP), key="hunt-stop", icon=":material/stop:", on_click=_stop, args=(race,))
        _follow(race)
        return
    if found.over or found.race.marks:
        standings.show(found, race)
    _without(race, asked)


def _follow(race: LabRace) -> None:
    """Feeds the lab and shows who leads, until it is over or somebody stops it."""

    @st.fragment(run_every=EVERY)
    def go_on() -> None:
        lab, held_up = visitor.lab(), None
        found = race.seen(lab, visitor.name())
        try:
            pieces = race.next(lab, visitor.name(), lab.limits.running)
            held_up = fed(lab, visitor.name(), pieces)
            found = race.seen(lab, visitor.name())
        except NotReady as refusal:
            held_up = refusal.text
        tending.tend(TENDED, race.name, LabRace(race.spec, race.epsilon, race.network, metric=race.metric), found.over)
        if found.over:
            lab.watch(visitor.name(), [])
            st.rerun()
        lacking = len(wanted(found))
        of = found.final.runs if found.final.wanted else found.race.rungs[-1].entered
        st.progress(1.0 - lacking / max(lacking, of), say(told(found)))
        if held_up:
            st.caption(say(held_up))
        standings.show(found, race)

    go_on()
    st.caption(say(KEPT.format(time=in_words(visitor.lab().limits.alone))))


def _race(asked: LabRace) -> LabRace:
    """The same for as long as this tab shows it."""
    kept = st.session_state.get(RACE)
    if kept is None or kept.name != asked.name:
        kept = st.session_state[RACE] = asked
    found: LabRace = kept
    return found


def _without(race: LabRace, asked: Search) -> None:
    """Who does not take part, and why: by what is known of the operators, and by what the lab has found."""
    if race.barred:
        why = joined(list(dict.fromkeys(race.barred.values()))[:3], "; ")
        st.warning(say(NOT_DONE.format(n=len(race.barred), why=why)))
    with st.expander(say(LEFT_OUT.format(n=len(asked.left_out)))):
        st.markdown("\n".join(f"- {say(one.label)}: {say(one.reason)}" for one in asked.left_out))


def _begin(race: LabRace) -> None:
    race.again()
    Link.put({HUNT: race.name})


def _stop(race: LabRace) -> None:
    """What is computed stays."""
    tending.give_up(TENDED, race.name, race.runs())
    Link.put({HUNT: ""})


def _steps(posed: RunSpec) -> Text:
    """With which steps every candidate races."""
    if not is_several(posed):
        return OF_RULE
    first, *_, last = posed.step.candidates()
    return OF_ONES_OWN.format(n=len(posed.step.candidates()), shortest=first.in_short(), longest=last.in_short())


def _aim(posed: RunSpec, link: Link) -> Aim:
    """By what the race is judged: of one kind there is no choice."""
    known = judged.of(posed)
    names = Choice(JUDGED_BY, same(""), {name: judged.by(name).label for name in judged.known()})
    asked = str(link.current(AIM, JUDGED, names))
    current = asked if asked in known else JUDGED
    if len(known) > 1:
        labels = {name: plain(one.label) for name, one in known.items()}
        at_widget = link.among(AIM, current, labels)
        current = str(st.selectbox(say(JUDGED_BY), list(labels), **at_widget, format_func=labels.__getitem__, width=200))
    link.hold(AIM, current, JUDGED)
    return known[current]


def _epsilon(posed: RunSpec, aim: Aim, link: Link) -> float:
    """A share has a slider of its own: what is usual of the one is nonsense of the other."""
    usuals = {LEAST: USUAL if posed.objective.usual.get("step") is None else USUAL_OF_NETWORKS, RIGHT: USUAL_SHARE}
    goals = {LEAST: GOAL, RIGHT: GOAL_SHARE}
    key, other = (RIGHT, LEAST) if aim.rises else (LEAST, RIGHT)
    link.hold(other, link.first(other, usuals[other], goals[other]), usuals[other])
    goal, current = goals[key], float(link.current(key, usuals[key], goals[key]))
    options = sorted({*aim.levels, current})
    labels = {value: plain(aim.said(value)) for value in options}
    at_widget = link.at(key, current)
    value = float(st.select_slider(say(goal.label), options, **at_widget, format_func=labels.__getitem__, help=say(goal.about), width=280))
    link.hold(key, value, usuals[key])
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
GOAL_SHARE = Real(
    Text("Share ε to reach", "Какой доли ε достичь"),
    Text(
        "The share of held-out rows told right is to come to it and stay there.",
        "Доля верных ответов на отложенных строках должна дойти до неё и не опускаться ниже.",
    ),
    0.01,
    1.0,
)
JUDGED_BY = Text("Judged by", "По чему судим")
WHICH = Text("What counts", "Что считать")
COUNTED = {BITS: Text("bits from a node", "биты с узла"), SECONDS: Text("seconds on a network", "секунды в сети")}
WHAT = Text(
    "All operators in several strengths and folds, each {steps}, race to ε. At every rung all have spent the same; the better half goes "
    "on. The first three are run from three starts, and the median decides.",
    "Все операторы в разной силе и разной форме тензора, каждый {steps}, соревнуются до ε. На каждой ступени все потратили поровну; "
    "дальше идёт лучшая половина. Первые три считаются с трёх стартов, решает медиана.",
)
OF_RULE = Text("with ×1 … ×512 of its step", "с шагом от ×1 до ×512")
OF_ONES_OWN = Text("with {n:step|steps}, {shortest} … {longest}", "с {n:шагом|шагами|шагами}, {shortest} … {longest}")
START = Text("Race everything", "Начать гонку")
STOP = Text("Stop", "Остановить")
HOW_MANY = Text(
    "{n:candidate|candidates}, up to {rounds:round|rounds} each; most are dropped early",
    "{n:кандидат|кандидата|кандидатов}, у каждого до {rounds:раунда|раундов|раундов}; большинство выбывает рано",
)
KEPT = Text(
    "Close this page and the lab goes on with the race for up to {time}, in one turn with all others that were left. Its address "
    "leads back to the table, and to the button that stops it.",
    "Страницу можно закрыть: лаборатория продолжит гонку сама, не дольше чем {time}, в общей очереди со всеми оставленными. "
    "По адресу страницы можно вернуться к таблице и к кнопке, которая гонку останавливает.",
)
NOT_DONE = Text("{n:candidate|candidates} cannot be computed here: {why}", "Здесь не посчитать {n:кандидата|кандидатов|кандидатов}: {why}")
LEFT_OUT = Text("Who does not take part: {n}", "Кто не участвует: {n}")
