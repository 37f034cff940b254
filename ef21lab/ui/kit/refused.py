"""Why something is not on the page: what is wrong, or that it is not there yet; then the page looks again by itself."""

from __future__ import annotations

import itertools

import streamlit as st

from ef21lab.choices.text import Refusal
from ef21lab.jobs.knowledge import NotReady
from ef21lab.ui.kit.language import say

AGAIN = 1.0  # seconds until a page asks anew for what was not there in time


def tell(refusal: Refusal, words: str = "") -> None:
    """The reason, or what `words` make of it. For what comes late nobody need ask again: the page is drawn anew until it is there."""
    words = words or say(refusal.text)
    if not isinstance(refusal, NotReady):
        st.error(words)
        return
    st.info(words, icon=":material/hourglass_top:")
    looks = itertools.count()

    @st.fragment(run_every=AGAIN)
    def look_again() -> None:
        if next(looks):  # the first is the drawing of this very page
            st.rerun()

    look_again()
