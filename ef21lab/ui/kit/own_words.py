"""Streamlit's own words inside its controls, which it writes in English only: on a Russian page others are drawn in their place."""

from __future__ import annotations

import streamlit as st

from ef21lab.choices.text import Language, Text

WORDS: dict[str, Text] = {
    '[data-testid="stFileUploaderDropzone"] button [data-testid="stMarkdownContainer"]': Text("Upload", "Выбрать файл"),
    '[data-testid="stFileUploaderDropzoneInstructions"]': Text("or drop it here", "или перетащите его сюда"),
    '[data-testid="InputInstructions"]': Text("Press Enter to apply", "Enter — применить"),
    '.rc-overflow-item-rest [data-testid="stMarkdownContainer"]': Text("more", "ещё"),
}


def translate(language: Language) -> None:
    """Draw these words in the page's language; English ones are Streamlit's own."""
    if language != "en":
        rules = "\n".join(_rule(place, words(language)) for place, words in WORDS.items())
        st.html(f"<style>\n{rules}\n</style>")


def _rule(place: str, words: str) -> str:
    hidden = f"{place}, {place} * {{ font-size: 0 !important; }}"
    return f'{hidden}\n{place}::after {{ content: "{words}"; font-size: 0.875rem; }}'
