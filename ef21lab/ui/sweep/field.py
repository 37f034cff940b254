"""The contenders of a sweep: those of the experiment page, each with its compressor and method, and the strengths that it will have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from ef21lab.address.controls import FIRST, LABELS, LETTERS, RACE, START
from ef21lab.algorithms.base import algorithms
from ef21lab.choices.text import Text, joined, same
from ef21lab.compressors.base import Compressor, compressors
from ef21lab.problems.base import Facts
from ef21lab.runs.names import contender_named, strength_named
from ef21lab.runs.planned import plan
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.experiment import swatch
from ef21lab.ui.experiment.contenders import NOT_APPLICABLE, PLAIN, Contender, card, letters_that_race, lines_of, one_more, operator
from ef21lab.ui.kit import forms
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link
from ef21lab.ui.sweep.asked import Entrant, Ranges, round_bits, strengths


def controls(shared: RunSpec, facts: Facts, ranges: Ranges, link: Link) -> list[Contender]:
    """The forms of all contenders; of each the run at its least strength, or why it cannot take part."""
    letters = letters_that_race(link)
    context = forms.Context(link, facts.d, facts.layout)
    racing = [_contender(letter, letters, shared, facts, ranges, context) for letter in letters]
    one_more(letters, racing)
    link.hold(RACE, letters, FIRST)
    link.carry(_is_of_the_experiment_page)
    _name(racing)
    return racing


def entrants(racing: Sequence[Contender]) -> tuple[Entrant, ...]:
    """Those that can take part."""
    return tuple(Entrant(one.letter, one.spec.compressor, one.spec.algorithm) for one in racing if one.can_race)


def _name(racing: Sequence[Contender]) -> None:
    """The name of each at the head of its form, beside a piece of its line."""
    lines = dict(zip([one.letter for one in racing if one.can_race], lines_of([one for one in racing if one.can_race]), strict=True))
    for one in racing:
        if one.head:
            swatch.head(one.head, contender_named(one.spec), lines.get(one.letter))


def _is_of_the_experiment_page(key: str) -> bool:
    """A contender's own step has its control there; here all have the same range. So have the contenders that do not race now."""
    return key.partition(".")[0] in LETTERS


def _contender(letter: str, letters: str, shared: RunSpec, facts: Facts, ranges: Ranges, context: forms.Context) -> Contender:
    with card(letter):
        head, compressor = operator(letter, letters, compressors.make(START[letter]["compressor"]), context)
        with st.expander(say(LABELS["algorithm"])):
            algorithm = forms.member(algorithms, f"{letter}.method", PLAIN, context, label=LABELS["algorithm"])
        planned = plan(replace(shared, compressor=compressor, algorithm=algorithm), facts)
        if planned.reason is not None:
            st.warning(say(NOT_APPLICABLE.format(reason=planned.reason)))
        else:
            _told(strengths(Entrant(letter, compressor, algorithm), ranges, facts), planned.spec, facts)
    return Contender(letter, planned, head)


def _told(found: Sequence[Compressor], spec: RunSpec, facts: Facts) -> None:
    """Which strengths it will have, and what each costs a node."""
    bits = [same("{bits}").format(bits=round(round_bits(one, spec.algorithm, facts))) for one in found]
    rungs = joined([strength_named(one, found) for one in found], ", ")
    st.caption(say(STRENGTHS.format(rungs=rungs, bits=joined(bits, " · ")) if len(found) > 1 else ALONE.format(bits=bits[0])))


STRENGTHS = Text("{rungs}  \nbits a round: {bits}", "{rungs}  \nбит за раунд: {bits}")
ALONE = Text("Bits a round: {bits}", "Бит за раунд: {bits}")
