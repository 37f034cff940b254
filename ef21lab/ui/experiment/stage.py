"""For the screen of a lecture room: chart, verdict and caption alone, in large type."""

from __future__ import annotations

import streamlit as st

from ef21lab.address.controls import PAGE, PRESENTED, SLIDE
from ef21lab.ui.kit import unseen
from ef21lab.ui.kit.link import Link

SEEN = '.ef21-live, [data-testid="stAlert"]'
STYLE = f"""<style>
{unseen.SIDEBAR}, [data-testid="stHeader"], [data-testid="stToolbar"] {{ display: none !important; }}
[data-testid="stMainBlockContainer"] {{ padding: 0.75rem clamp(0.5rem, 1.5vw, 2rem) 0.5rem; }}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] > *:not(:has({SEEN})) {{ display: none; }}
</style>"""


def presents(link: Link) -> bool:
    """Whether the page is for the screen now; its style then stands on it."""
    shown = link.asked(PRESENTED) == SLIDE
    if shown:
        st.html(STYLE)
    return shown


def leave() -> None:
    """Show the whole page again; for callbacks."""
    Link.put({PRESENTED: PAGE})


def stays() -> bool:
    """Whether the link does not let go of this view."""
    return Link.locks(PRESENTED)
