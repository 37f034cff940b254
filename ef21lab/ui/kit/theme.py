"""The theme of the page, for figures that are drawn in it."""

from __future__ import annotations

import streamlit as st

from ef21lab.plots.figures import Theme


def theme() -> Theme:
    """The theme the visitor sees."""
    return "dark" if st.context.theme.type == "dark" else "light"
