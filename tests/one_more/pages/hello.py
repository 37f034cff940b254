"""A page in one file."""

import streamlit as st

from ef21lab.choices.text import Text
from ef21lab.ui.kit.language import say

TITLE = Text("Hello", "Привет")
ICON = ":material/waving_hand:"
ORDER = 90


def render() -> None:
    st.write(say(TITLE))


if __name__ in ("__main__", "__page__"):
    render()
