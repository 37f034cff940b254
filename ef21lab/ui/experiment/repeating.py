"""Repeats: every contender from several starts, so that a lucky one decides nothing."""

from __future__ import annotations

import streamlit as st

from ef21lab.address.controls import REPEATS, VIEW
from ef21lab.choices.text import Text
from ef21lab.runs.repeats import SEED
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.kit.language import count, plain, say
from ef21lab.ui.kit.link import Link

KEY = "repeats"  # its word in the address


def controls(posed: RunSpec, link: Link) -> int:
    """How often every contender runs; 1 is once, with the seeds as they are."""
    field, default = VIEW[KEY]
    labels = {n: plain(count(n)) for n in REPEATS}
    current = int(str(link.current(KEY, default, field)))
    n = int(st.select_slider(say(field.label), REPEATS, **link.at(KEY, current), format_func=labels.__getitem__, help=say(field.about)))
    link.hold(KEY, str(n), default)
    if n > 1 and SEED not in type(posed.start).fields():
        st.caption(say(SAME_START.format(start=posed.start.label)))
    return n


SAME_START = Text(
    "x⁰ ({start}) is the same in every repeat: they differ only in what is drawn at random.",
    "x⁰ ({start}) во всех повторах один и тот же: они различаются только тем, что берётся случайно.",
)
