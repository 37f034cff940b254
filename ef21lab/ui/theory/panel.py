"""The pieces of the theory page: the curves of the theorems, and what is certified for every compressor and every method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import streamlit as st

from ef21lab.algorithms.base import Algorithm, StepSize, algorithms
from ef21lab.choices.text import Refusal, Text, joined, same
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.plots import theory as figures
from ef21lab.problems.base import NO_L, Facts
from ef21lab.runs.names import named, titles
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.steps.base import Step, TheoremStep, steps
from ef21lab.ui.experiment.contenders import Contender, cost_of, lines_of
from ef21lab.ui.kit import language
from ef21lab.ui.kit import table as markdown
from ef21lab.ui.kit.figure import draw
from ef21lab.ui.kit.glossary import defined
from ef21lab.ui.kit.language import count, number, plain, say
from ef21lab.ui.kit.theme import theme

NOTHING = same("—")
RULES = tuple(
    steps.make(name) for name, member in steps.members.items() if issubclass(member, TheoremStep)
)  # the method's own theorem first


class Certificate(NamedTuple):
    """What is known of a compressor on vectors of length d; `alpha` is None where nothing is certified, and `source` says why."""

    compressor: Compressor
    racing: bool
    alpha: float | None
    omega: float | None
    bits: float
    floats: float
    source: Text


class Allowed(NamedTuple):
    """What a theorem about a method allows on this problem, or why the method or the theorem makes no sense there."""

    algorithm: Algorithm
    rule: Step
    racing: bool
    gamma: float | None
    proved: bool
    words: Text  # where the step comes from, or the reason


def curves(racing: Sequence[Contender], facts: Facts) -> None:
    """α → θ, β and the step, with the contenders that have a certificate; the others are named."""
    able = [contender for contender in racing if contender.can_race]
    found, marks = constants(facts), marks_of(able, facts.d)
    left, right = st.container(), st.container()
    if found is None:
        left.markdown(say(NO_L))
    else:
        words = CONSTANTS.format(L=number(found.L), tilde=number(found.L_tilde), bar=number(found.L_bar), mu=_mu(found.mu))
        st.markdown(say(words), help=say(defined("L", "L̃", "L̄")))
        left, right = st.columns(2)
        with right:
            draw("theory-steps", figures.steps(found, marks, language.current(), theme()))
    with left:
        draw("theory-contraction", figures.contraction(marks, language.current(), theme()))
    names = titles([contender.spec for contender in able])
    unmarked = [name for contender, name in zip(able, names, strict=True) if not _is_certified(contender, facts.d)]
    if unmarked:
        st.caption(say(UNMARKED.format(names=joined(unmarked, "; "))))


def certificates(racing: Sequence[Contender], facts: Facts) -> None:
    """The table of certificates, all compressors of the lab on this problem's vectors."""
    rows = [_certificate_row(found) for found in certified(racing, facts)]
    table("certificates", Text("compressor", "компрессор") + CERTIFICATE_HEAD, "lrrrrl", rows)


def methods(contender: Contender, facts: Facts) -> None:
    """What the theorem of every method allows with this contender's compressor."""
    rows = [_method_row(found, facts) for found in allowed(contender, facts)]
    table("methods", METHOD_HEAD, "lrrl", rows)


def table(key: str, head: Text, sides: str, rows: Sequence[Sequence[Text]]) -> None:
    """A table whose last column holds sentences: it takes what the others leave, and on a phone, where it keeps its width, scrolls."""
    with st.container(key=f"table-{key}"):
        last = f".st-key-table-{key} td:last-child"
        st.html(f"<style>{last} {{ min-width: 9rem; }} @media (max-width: 40rem) {{ {last} {{ min-width: 17rem; }} }}</style>")
        st.markdown(markdown.table(head, sides, rows, language.current()))


def constants(facts: Facts) -> figures.StepConstants | None:
    """None where no L is known."""
    if facts.smoothness is None or facts.node_smoothness is None:
        return None
    return figures.StepConstants(facts.smoothness, facts.L_tilde, facts.L_bar, facts.mu, facts.L_max, facts.common_mu)


def marks_of(able: Sequence[Contender], d: int) -> list[figures.Mark]:
    """The contenders that have an α, in the colours of the experiment."""
    marks = []
    for contender, name, style in zip(able, titles([contender.spec for contender in able]), lines_of(able), strict=True):
        planned = contender.planned
        alpha = planned.compressor.received_alpha(d)
        if alpha is not None:
            proved = planned.allowed.gamma if isinstance(planned.allowed, StepSize) and planned.is_proved else None
            marks.append(figures.Mark(plain(name), alpha, proved, planned.gamma, style))
    return marks


