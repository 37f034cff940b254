"""A figure on a page, in the page's language."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from ef21lab.plots.locale import config
from ef21lab.ui.kit import language


def draw(key: str, figure: go.Figure) -> None:
    """Show a figure; `key` is its widget's."""
    st.plotly_chart(figure, theme=None, key=key, config=config(language.current()))
