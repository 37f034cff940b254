"""Contenders: up to six compressors that race on one problem, each with its own controls and its certificate under them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ef21lab.address.controls import FIRST, LABELS, LETTERS, RACE, start_of, tuned_for
from ef21lab.address.letters import letters_of
from ef21lab.address.members import codes
from ef21lab.algorithms.base import Algorithm, algorithms
from ef21lab.choices.fields import Choice, Integer, Json
from ef21lab.choices.line import Line
from ef21lab.choices.text import Text, joined, same
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.compressors.identity import Identity
from ef21lab.microscope.afford import affordable, unfolded
from ef21lab.plots.palette import lines
from ef21lab.problems.base import Facts, Objective
from ef21lab.runs.names import drawn_as, title
from ef21lab.runs.planned import Planned, plan
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.tuned import candidates
from ef21lab.steps.base import Step, steps
from ef21lab.ui.experiment import swatch
from ef21lab.ui.kit import forms
from ef21lab.ui.kit.glossary import defined
from ef21lab.ui.kit.language import count, number, plain, say
from ef21lab.ui.kit.link import Link

DOUBLE = "double"  # the menu of who can be doubled
BUDGET, KEPT = "equal.bits", "equal.kept"  # the controls of the equal budget; in no address, since what they did is

PLAIN = RunSpec.make({}).algorithm


@dataclass(frozen=True)
class Contender:
    """A run that races, or the reason why it cannot."""

    letter: str
    planned: Planned  # with a tuned step, the shortest of its candidates
    head: DeltaGenerator | None = field(default=None, compare=False, repr=False)  # the place of its name, above its controls
    asked: RunSpec | None = None  # with a tuned step, what stands for all candidates

    @property
    def spec(self) -> RunSpec:
        return self.asked or self.planned.spec

    @property
    def can_race(self) -> bool:
        return self.planned.reason is None


class Cost(NamedTuple):
    """What a round costs a node, and how many times less than an uncompressed one."""

    bits: float
    floats: float
    ratio: float


def race(shared: RunSpec, facts: Facts, link: Link) -> list[Contender]:
    """The controls of all contenders, and the runs that they make of the one from which they differ."""
    letters = letters_that_race(link)
    context = forms.Context(link, facts.d, facts.layout)
    racing = [_contender(letter, letters, shared, facts, context) for letter in letters]
    one_more(letters, racing)
    _equal_budget(racing, facts, link)
    link.hold(RACE, letters, FIRST)
    return racing


def enter(compressor: Compressor, origin: RunSpec | None = None) -> None:
    """Put this operator into the race, beside the others or, where they are six, in place of the last; with the data of `origin`.

    For callbacks, before the page is drawn.
    """
    letters = Link.shows(RACE) or FIRST
    own = next((letter for letter in LETTERS if letter not in letters), letters[-1])
    posed = codes("dataset", origin.dataset) | codes("partition", origin.partition) if origin else {}
    Link.put({**posed, **codes(own, compressor), RACE: "".join(sorted({*letters, own}))})


def name_panels(racing: Sequence[Contender], drawn: Sequence[Contender]) -> None:
    """Put the name of each contender, method and all, at the head of its controls; beside it a piece of its line if it is drawn."""
    lines: dict[str, Line] = {}
    for contender, line in zip(drawn, lines_of(drawn), strict=True):
        lines.setdefault(contender.spec.key, line)  # doubles are one run, drawn once
    for contender in racing:
        if contender.head:
            swatch.head(contender.head, title(contender.spec, in_full=True), lines.get(contender.spec.key))


@lru_cache(maxsize=1024)
def cost_of(compressor: Compressor, d: int, algorithm: Algorithm = PLAIN) -> Cost:
    """What a node sends in a round of a method; plain EF21 sends one message."""
    bits, floats = algorithm.cost(compressor, d)
    return Cost(bits, floats, Identity().cost(d)[0] / bits)


def lines_of(racing: Sequence[Contender]) -> list[Line]:
    """Their lines, told apart among themselves."""
    return lines([drawn_as(contender.spec) for contender in racing])


def one_more(letters: str, racing: Sequence[Contender]) -> None:
    """Two ways to another contender: the next of the ready ones, or the double of one that races."""
    unused = next((letter for letter in LETTERS if letter not in letters), None)
    if unused is None:
        return
    more = "".join(sorted(letters + unused))
    letter_of = {plain(title(contender.spec, in_full=True)): contender.letter for contender in racing}  # doubles have one name
    with st.container(horizontal=True):
        words = say(Text("Add a contender", "Добавить участника"))
        st.button(
            say(Text("Add", "Добавить")),
            key="add",
            icon=":material/add:",
            help=words,
            width="stretch",
            on_click=_show,
            args=(more,),
            disabled=Link.locks(RACE),
        )
        words = say(Text("Duplicate", "Дублировать"))
        st.menu_button(
            words, list(letter_of), key=DOUBLE, width="stretch", on_click=_double, args=(letter_of, unused, more), disabled=Link.locks(RACE)
        )


def _double(letter_of: dict[str, str], letter: str, letters: str) -> None:
    """Give a new contender the settings of the one that was chosen."""
    Link.copy(letter_of[str(st.session_state[DOUBLE])], letter)
    _show(letters)


def _equal_budget(racing: Sequence[Contender], facts: Facts, link: Link) -> None:
    """One number of bits a round for all contenders: each takes the strongest setting that it can afford."""
    d = facts.d
    with st.popover(say(Text("Equal budget", "Равный бюджет")), icon=":material/balance:", width="stretch"):
        st.caption(say(EQUAL_BUDGET))
        grid = forms.growing(8, 40 * d)
        asked = link.current(BUDGET, 8 * d, Integer(same(""), same(""), 8, 64_000_000))
        at = link.at(BUDGET, min(grid, key=lambda bits: abs(bits - asked)))
        words = say(Text("Bits of one message", "Бит на сообщение"))
        labels = {bits: plain(count(bits)) for bits in grid}
        bits = st.select_slider(words, grid, **at, format_func=labels.__getitem__)
        link.keep(BUDGET, bits)
        still = link.current(KEPT, "off", Choice(same(""), same(""), dict.fromkeys(("on", "off"), same("")))) in (True, "on")
        kept = st.checkbox(say(Text("Keep the folds", "Не менять форму тензоров")), **link.at(KEPT, still), help=say(FOLDS_KEPT))
        link.keep(KEPT, kept)
        words = say(Text("Apply to all", "Применить ко всем"))
        st.button(words, on_click=_equalise, args=(racing, facts, bits, kept), width="stretch")


def _equalise(racing: Sequence[Contender], facts: Facts, bits: int, kept: bool) -> None:
    for contender in racing:
        if not contender.can_race:
            continue
        own = contender.planned.compressor
        bought = affordable(own if kept else unfolded(own), facts.d, float(bits), tuple(map(tuple, facts.layout)))
        if bought is not None:
            forms.put(contender.letter, bought)


def letters_that_race(link: Link) -> str:
    """Those of the contenders that race; what the link gets wrong is said."""
    letters, complaint = letters_of(link.asked(RACE) or FIRST)
    if complaint:
        link.complain(RACE, complaint)
        Link.put({RACE: letters})
    return letters


def _show(letters: str) -> None:
    Link.put({RACE: letters})


def _contender(letter: str, letters: str, shared: RunSpec, facts: Facts, context: forms.Context) -> Contender:
    start = start_of(letter, shared.objective)
    with card(letter):
        head, compressor = operator(letter, letters, compressors.make(start["compressor"]), context)
        step, algorithm = _method(letter, start, shared.objective, context)
        asked = replace(shared, compressor=compressor, step=step, algorithm=algorithm)
        runs = candidates(asked)
        contender = Contender(letter, plan(runs[0], facts), head, asked)
        _certificate(contender.planned, longest=plan(runs[-1], facts) if len(runs) > 1 else None)
    return contender


def _method(letter: str, start: dict[str, Json], objective: Objective, context: forms.Context) -> tuple[Step, Algorithm]:
    """The step multiple in sight; the rule, what else it asks, and the method folded away."""
    step_default = steps.make(start["step"])
    shown, hidden = st.container(), st.expander(say(Text("Method and step", "Метод и шаг")))
    with hidden:
        algorithm = forms.member(algorithms, f"{letter}.method", PLAIN, context, label=LABELS["algorithm"])
        rule = forms.menu(steps, f"{letter}.step", step_default, context, label=LABELS["step"], then=_around(letter, objective))
    with shown if "multiple" in rule.fields() else hidden:
        return forms.fields(rule, f"{letter}.step", step_default, context), algorithm


def _around(letter: str, objective: Objective) -> Callable[[str], None]:
    """Who chooses a tuned step gets the grid that goes with the objective."""

    def chosen(rule: str) -> None:
        if rule == (grid := steps.make(tuned_for(objective))).name:
            forms.put(f"{letter}.step", grid)

    return chosen


def _certificate(run: Planned, longest: Planned | None = None) -> None:
    """α, γ, floats and bits per round, at once; of a grid of steps from where to where they go."""
    if run.reason is not None:
        st.warning(say(NOT_APPLICABLE.format(reason=run.reason)))
        return
    compressor, d = run.compressor, run.facts.d
    alpha = compressor.alpha(d)
    cost = cost_of(compressor, d, run.spec.algorithm)
    words = Text(
        "**{certified}** · γ = {gamma}  \n{floats:float|floats} · {bits:bit|bits} a round · compression {ratio}×",
        "**{certified}** · γ = {gamma}  \n{floats:число|числа|чисел} · {bits:бит|бита|бит} за раунд · сжатие в {ratio:раз|раза|раз}",
    ).format(
        certified=NO_CERTIFICATE if alpha is None else same("α = ") + number(alpha),
        gamma=number(run.gamma) if longest is None or longest.reason else GRID.format(shortest=run.gamma, longest=longest.gamma),
        floats=round(cost.floats),
        bits=round(cost.bits),
        ratio=cost.ratio,
    )
    told = joined([defined("α", "γ"), compressor.alpha_reason(d), run.source], "\n\n")
    st.caption(say(words), help=say(told))
    if alpha is None:
        st.caption(say(compressor.alpha_reason(d)))
    elif not run.is_proved:
        st.caption(say(run.source))
    if run.facts.smoothness is not None and run.gamma * run.facts.L > STEEPEST:
        st.caption(say(TOO_STEEP.format(product=run.gamma * run.facts.L)))


def card(letter: str) -> DeltaGenerator:
    """The frame around the form of one contender."""
    return st.container(border=True, key=f"contender-{letter}")


def operator(letter: str, letters: str, default: Compressor, context: forms.Context) -> tuple[DeltaGenerator, Compressor]:
    """The upper part of such a form: room for the contender's name beside the button that takes it out, and its compressor."""
    with st.container(horizontal=True, vertical_alignment="center"):
        head = st.container()
        _remove_button(letter, letters)
    return head, forms.fields(forms.menu(compressors, letter, default, context), letter, default, context)


