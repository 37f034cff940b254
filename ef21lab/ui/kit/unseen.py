"""What a link hides: rules of style, so that a control that nobody sees goes on saying what the link has it say."""

from __future__ import annotations

import re
from collections.abc import Iterable

import streamlit as st

SIDEBAR = '[data-testid="stSidebar"], [data-testid="stExpandSidebarButton"]'
PLACES = {  # of what is no widget by this name
    "sidebar": SIDEBAR,
    "pages": '[data-testid^="stTopNav"]',
    "buttons": ".ef21-toolbar",
    "messages": ".ef21-errors, .ef21-pictures",
    "code": ".st-key-take-open",
    "teach": ".st-key-teach-open",
    "goal": ".ef21-goal",
    "race": '.st-key-add, .st-key-double, [class*="st-key-remove-"]',
    **{letter: f".st-key-contender-{letter}" for letter in "abcdef"},
}


def hide(names: Iterable[str]) -> None:
    """Draw none of the controls that have these names or stand under them, and none of these parts of the page."""
    if rules := ", ".join(filter(None, map(_place, names))):
        st.html(f"<style>{rules} {{ display: none !important; }}</style>")


def _place(name: str) -> str:
    """Streamlit gives a widget a class by its key, with a hyphen for every sign that is no letter, figure, hyphen or underscore."""
    key = re.sub(r"[^a-zA-Z0-9_-]", "-", name)
    own = f'.st-key-{key}, [class*="st-key-{key}-"]'
    return f"{own}, {PLACES[name]}" if name in PLACES else own
