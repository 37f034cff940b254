"""A vector from the problem of the experiment page: the problem's own controls, and which of its vectors is meant."""

from __future__ import annotations

import streamlit as st

from ef21lab.address.controls import VIEW
from ef21lab.choices.fields import Integer, Layout
from ef21lab.choices.text import Text
from ef21lab.ui.experiment import problem
from ef21lab.ui.kit import forms
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.vectors.from_experiment import FromExperiment

KEY = f"vector.{FromExperiment.name}"
PARTS = ("dataset", "partition", "objective", "start", "held_out", "held_out_seed")  # of the problem


def controls(link: Link) -> FromExperiment | None:
    """The vector; or on the page why there is no such problem, and None."""
    posed = problem.controls(link)
    facts = problem.facts(posed)
    if facts is None:
        return None
    link.follow(f"{KEY}.node")
    context, declared, usual = forms.Context(link), FromExperiment.fields(), FromExperiment.defaults()
    layer = _layer(facts.layout, link)
    assert isinstance(declared["node"], Integer)
    nodes = forms.bounded(declared["node"], 0, facts.nodes - 1)
    node = forms.control(f"{KEY}.node", nodes, _seen("node", link, facts.nodes), context)
    round = forms.control(f"{KEY}.round", declared["round"], usual["round"], context)
    return FromExperiment(**{name: getattr(posed, name) for name in PARTS}, node=node, round=round, layer=layer)


def _layer(layout: Layout, link: Link) -> int:
    """Of one tensor there is no choice."""
    field, usual = FromExperiment.fields()["layer"], _seen("layer", link, len(layout)) + 1  # there −1 is all of x
    link.follow(f"{KEY}.layer")
    current = int(link.current(f"{KEY}.layer", usual, field))
    current = current if current <= len(layout) else usual
    if len(layout) > 1:
        shapes = {at: f"{at}: {' × '.join(map(str, shape))}" for at, shape in enumerate(layout, start=1)}
        labels = {**shapes, 0: plain(WHOLE)}
        at = link.among(f"{KEY}.layer", current, labels)
        current = int(st.selectbox(say(field.label), list(labels), **at, format_func=labels.__getitem__))
    link.hold(f"{KEY}.layer", current, usual)
    return current


def _seen(picked: str, link: Link, count: int) -> int:
    """Which of so many was picked on the experiment page; the first where it was none of them."""
    found = int(link.first(picked, 0, VIEW[picked].field))
    return found if found < count else 0


WHOLE = Text("the whole vector", "весь вектор")