def _remove_button(letter: str, letters: str) -> None:
    """Takes this contender out of the race; the last one stays."""
    st.button(
        "",
        key=f"remove.{letter}",
        icon=":material/close:",
        help=say(Text("Remove this contender", "Убрать участника")),
        disabled=len(letters) == 1 or Link.locks(RACE),
        type="tertiary",
        on_click=_show,
        args=(letters.replace(letter, ""),),
    )


EQUAL_BUDGET = Text(
    "Each contender gets the setting with the largest certified α whose message fits, over all ranks and folds of its tensor (where "
    "nothing is certified, by the constant that scales the step). One that has no setting so cheap keeps its own.",
    "Каждый участник получает настройку с наибольшей гарантированной α, сообщение которой укладывается в бюджет; перебираются ранги и "
    "формы тензора (где гарантии нет, сравниваются константы, по которым взят шаг). Кому не хватает, тот остаётся при своей.",
)
FOLDS_KEPT = Text(
    "Only the ranks are searched, in the fold that each contender has now.",
    "Подбираются только ранги, форма у каждого участника остаётся нынешней.",
)
GRID = Text("{shortest} … {longest}", "{shortest} … {longest}")
STEEPEST = 2.0  # of γL: at a longer step x − γ∇f(x) may lie higher than x, whatever is compressed
TOO_STEEP = Text(
    "γL = {product}, above 2: at such a step even exact gradients may lead uphill, and the curve may lie flat or leave the picture",
    "γL = {product}, больше 2: при таком шаге и точные градиенты могут вести вверх, а кривая — лежать плашмя или уйти за край графика",
)
NOT_APPLICABLE = Text("Not applicable: {reason}", "Неприменимо: {reason}")
NO_CERTIFICATE = Text("α: no certificate", "α: гарантии нет")
