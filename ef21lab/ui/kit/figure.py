"""A figure on a page, in the page's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from ef21lab.plots.locale import config
from ef21lab.ui.kit import language

CLEAR = "rgba(0,0,0,0)"
FONT = '"Source Sans", sans-serif'


def draw(key: str, figure: go.Figure, on_select: Callable[[], None] | None = None) -> None:
    """Show a figure on the ground and in the letters of the page; `key` is its widget's, `on_select` is called when a point is picked."""
    figure.update_layout(paper_bgcolor=CLEAR, plot_bgcolor=CLEAR, font_family=FONT)
    picks: dict[str, Any] = {"on_select": on_select, "selection_mode": "points"} if on_select else {}
    st.plotly_chart(figure, theme=None, key=key, config=config(language.current()), **picks)
