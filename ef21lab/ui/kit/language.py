"""The language of the page: what the visitor chose, else what the link says, else what the browser speaks."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from ef21lab.address.controls import LANGUAGE
from ef21lab.choices.text import Language, Text, count, number
from ef21lab.ui.kit import visit

__all__ = ["KEY", "chosen_by_hand", "count", "current", "number", "plain", "say", "switch"]

KEY = LANGUAGE
NAMES: dict[str, str] = {"en": "English", "ru": "Русский"}


def current() -> Language:
    """The language of this run of the page."""
    tab = visit.current()
    if tab.spoken is None:
        chosen = st.session_state.get(tab.name(KEY)) or tab.memory.get(KEY) or st.query_params.get(KEY) or _of_browser()
        tab.spoken = "ru" if chosen == "ru" else "en"
    return tab.spoken


def say(text: Text) -> str:
    """The text in the language of this run, for what Streamlit reads as Markdown: nearly everything but the options of a menu."""
    return text.markdown(current())


def plain(text: Text) -> str:
    """The text in the language of this run, for what is shown as it stands: options of a menu, figures, the browser's own views."""
    return text(current())


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