def _is_certified(contender: Contender, d: int) -> bool:
    return contender.planned.compressor.received_alpha(d) is not None


def certified(racing: Sequence[Contender], facts: Facts) -> list[Certificate | tuple[Compressor, Text]]:
    """Every compressor, as it races or else with its defaults; one that cannot take such vectors comes with its reason."""
    found: list[Certificate | tuple[Compressor, Text]] = []
    for name in compressors.members:
        own = list(dict.fromkeys(contender.spec.compressor for contender in racing if contender.spec.compressor.name == name))
        found += [_certified(compressor, facts, racing=bool(own)) for compressor in own or [compressors.make(name)]]
    return found


def allowed(contender: Contender, facts: Facts) -> list[Allowed]:
    """Every method by its own theorem, the contender's own with its settings; then by every other theorem that has a step for it.

    Of the contender's own method also the theorems that have none, with the reason.
    """
    own = contender.spec.algorithm
    candidates = [own if own.name == name else algorithms.make(name) for name in algorithms.members]
    found = [_allowed(replace(contender.spec, algorithm=one, step=rule), facts, racing=one is own) for one in candidates for rule in RULES]
    return [one for one in found if one.gamma is not None or one.racing or one.rule == RULES[0]]


def _certified(compressor: Compressor, facts: Facts, *, racing: bool) -> Certificate | tuple[Compressor, Text]:
    d = facts.d
    try:
        fitted = compressor.fitted(facts.layout)
        if reason := fitted.misfit(d):
            return fitted, reason
        cost = cost_of(fitted, d)
        return Certificate(fitted, racing, fitted.alpha(d), fitted.omega(d), cost.bits, cost.floats, fitted.alpha_reason(d))
    except Refusal as refusal:
        return compressor, refusal.text


def _allowed(spec: RunSpec, facts: Facts, *, racing: bool) -> Allowed:
    found = plan(spec, facts)
    gamma = found.allowed.gamma if isinstance(found.allowed, StepSize) else None
    return Allowed(spec.algorithm, spec.step, racing, gamma, found.is_proved, found.source)


def _certificate_row(found: Certificate | tuple[Compressor, Text]) -> list[Text]:
    if not isinstance(found, Certificate):
        compressor, reason = found
        return [named(compressor), NOTHING, NOTHING, NOTHING, NOTHING, reason]
    alpha = NONE if found.alpha is None else number(found.alpha)
    omega = NOTHING if found.omega is None else number(found.omega)
    return [_emphasised(named(found.compressor), found.racing), alpha, omega, count(found.bits), count(found.floats), found.source]


def _method_row(found: Allowed, facts: Facts) -> list[Text]:
    rule = same("") if found.rule == RULES[0] else same(", ") + found.rule.label
    label = _emphasised(found.algorithm.label + rule, found.racing)
    if found.gamma is None:
        return [label, NOT_APPLICABLE, NOTHING, found.words]
    words = found.words if found.proved else NO_THEOREM + found.words
    return [label, number(found.gamma), NOTHING if facts.smoothness is None else number(found.gamma * facts.smoothness), words]


def _emphasised(words: Text, racing: bool) -> Text:
    return same("**") + words + same("**") if racing else words


def _mu(mu: float | None) -> Text:
    return NO_MU if mu is None else number(mu)


CONSTANTS = Text(
    "On this problem $L$ = {L}, $\\tilde L$ = {tilde}, $\\bar L$ = {bar}, $\\mu$: {mu}.",
    "У этой задачи $L$ = {L}, $\\tilde L$ = {tilde}, $\\bar L$ = {bar}, $\\mu$: {mu}.",
)
NO_MU = Text("none is known, so there is no linear rate", "неизвестна, поэтому линейной скорости нет")
UNMARKED = Text("Not on the curves, for their α is not certified: {names}.", "На кривых нет участников без гарантированной α: {names}.")
NONE = Text("none", "нет")
CERTIFICATE_HEAD = Text(
    " | α | ω | bits | floats | where α comes from, or why there is none", " | α | ω | биты | числа | откуда α или почему её нет"
)
METHOD_HEAD = Text("method | γ | γL | where the step comes from, or the reason", "метод | γ | γL | откуда шаг или в чём причина")
NOT_APPLICABLE = Text("not applicable", "неприменим")
NO_THEOREM = Text("Nothing is promised: ", "Ничего не обещано: ")
