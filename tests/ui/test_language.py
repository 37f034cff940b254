"""The page speaks what its visitor chose, else what the link says, else what the browser speaks."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from streamlit.testing.v1 import AppTest


def greeting() -> None:
    import streamlit as st

    from ef21lab.choices.text import Text
    from ef21lab.ui.kit import language

    language.switch()
    st.text(language.say(Text("hello", "привет")))
    st.session_state["by hand"] = language.chosen_by_hand()


def spoken(browser: str | None, link: str | None = None, choice: str | None = None) -> tuple[str, bool]:
    app = AppTest.from_function(greeting, default_timeout=120)
    if link:
        app.query_params["lang"] = link
    with patch("streamlit.context", type("Context", (), {"locale": browser})):
        app.run()
        if choice:
            app.segmented_control(key="lang").set_value(choice).run()
    return app.text[0].value, app.session_state["by hand"]


@pytest.mark.parametrize(
    ("browser", "words"), [("en-US", "hello"), ("ru-RU", "привет"), ("ru", "привет"), ("de", "hello"), (None, "hello"), ("", "hello")]
)
def test_the_browser_speaks_first(browser: str | None, words: str) -> None:
    assert spoken(browser) == (words, False)


def test_the_link_goes_before_the_browser() -> None:
    assert spoken("en-US", link="ru") == ("привет", True)


def test_the_choice_goes_before_the_link() -> None:
    assert spoken("en-US", link="ru", choice="en") == ("hello", False)


def test_an_unknown_language_in_a_link_is_english() -> None:
    assert spoken("ru-RU", link="<script>")[0] == "hello"
