"""The language of the page: what the visitor chose, else what the link says, else what the browser speaks."""

from __future__ import annotations

import math
from typing import get_args

import streamlit as st

from ef21lab.text import Language, Text, same
from ef21lab.ui import visit

KEY = visit.LANGUAGE
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
NAMES: dict[str, str] = {"en": "English", "ru": "Русский"}


def current() -> Language:
    """The language of this run of the page."""
    tab = visit.current()
    chosen = st.session_state.get(tab.name(KEY)) or tab.memory.get(KEY) or st.query_params.get(KEY) or _of_browser()
    return "ru" if chosen == "ru" else "en"


def say(text: Text) -> str:
    """The text in the language of this run."""
    return text(current())


def count(value: float) -> Text:
    """A whole number with its thousands set apart as each language does; a longer one than anybody reads is said to three digits."""
    if not abs(value) < 1e15:
        return number(value)
    return Text(f"{value:,.0f}", f"{value:,.0f}".replace(",", "\u202f"))


def number(value: float) -> Text:
    """A number to three digits: 0.166, 1.28·10⁻³, ∞; a dash for what is not a number."""
    if not math.isfinite(value):
        return same("—" if math.isnan(value) else "∞" if value > 0 else "−∞")
    digits = f"{value:.3g}"
    if "e" in digits:
        mantissa, power = digits.split("e")
        digits = f"{mantissa}·10{str(int(power)).translate(SUPERSCRIPTS)}"
    return Text(digits, digits.replace(".", ","))


def switch() -> None:
    """The English | Русский control."""
    name = visit.current().name(KEY)
    st.segmented_control(
        "Language · Язык",
        get_args(Language),
        default=current(),
        key=name,
        format_func=NAMES.__getitem__,
        label_visibility="collapsed",
        required=True,
    )
    visit.current().note(KEY, current(), (name,))


def chosen_by_hand() -> bool:
    """Whether the page speaks another language than the browser: then the link says so."""
    return current() != _of_browser()


def _of_browser() -> Language:
    return "ru" if (st.context.locale or "").startswith("ru") else "en"
